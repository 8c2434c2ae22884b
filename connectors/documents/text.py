"""The text of a document: blocks in reading order, and where each stands in the whole."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final, Literal, NamedTuple

Kind = Literal["paragraph", "row", "line"]

_PAGE_NUMBER: Final = re.compile(r"(?:page\s+)?[-–—\s]*([A-Z]-?)?(\d{1,3})[-–—\s]*", re.I)
_DIGITS: Final = re.compile(r"\d+")
# The first page that carries its number, and how many numbers in a row may be lacking.
_FIRST_NUMBER: Final = 9
_MOST_LACKING: Final = 2
_SENTENCE: Final = re.compile(
    r"(?<=[.!?])(?<!\bInc\.)(?<!\bU\.S\.)(?<!\bvs\.)(?<!\bNo\.)(?<!\bapprox\.)(?<!\bCorp\.)(?<!\bCo\.)"
    r"[”\"’)]*\s+(?=[“\"(]?[A-Z•])|\s[•▪]\s|\s•(?=\w)"
)
_LONGEST_HEADING: Final = 100
_BAR: Final = " | "
_OPENING: Final = frozenset({"$", "€", "£", "¥", "(", "$(", "US$", "NT$", "HK$", "A$", "C$", "RMB"})
_CLOSING: Final = frozenset({")", "%", ")%", "%)"})
_FIGURE: Final = re.compile(r"[$€£%]|\d[.,]\d")
# How near to a page's edge a running head stands, in blocks, and on how many pages at least.
_EDGE: Final = 2
_LEAST_PAGES: Final = 3


class TableCell(NamedTuple):
    """A cell of a table's row and where it lies across the page, from `left` to `right`.

    In HTML these are columns of the table's grid, in a PDF points.
    """

    text: str
    left: float
    right: float


class Block(NamedTuple):
    """A paragraph, a row of a table (its cells between bars), or a line of preformatted text.

    `is_strong` where all of it is printed bold; `page` counts from 1 and is None in HTML. `places`
    are the left and right of each cell of a row.
    """

    kind: Kind
    text: str
    is_strong: bool = False
    page: int | None = None
    places: tuple[tuple[float, float], ...] = ()

    @property
    def cells(self) -> list[TableCell]:
        """The cells of a row; of anything else its text as the only one."""
        texts = self.text.split(_BAR) if self.kind == "row" else [self.text]
        places = self.places or [(at, at + 1.0) for at in range(len(texts))]
        return [TableCell(text, *place) for text, place in zip(texts, places, strict=True)]


@dataclass(frozen=True)
class Text:
    """A document's text: its blocks, one to a line; `starts` are their offsets in characters."""

    blocks: tuple[Block, ...]
    starts: tuple[int, ...]

    @property
    def whole(self) -> str:
        """All of it."""
        return "\n".join(block.text for block in self.blocks)

    def __len__(self) -> int:
        return self.starts[-1] + len(self.blocks[-1].text) if self.blocks else 0


def row_block(
    cells: Sequence[TableCell], is_strong: bool = False, page: int | None = None
) -> Block:
    """A row of a table; a paragraph where it has one cell alone."""
    # A bar within a cell would be one between cells.
    texts = [cell.text.replace(_BAR, " ") for cell in cells]
    places = tuple((cell.left, cell.right) for cell in cells)
    return Block(
        "row" if len(cells) > 1 else "paragraph", _BAR.join(texts), is_strong, page, places
    )


def join_signs(cells: Iterable[TableCell]) -> list[TableCell]:
    """Give signs that have a cell of their own to their numbers: "$", "(5", ")" is one amount."""
    joined: list[TableCell] = []
    is_open = False
    for cell in cells:
        if joined and (is_open or cell.text in _CLOSING):
            before = joined[-1]
            joined[-1] = TableCell(before.text + cell.text, before.left, cell.right)
        else:
            joined.append(cell)
        is_open = cell.text in _OPENING
    return joined


def make_text(blocks: Iterable[Block]) -> Text:
    """Number the blocks; those without a letter or digit are left out, and no text holds a NUL."""
    said = (block._replace(text=block.text.replace("\x00", " ")) for block in blocks)
    kept = tuple(block for block in said if any(map(str.isalnum, block.text)))
    ends = accumulate((len(block.text) + 1 for block in kept), initial=0)
    return Text(kept, tuple(ends)[: len(kept)])


def is_page_number(text: str) -> bool:
    """Whether a text is nothing but the number of a page."""
    return _PAGE_NUMBER.fullmatch(text) is not None


def numbered_pages(blocks: Sequence[Block]) -> list[list[Block]]:
    """Cut the blocks of a document without pages behind each printed page number.

    Numbers are those of pages where they follow each other; one page where there are none.
    """
    last: dict[str, int] = {}
    ends = []
    for place, block in enumerate(blocks):
        found = _PAGE_NUMBER.fullmatch(block.text) if block.kind == "paragraph" else None
        if found is None:
            continue
        series, number = (found[1] or "").upper(), int(found[2])
        before = last.get(series)
        is_next = (
            0 < number <= _FIRST_NUMBER
            if before is None
            else before < number <= before + 1 + _MOST_LACKING
        )
        if is_next:
            last[series] = number
            ends.append(place + 1)
    if len(ends) < _LEAST_PAGES:
        return [[*blocks]]
    starts = [0, *ends]
    return [[*blocks[start:end]] for start, end in zip(starts, [*ends, len(blocks)], strict=True)]


def without_furniture(pages: Sequence[Sequence[Block]]) -> Iterator[Block]:
    """The blocks of all pages without page numbers and running heads.

    A head is a text that stands, but for its numbers, at the edge of at least half of the pages.
    """
    if len(pages) == 1:
        yield from pages[0]
        return
    edges = [[*page[:_EDGE], *page[-_EDGE:]] for page in pages]
    counted = Counter(form for edge in edges for form in {_form(block) for block in edge})
    least = max(_LEAST_PAGES, len(pages) // 2)
    for page in pages:
        for place, block in enumerate(page):
            is_edge = place < _EDGE or place >= len(page) - _EDGE
            is_head = block.kind != "row" and counted[_form(block)] >= least
            if not is_edge or not (is_page_number(block.text) or is_head):
                yield block


def _form(block: Block) -> str:
    return _DIGITS.sub("#", block.text)


def is_heading(block: Block) -> bool:
    """Whether a block is a title: short, no list's entry, and without a figure."""
    return (
        len(block.text) < _LONGEST_HEADING
        and block.text[-1:] not in ".;"
        and block.text[:1] not in "•●▪"
        and _FIGURE.search(block.text) is None
    )


def sentences(text: str) -> Iterator[tuple[int, str]]:
    """Each sentence of a block's text, with its offset; entries of a list are sentences too."""
    at = 0
    for found in [*_SENTENCE.finditer(text), None]:
        end = found.start() if found is not None else len(text)
        if text[at:end].strip():
            yield at, text[at:end]
        at = found.end() if found is not None else end
