"""EDGAR's index page of a filing: which documents it has, and of which type each is."""

import re
from datetime import date
from typing import Final, NamedTuple

from selectolax.lexbor import LexborHTMLParser

from connectors.filed_documents import FILED_DOCUMENTS, FiledDocument
from connectors.records import Parsed

# A page of pictures, spreadsheets or archives says nothing that is read here.
_READABLE: Final = re.compile(r"\.(?:html?|txt|pdf)$", re.I)
_COLUMNS: Final = 4


class IndexEntry(NamedTuple):
    """A line of an index page: the document's type, file name and description."""

    type: str
    name: str
    description: str


def parse_index(body: bytes) -> list[IndexEntry]:
    """The readable documents that an index page lists; none for a page of another form."""
    tree = LexborHTMLParser(body.decode("utf-8", errors="replace"))
    entries = []
    for row in tree.css("table.tableFile tr"):
        cells = row.css("td")
        if len(cells) < _COLUMNS:
            continue
        link = cells[2].css_first("a")
        name = link.text(strip=True) if link is not None else ""
        kind = cells[3].text(strip=True)
        if kind and _READABLE.search(name):
            entries.append(IndexEntry(kind, name, cells[1].text(strip=True)))
    return entries


def parse_document(
    cik: int,
    accession: str,
    form: str,
    filed_date: date,
    url: str,
    sha256: str,
    entry: IndexEntry,
) -> Parsed:
    """The row of a document that was fetched."""
    record = FiledDocument(
        cik,
        accession,
        form,
        entry.type,
        entry.name,
        entry.description or None,
        url,
        filed_date,
        sha256,
    )
    return Parsed({FILED_DOCUMENTS: [record]})
