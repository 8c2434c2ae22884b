"""Documents of filings: main documents and the exhibits that tell results, from SEC's archives."""

from datetime import date
from typing import NamedTuple

from connectors.sec import SERVICE

SOURCE = SERVICE.name

FILED_DOCUMENTS = "filed_documents"


class FiledDocument(NamedTuple):
    """One document of a filing; `sha256` names its bytes in the archive.

    `document_type` is EDGAR's: the form for the main document, "EX-99.1" for an exhibit.
    """

    cik: int
    accession: str
    form: str
    document_type: str
    name: str
    description: str | None
    url: str
    filed_date: date
    sha256: str
