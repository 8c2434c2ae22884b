"""Documents of filings in a night: those of the filings loaded before of which none is here yet."""

from collections.abc import Iterator
from datetime import timedelta

from connectors.filed_documents import fetch
from connectors.filed_documents.fetch import Filing
from connectors.filed_documents.parse import IndexEntry, parse_document, parse_index
from connectors.http import HttpClient, Response
from connectors.records import Parsed
from flows.night.open import Night
from flows.sources.sec import registrants
from flows.sources.subject import Source, Subject
from warehouse.documents import filings_without_documents
from warehouse.planner import last_answered

_DAYS_A_YEAR = 366


def _wanted(night: Night) -> list[tuple[str, Filing]]:
    """(label of the filer, filing) of each filing whose documents are to be fetched."""
    labels = {cik: target.label for target, cik in registrants(night)}
    since = night.as_of - timedelta(days=_DAYS_A_YEAR * night.settings.document_years)
    filings = filings_without_documents(
        night.warehouse, labels, since, night.as_of, night.settings.documents_a_night
    )
    # What SEC does not have is asked for once.
    answered = last_answered(night.warehouse, SOURCE.name, or_unknown=True)
    return [
        (
            labels[f.cik],
            Filing(f.cik, f.accession, f.form, f.primary_document, f.filed_date, f.items),
        )
        for f in filings
        if _name(labels[f.cik], f.form, f.accession) not in answered
    ]


def _name(label: str, form: str, accession: str) -> str:
    return f"{label} {form} {accession}"


def _subjects(night: Night) -> Iterator[Subject]:
    for label, filing in _wanted(night):
        yield _filing(night.url("sec_www_url"), label, filing)


def _filing(www_url: str, label: str, filing: Filing) -> Subject:
    entries: dict[str, IndexEntry] = {
        filing.primary_document.rpartition("/")[2]: IndexEntry(
            filing.form, filing.primary_document.rpartition("/")[2], ""
        )
    }
    index_url = fetch.url_of(www_url, filing, filing.index_name)

    def ask(client: HttpClient) -> list[Response]:
        return fetch.fetch_filing(client, www_url, filing)

    def read(response: Response) -> Parsed:
        url = response.capture.url
        if url == index_url:
            # The index comes first, and says of which type the others are.
            for entry in parse_index(response.body):
                entries.setdefault(entry.name, entry)
            return Parsed()
        name = url.rpartition("/")[2]
        return parse_document(
            filing.cik,
            filing.accession,
            filing.form,
            filing.filed_date,
            url,
            response.capture.sha256,
            entries[name],
        )

    return Subject(_name(label, filing.form, filing.accession), ask, read)


SOURCE = Source(
    "filed_documents", (), _subjects, lambda night: len(_wanted(night)), is_bundled=True
)
