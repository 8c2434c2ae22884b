"""PDF: text by pdfplumber, whose words have places, then by pypdf where that fails.

Words are put into lines by their height on the page; a gap as wide as a column makes cells, so that a
table's rows read as those of HTML do. A page that is a picture is told, and not guessed at.
"""

import io
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median
from typing import Any, Final, Literal

from connectors.documents.html import join_signs
from connectors.documents.text import Block, Text, make_text

Reader = Literal["pdfplumber", "pypdf"]

MOST_PAGES: Final = 1_500
# Of the height of a line's letters: a wider gap begins another cell, a higher one a paragraph.
_CELL_GAP: Final = 1.4
_PARAGRAPH_GAP: Final = 1.6
_SENTENCE_END: Final = re.compile(r"[.!?:;][\"”’)]?$")
_SIGNS: Final = frozenset({"$", "€", "£", "¥"})
_NUMBERS: Final = re.compile(r"^[\s$€£¥()%,.\d–—-]+$")

# Both complain of each odd object of a document at WARNING: thousands of lines for one filing.
for _name in ("pdfminer", "pypdf"):
    logging.getLogger(_name).setLevel(logging.ERROR)


class PdfError(ValueError):
    """A PDF that gives no text; the message says why."""


@dataclass(frozen=True)
class PdfText:
    """What a PDF says: its text with page numbers, which reader read it, and its scanned pages."""

    text: Text
    reader: Reader
    pages: int
    scanned_pages: tuple[int, ...]


def read_pdf(body: bytes) -> PdfText:
    """Read a PDF; PdfError where no reader gets text out of it."""
    if b"%PDF-" not in body[:1024]:
        raise PdfError("it is no PDF: it does not begin like one")
    try:
        return _by_pdfplumber(body)
    except PdfError:
        raise
    except Exception as error:  # whatever a broken file makes of the reader
        first = error
    try:
        return _by_pypdf(body)
    except PdfError:
        raise
    except Exception as error:
        raise PdfError(
            f"pdfplumber: {type(first).__name__}: {first}; pypdf: {type(error).__name__}: {error}"
        ) from None


def _by_pdfplumber(body: bytes) -> PdfText:
    import pdfplumber

    blocks: list[Block] = []
    scanned: list[int] = []
    with pdfplumber.open(io.BytesIO(body)) as document:
        count = len(document.pages)
        _require_pages(count)
        for number, page in enumerate(document.pages, start=1):
            words = page.extract_words(extra_attrs=["fontname"], use_text_flow=False)
            if not words and page.images:
                scanned.append(number)
            blocks.extend(_page_blocks(words, number))
            # Pages keep what they parsed; a filing has hundreds.
            page.close()
    return PdfText(make_text(blocks), "pdfplumber", count, tuple(scanned))


def _by_pypdf(body: bytes) -> PdfText:
    import pypdf

    document = pypdf.PdfReader(io.BytesIO(body))
    if document.is_encrypted and not document.decrypt(""):
        raise PdfError("it is encrypted with a password")
    count = len(document.pages)
    _require_pages(count)
    blocks: list[Block] = []
    scanned: list[int] = []
    for number, page in enumerate(document.pages, start=1):
        text = page.extract_text()
        if not text.strip() and page.images:
            scanned.append(number)
        blocks.extend(
            Block("line", line.strip(), page=number) for line in text.splitlines() if line.strip()
        )
    return PdfText(make_text(blocks), "pypdf", count, tuple(scanned))


def _require_pages(count: int) -> None:
    if count == 0:
        raise PdfError("it has no pages")
    if count > MOST_PAGES:
        raise PdfError(f"it has {count:,} pages, more than {MOST_PAGES:,}")


@dataclass
class _Line:
    top: float
    bottom: float
    cells: list[str]
    is_strong: bool


def _page_blocks(words: list[dict[str, Any]], page: int) -> Iterator[Block]:
    """A page's lines, those of a paragraph joined."""
    paragraph: list[_Line] = []

    def flush() -> Iterator[Block]:
        if paragraph:
            text = " ".join(line.cells[0] for line in paragraph)
            yield Block("paragraph", text, all(line.is_strong for line in paragraph), page)
            paragraph.clear()

    for line in _lines(words):
        if len(line.cells) > 1:
            yield from flush()
            yield Block("row", " | ".join(line.cells), page=page)
            continue
        if paragraph and _begins_another(paragraph[-1], line):
            yield from flush()
        paragraph.append(line)
    yield from flush()


def _begins_another(previous: _Line, line: _Line) -> bool:
    height = previous.bottom - previous.top
    return (
        line.top - previous.top > _PARAGRAPH_GAP * height
        or line.is_strong != previous.is_strong
        or (bool(_SENTENCE_END.search(previous.cells[0])) and line.cells[0][:1] in "•●-–")
        or line.cells[0][:1] in "•●"
    )


def _lines(words: list[dict[str, Any]]) -> Iterator[_Line]:
    """Words of one height, from left to right, in cells."""
    rows: list[list[dict[str, Any]]] = []
    for word in sorted(words, key=lambda word: (word["bottom"], word["x0"])):
        if rows and abs(word["bottom"] - median(w["bottom"] for w in rows[-1])) < 0.4 * (
            word["bottom"] - word["top"]
        ):
            rows[-1].append(word)
        else:
            rows.append([word])
    for row in rows:
        row.sort(key=lambda word: word["x0"])
        height = median(word["bottom"] - word["top"] for word in row)
        cells: list[str] = [row[0]["text"]]
        for before, word in zip(row, row[1:], strict=False):
            # A sign of money begins its amount, however near the figure before it stands.
            if word["x0"] - before["x1"] > _CELL_GAP * height or word["text"] in _SIGNS:
                cells.append(word["text"])
            else:
                cells[-1] += f" {word['text']}"
        joined = join_signs(cells)
        if len(joined) > 1 and not any(_NUMBERS.match(cell) for cell in joined[1:]):
            # Wide spaces of justified text, or a header over columns: one is as good as the other.
            joined = [" | ".join(joined)] if len(joined) > 2 else [" ".join(joined)]
        yield _Line(
            min(word["top"] for word in row),
            max(word["bottom"] for word in row),
            joined,
            all("bold" in word["fontname"].lower() for word in row),
        )
