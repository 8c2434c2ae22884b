"""A filing's documents: the main one by the name that submissions give, exhibits by its index page.

SEC's API lists no exhibits; the index page of a filing does, and is asked for only where a form
has exhibits that tell results.
"""

from dataclasses import dataclass
from datetime import date

from connectors.errors import NotFoundError
from connectors.filed_documents.parse import parse_index
from connectors.http import HttpClient, Response
from connectors.sec.fetch import document_url, fetch_document

# Their exhibits 99 are releases, letters to shareholders and transcripts.
FORMS_WITH_EXHIBITS = ("8-K", "6-K")


@dataclass(frozen=True)
class Filing:
    """A filing whose documents are wanted; `items` are those of a current report."""

    cik: int
    accession: str
    form: str
    primary_document: str
    filed_date: date
    items: str | None = None

    @property
    def has_exhibits(self) -> bool:
        """Whether its form is one whose exhibits tell results."""
        return self.form.removesuffix("/A") in FORMS_WITH_EXHIBITS

    @property
    def index_name(self) -> str:
        """The file name of its index page."""
        return f"{self.accession}-index.htm"


def fetch_filing(client: HttpClient, www_url: str, filing: Filing) -> list[Response]:
    """Fetch a filing's main document, and its index page and exhibits 99 where it may have some.

    The index page comes first. One that is not there leaves the main document alone.
    """
    responses: list[Response] = []
    names = [filing.primary_document]
    if filing.has_exhibits:
        try:
            index = fetch_document(client, www_url, filing.cik, filing.accession, filing.index_name)
        except NotFoundError:
            pass
        else:
            responses.append(index)
            entries = parse_index(index.body)
            names += [entry.name for entry in entries if entry.type.startswith("EX-99")]
    for name in dict.fromkeys(names):
        # Some filers put a viewer before the name; the document itself lies beside it.
        bare = name.rpartition("/")[2]
        responses.append(fetch_document(client, www_url, filing.cik, filing.accession, bare))
    return responses


def url_of(www_url: str, filing: Filing, name: str) -> str:
    """The address of one document of a filing."""
    return document_url(www_url, filing.cik, filing.accession, name.rpartition("/")[2])
