"""SEC's bulk archives in place of its API: the documents of the watchlist's companies in a zip."""

from collections.abc import Iterator, Sequence

from connectors.errors import NotFoundError
from connectors.http import HttpClient, Response
from connectors.records import Parsed
from connectors.sec import FACTS, fetch, parse
from connectors.sec.bulk import BulkArchive
from flows.night.open import Night
from flows.night.targets import Target
from flows.sources.sec import checked, registrants
from flows.sources.subject import Source, Subject


def bulk_source(archive: BulkArchive) -> Source:
    """A source named sec whose answers come from the archive."""
    holds_facts = archive.holds_facts

    def subjects(night: Night) -> Iterator[Subject]:
        stopped: set[str] = set()
        for target, cik in registrants(night):
            yield _subject(night, archive, holds_facts, target, cik, stopped)

    return Source("sec", "filings", (), subjects, lambda night: len(list(registrants(night))))


def _subject(
    night: Night,
    archive: BulkArchive,
    holds_facts: bool,
    target: Target,
    cik: int,
    stopped: set[str],
) -> Subject:
    data_url = night.url("sec_data_url")

    def address(name: str) -> str:
        """Where SEC's API has the same document."""
        if holds_facts:
            return fetch.companyfacts_url(data_url, cik)
        return fetch.submissions_url(data_url, name)

    def read(client: HttpClient) -> Sequence[Response]:
        if not archive.has(cik):
            raise NotFoundError("sec", "not in the archive", f"CIK {cik}", "fetch it live")
        return [
            client.keep("sec", address(member.name), member.body, member.written_at)
            for member in archive.members(cik)
        ]

    def parsed(response: Response) -> Parsed:
        reader = parse.parse_companyfacts if holds_facts else parse.parse_submissions
        return checked(reader(response.body, cik), target, stopped)

    # Not the subject's live name: an archive is days old, and nobody counts it as asking SEC.
    return Subject(f"bulk {target.label}", read, parsed, repeats=FACTS if holds_facts else None)
