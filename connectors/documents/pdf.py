"""PDF: text by pdfium, whose words have places; by pdfplumber where that fails, then by pypdf.

Words are put into lines by their height on the page; a gap as wide as a column makes cells, so
that a table's rows read as those of HTML do. A page that is a picture is told, and not guessed
at.
"""

import io
import logging
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median, mode
from typing import Any, Final, Literal

from connectors.documents.text import (
    Block,
    TableCell,
    Text,
    is_page_number,
    join_signs,
    make_text,
    row_block,
    without_furniture,
)

Reader = Literal["pdfium", "pdfplumber", "pypdf"]

PREFERENCE: Final = "CORPINTEL_PDF_READER"

MOST_PAGES: Final = 1_500
# Of the height of a line's letters: a wider gap begins another cell where numbers stand in them,
# and a much wider one always; justified text has gaps too.
_CELL_GAP: Final = 1.4
_COLUMN_GAP: Final = 2.5
# Of the page's usual step from line to line: a higher one begins a paragraph.
_PARAGRAPH_STEP: Final = 1.35
# Letters of another size begin a heading or end one.
_SIZE_CHANGE: Final = 0.15
# Characters of a page that its fonts do not name; with more of them it is no text.
_MOST_NAMELESS: Final = 0.05
_NAMELESS: Final = re.compile(r"\(cid:\d+\)")
# Words of releases that lose the letters of a ligature where a font does not name it. Told by words
# that are none: nobody writes "rst quarter" or "cash ow".
_LIGATURES: Final = tuple(
    (re.compile(pattern), word)
    for pattern, word in (
        (r"\brst\b", "first"),
        (r"\bscal\b", "fiscal"),
        (r"\bnancial", "financial"),
        (r"\bcash +ow(s?)\b", r"cash flow\1"),
        (r"\bpro t(s|able|ability)?\b", r"profit\1"),
        (r"\bbene t(s?)\b", r"benefit\1"),
        (r"\b([Oo]) +cer(s?)\b", r"\1fficer\2"),
    )
)
_BULLETS: Final = frozenset("•●▪◦■")
_SIGNS: Final = frozenset({"$", "€", "£", "¥"})
_ENDS_AMOUNT: Final = frozenset("0123456789)%—–-")
_NUMBERS: Final = re.compile(r"^[\s$€£¥()%,.\d–—-]+$")

# Both complain of each odd object of a document at WARNING: thousands of lines for one filing.
for _name in ("pdfminer", "pypdf"):
    logging.getLogger(_name).setLevel(logging.ERROR)


class PdfError(ValueError):
    """A PDF that gives no text; the message says why."""


class EncryptedPdfError(PdfError):
    """A PDF that asks for a password."""


@dataclass(frozen=True)
class PdfText:
    """What a PDF says: its text with page numbers, its reader, and the pages without text.

    A scanned page is a picture; the fonts of an unreadable one do not say which letters they show.
    """

    text: Text
    reader: Reader
    pages: int
    scanned_pages: tuple[int, ...]
    unreadable_pages: tuple[int, ...]


def read_pdf(body: bytes) -> PdfText:
    """Read a PDF; PdfError where no reader gets text out of it."""
    if b"%PDF-" not in body[:1024]:
        raise PdfError("it is no PDF: it does not begin like one")
    failures = []
    for name, read in _readers().items():
        try:
            return read(body)
        except (PdfError, MemoryError):
            raise
        except Exception as error:  # whatever a broken file makes of the reader
            failures.append(f"{name}: {type(error).__name__}: {error}")
    raise PdfError("; ".join(failures))


def preferred_reader() -> str:
    """The reader that is asked first: pdfium, or what `CORPINTEL_PDF_READER` names."""
    return os.environ.get(PREFERENCE) or "pdfium"


def _readers() -> dict[Reader, Callable[[bytes], PdfText]]:
    """The readers in the order in which they are asked."""
    others: dict[Reader, Callable[[bytes], PdfText]] = {
        "pdfplumber": _by_pdfplumber,
        "pypdf": _by_pypdf,
    }
    return others if preferred_reader() == "pdfplumber" else {"pdfium": _by_pdfium, **others}


def _by_pdfium(body: bytes) -> PdfText:
    from connectors.documents.pdfium import PasswordError, page_words

    pages = _Pages()
    count = 0
    try:
        for number, (count, words, has_images) in enumerate(page_words(body, MOST_PAGES), start=1):
            if number == 1:
                _require_pages(count)
            pages.add(number, [*_page_blocks(words, number)], has_images=has_images)
    except PasswordError as error:
        raise EncryptedPdfError(str(error)) from None
    _require_pages(count)
    return pages.text("pdfium", count)


def _by_pdfplumber(body: bytes) -> PdfText:
    import pdfplumber

    pages = _Pages()
    with pdfplumber.open(io.BytesIO(body)) as document:
        count = len(document.pages)
        _require_pages(count)
        for number, page in enumerate(document.pages, start=1):
            words = page.extract_words(extra_attrs=["fontname"], use_text_flow=False)
            pages.add(number, [*_page_blocks(words, number)], has_images=bool(page.images))
            # Pages keep what they parsed; a filing has hundreds.
            page.close()
    return pages.text("pdfplumber", count)


def _by_pypdf(body: bytes) -> PdfText:
    import pypdf

    document = pypdf.PdfReader(io.BytesIO(body))
    if document.is_encrypted and not document.decrypt(""):
        raise EncryptedPdfError("it asks for a password")
    count = len(document.pages)
    _require_pages(count)
    pages = _Pages()
    for number, page in enumerate(document.pages, start=1):
        lines = [line.strip() for line in page.extract_text().splitlines()]
        blocks = [Block("line", line, page=number) for line in lines if line]
        pages.add(number, blocks, has_images=bool(not blocks and page.images))
    return pages.text("pypdf", count)


@dataclass
class _Pages:
    """What was read page by page."""

    blocks: list[list[Block]] = field(default_factory=list)
    scanned: list[int] = field(default_factory=list)
    unreadable: list[int] = field(default_factory=list)

    def add(self, number: int, blocks: list[Block], *, has_images: bool) -> None:
        text = "".join(block.text for block in blocks)
        nameless = len(_NAMELESS.findall(text))
        if not text and has_images:
            self.scanned.append(number)
        if nameless > _MOST_NAMELESS * len(_NAMELESS.sub("?", text)):
            self.unreadable.append(number)
            blocks = []
        self.blocks.append(blocks)

    def text(self, reader: Reader, count: int) -> PdfText:
        return PdfText(
            make_text(without_furniture(self.blocks)),
            reader,
            count,
            tuple(self.scanned),
            tuple(self.unreadable),
        )


def _require_pages(count: int) -> None:
    if count == 0:
        raise PdfError("it has no pages")
    if count > MOST_PAGES:
        raise PdfError(f"it has {count:,} pages, more than {MOST_PAGES:,}")


@dataclass
class _Line:
    top: float
    bottom: float
    right: float
    cells: list[TableCell]
    is_strong: bool


def _page_blocks(words: list[dict[str, Any]], page: int) -> Iterator[Block]:
    """A page's lines, those of a paragraph joined."""
    lines = [*_lines(words)]
    while lines and is_page_number(" ".join(cell.text for cell in lines[-1].cells)):
        lines.pop()
    steps = [round(2 * (after.bottom - before.bottom)) / 2 for before, after in pairwise(lines)]
    # Sub- and superscripts make lines of their own, a step of a point or two.
    usual = mode([step for step in steps if step > 6] or [0.0])
    margin = max((line.right for line in lines), default=0.0)
    paragraph: list[_Line] = []

    def flush() -> Iterator[Block]:
        if paragraph:
            cell = TableCell(
                " ".join(line.cells[0].text for line in paragraph),
                min(line.cells[0].left for line in paragraph),
                max(line.cells[0].right for line in paragraph),
            )
            yield row_block([cell], all(line.is_strong for line in paragraph), page)
            paragraph.clear()

    for line in lines:
        if len(line.cells) > 1:
            yield from flush()
            yield row_block(line.cells, line.is_strong, page)
            continue
        if paragraph and _begins_another(paragraph[-1], line, usual, margin):
            yield from flush()
        paragraph.append(line)
    yield from flush()


def _begins_another(previous: _Line, line: _Line, usual: float, margin: float) -> bool:
    height = previous.bottom - previous.top
    ends_short = previous.right < 0.8 * margin
    return (
        line.bottom - previous.bottom > max(_PARAGRAPH_STEP * usual, 1.15 * height)
        or line.is_strong != previous.is_strong
        or abs((line.bottom - line.top) / height - 1) > _SIZE_CHANGE
        or line.cells[0].text[:1] in _BULLETS
        or (ends_short and (line.cells[0].text[:1].isupper() or line.cells[0].text[:1] == "("))
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
        yield _Line(
            min(word["top"] for word in row),
            max(word["bottom"] for word in row),
            max(word["x1"] for word in row),
            _cells(row, height),
            all("bold" in word["fontname"].lower() for word in row),
        )


def _cells(row: list[dict[str, Any]], height: float) -> list[TableCell]:
    cells = [TableCell(row[0]["text"], row[0]["x0"], row[0]["x1"])]
    widest = 0.0
    for before, word in pairwise(row):
        gap = (word["x0"] - before["x1"]) / height
        # A sign of money begins its amount, however near the figure before it stands.
        if gap > _CELL_GAP or (word["text"] in _SIGNS and cells[-1].text[-1:] in _ENDS_AMOUNT):
            cells.append(TableCell(word["text"], word["x0"], word["x1"]))
            # The first gap follows a bullet.
            widest = max(widest, gap if len(cells) > 2 or len(cells[0].text) > 1 else 0.0)
        else:
            last = cells[-1]
            cells[-1] = TableCell(f"{last.text} {word['text']}", last.left, word["x1"])
    joined = join_signs(cell._replace(text=_with_ligatures(cell.text)) for cell in cells)
    if (
        len(joined) > 1
        and widest < _COLUMN_GAP
        and not any(_NUMBERS.match(cell.text) for cell in joined[1:])
    ):
        return [TableCell(" ".join(cell.text for cell in joined), joined[0].left, joined[-1].right)]
    return joined


def _with_ligatures(text: str) -> str:
    # Symbol fonts keep their bullet in the area for private use.
    plain = " ".join(text.replace("\x00", " ").replace("\uf0b7", "•").split())
    for pattern, word in _LIGATURES:
        plain = pattern.sub(word, plain)
    return plain
