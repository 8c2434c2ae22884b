"""SEC's bulk archives in place of its API: all documents of one kind in a zip."""

from collections.abc import Iterator, Sequence
from functools import partial

from connectors.errors import NotFoundError
from connectors.http import HttpClient, Response
from connectors.records import Parsed
from connectors.sec import FACTS, fetch, parse
from connectors.sec.bulk import BulkArchive
from flows.night.open import Night
from flows.night.targets import Target
from flows.sources.sec import checked, registrants
from flows.sources.subject import ReadApart, Source, Subject
from warehouse.ops import record_outcome
from warehouse.planner import loaded_editions


def bulk_source(archive: BulkArchive, everyone: bool = False) -> Source:
    """A source named sec whose answers come from the archive.

    They are about the watchlist's companies, or about `everyone` in it. What an earlier run loaded
    from the same archive is left out, so that a run takes up what another one did not end.
    """
    holds_facts = archive.holds_facts

    def wanted(night: Night) -> list[tuple[Target, int]]:
        found = list(registrants(night))
        if everyone:
            watched = {cik for _, cik in found}
            found += [(_unlisted(cik), cik) for cik in archive.ciks if cik not in watched]
        return found

    def left(night: Night) -> list[tuple[Target, int]]:
        loaded = loaded_editions(night.warehouse, "sec")
        return [
            (target, cik)
            for target, cik in wanted(night)
            if not archive.has(cik) or (_name(target), archive.edition(cik)) not in loaded
        ]

    def subjects(night: Night) -> Iterator[Subject]:
        stopped: set[str] = set()
        found = left(night)
        loaded = len(wanted(night)) - len(found)
        if loaded:
            record_outcome(
                night.warehouse,
                night.run_id,
                "sec",
                "companies of this archive",
                "fetch",
                "ok",
                "not read again: an earlier run loaded them",
                loaded,
            )
        for target, cik in found:
            yield _subject(night, archive, holds_facts, target, cik, stopped)

    return Source("sec", "filings", (), subjects, lambda night: len(left(night)))


def _unlisted(cik: int) -> Target:
    """A filer that no watchlist names."""
    return Target(f"cik-{cik:010d}", None, cik, None, ())


def _name(target: Target) -> str:
    # Not the subject's live name: an archive is days old, and nobody counts it as asking SEC.
    return f"bulk {target.label}"


def _subject(
    night: Night,
    archive: BulkArchive,
    holds_facts: bool,
    target: Target,
    cik: int,
    stopped: set[str],
) -> Subject:
    data_url = night.url("sec_data_url")
    reader = parse.companyfacts_lines if holds_facts else parse.parse_submissions
    documents = ReadApart(night.readers, partial(reader, cik=cik))

    def address(name: str) -> str:
        """Where SEC's API has the same document."""
        if holds_facts:
            return fetch.companyfacts_url(data_url, cik)
        return fetch.submissions_url(data_url, name)

    def read(client: HttpClient) -> Sequence[Response]:
        if not archive.has(cik):
            raise NotFoundError("sec", "not in the archive", f"CIK {cik}", "fetch it live")
        return documents.begin(
            [
                client.keep("sec", address(member.name), member.body, member.written_at)
                for member in archive.members(cik)
            ]
        )

    def parsed(response: Response) -> Parsed:
        return checked(documents.parsed(response), target, stopped)

    return Subject(
        _name(target),
        read,
        parsed,
        repeats=FACTS if holds_facts else None,
        apart=True,
        edition=archive.edition(cik) if archive.has(cik) else None,
    )
