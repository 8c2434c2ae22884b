"""HTML of filings, 1994 to today: full submissions, text in <PRE>, inline XBRL.

selectolax parses what browsers parse; the walk keeps rows of tables and drops what no reader sees.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode

from connectors.documents.text import (
    Block,
    TableCell,
    Text,
    join_signs,
    make_text,
    numbered_pages,
    row_block,
    without_furniture,
)

_BLOCKS: Final = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "br",
        "caption",
        "center",
        "dd",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "html",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "page",
        "section",
        "ul",
    ]
)
_UNSEEN: Final = frozenset({"head", "script", "style", "template", "title", "ix:header"})
_STRONG: Final = frozenset({"b", "strong", "h1", "h2", "h3", "h4", "h5", "h6", "th"})
_STRONG_STYLE: Final = re.compile(r"font-weight\s*:\s*(bold|[6-9]00)", re.I)
_LIGHT_STYLE: Final = re.compile(r"font-weight\s*:\s*(normal|[1-5]00)", re.I)
_HIDDEN_STYLE: Final = re.compile(r"display\s*:\s*none", re.I)
_SPACES: Final = re.compile(r"[\s ​﻿]+")
# Two gaps of three spaces: columns, and not a paragraph with a wide indent.
_COLUMNS: Final = re.compile(r"\S {3,}\S.* {3,}\S|\.{4,}")
_DOCUMENT: Final = re.compile(rb"<DOCUMENT>(.*?)(?:</DOCUMENT>|\Z)", re.I | re.S)
_HEADER: Final = re.compile(rb"<(TYPE|SEQUENCE|FILENAME|DESCRIPTION)>([^\r\n<]*)", re.I)
_TEXT: Final = re.compile(rb"<TEXT>(.*?)(?:</TEXT>|\Z)", re.I | re.S)
_TAG: Final = re.compile(rb"<(?:html|body|p|div|table|font|pre|br)\b", re.I)


# Elements whose ends are written, and how deep they may lie: browsers stop at 512, and the parser
# takes time with the square of it.
_NESTING: Final = re.compile(rb"<(/?)(?:div|span|table|section|font|b|i|center|ul)\b", re.I)
_DEEPEST: Final = 5_000
# What browsers take for the most columns of one cell.
_WIDEST: Final = 1_000


class HtmlError(ValueError):
    """A page that is not read; the message says why."""


class Part(NamedTuple):
    """One document of a full submission: its EDGAR type, file name and bytes."""

    type: str
    filename: str
    description: str
    body: bytes


def split_submission(body: bytes) -> list[Part]:
    """The documents of a full submission; a file without SGML headers is one part of no type."""
    parts = []
    for found in _DOCUMENT.finditer(body):
        text = _TEXT.search(found[1])
        if text is None:
            continue
        head = {
            name.upper(): value.strip().decode("latin-1")
            for name, value in _HEADER.findall(found[1][: text.start()])
        }
        parts.append(
            Part(
                head.get(b"TYPE", ""),
                head.get(b"FILENAME", ""),
                head.get(b"DESCRIPTION", ""),
                text[1],
            )
        )
    return parts or [Part("", "", "", body)]


def read_html(body: bytes) -> Text:
    """The text of an HTML document, or of plain text; tables as rows, hidden parts dropped.

    HtmlError for elements that lie deeper in each other than any page's.
    """
    _require_shallow(body)
    markup = decode(body)
    if not _TAG.search(body):
        return _without_furniture(_lines(markup))
    tree = LexborHTMLParser(markup)
    return _without_furniture(_walk(tree.root)) if tree.root is not None else make_text(())


def _require_shallow(body: bytes) -> None:
    depth = 0
    for found in _NESTING.finditer(body):
        depth += -1 if found[1] else 1
        if depth > _DEEPEST:
            raise HtmlError(f"its elements lie more than {_DEEPEST:,} deep in each other")
        depth = max(depth, 0)


def _without_furniture(blocks: Iterable[Block]) -> Text:
    said = make_text(blocks).blocks
    return make_text(without_furniture(numbered_pages(said)))


def decode(body: bytes) -> str:
    """Text of bytes in UTF-8, or else in the code page that filings without a charset are in."""
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return body.decode("cp1252", errors="replace")


@dataclass
class _Row:
    cells: list[TableCell] = field(default_factory=list)
    is_layout: bool = False
    # The column of the table's grid at which the next cell begins.
    column: int = 0
    # Columns that the open cell takes.
    width: int = 1


@dataclass
class _Walker:
    """What has been read and not yet told."""

    words: list[str] = field(default_factory=list)
    strong: int = 0
    strong_letters: int = 0
    letters: int = 0
    rows: list[_Row] = field(default_factory=list)
    # Of each open table, the columns that a cell of a row above still takes, and for how many rows.
    taken: list[dict[int, int]] = field(default_factory=list)

    def read(self, text: str) -> None:
        self.words.append(text)
        count = len(text.strip())
        self.letters += count
        if self.strong:
            self.strong_letters += count

    def take(self) -> tuple[str, bool]:
        text = _SPACES.sub(" ", "".join(self.words)).strip()
        is_strong = bool(self.letters) and self.strong_letters >= self.letters
        self.words, self.letters, self.strong_letters = [], 0, 0
        return text, is_strong


def _walk(root: LexborNode) -> Iterator[Block]:
    """Blocks in reading order, by entering and leaving each node without recursion."""
    walker = _Walker()
    node: LexborNode | None = root
    is_leaving = False
    # Depths, since nodes are compared by their markup.
    depth = preformatted = 0
    strengths: list[tuple[int, int]] = []
    while node is not None:
        tag = node.tag or ""
        if not is_leaving:
            if tag == "-text":
                text = node.text_content or ""
                if preformatted:
                    yield from _lines(text)
                else:
                    walker.read(text)
            elif not _is_unseen(node, tag):
                yield from _enter(walker, node, tag)
                change = _strength(node, tag)
                if change:
                    walker.strong += change
                    strengths.append((depth, change))
                preformatted += tag == "pre"
                child = node.child
                if child is not None:
                    node = child
                    depth += 1
                    continue
        if tag != "-text":
            yield from _leave(walker, tag)
            preformatted -= tag == "pre" and preformatted > 0
            if strengths and strengths[-1][0] == depth:
                walker.strong -= strengths.pop()[1]
        if depth == 0:
            break
        following = node.next
        if following is not None:
            node, is_leaving = following, False
        else:
            node, is_leaving = node.parent, True
            depth -= 1
    yield from _paragraph(walker)


def _is_unseen(node: LexborNode, tag: str) -> bool:
    if tag in _UNSEEN or tag.startswith("-") or tag == "!doctype":
        return True
    style = node.attributes.get("style") or ""
    return bool(style) and bool(_HIDDEN_STYLE.search(style))


def _strength(node: LexborNode, tag: str) -> int:
    style = node.attributes.get("style") or ""
    if style and _STRONG_STYLE.search(style):
        return 1
    if style and _LIGHT_STYLE.search(style):
        return 0
    return int(tag in _STRONG)


def _enter(walker: _Walker, node: LexborNode, tag: str) -> Iterator[Block]:
    if tag == "tr":
        yield from _paragraph(walker)
        walker.rows.append(_Row())
    elif tag == "table":
        if walker.rows:
            # A table in a cell: the outer one only arranges the page.
            walker.rows[-1].is_layout = True
            for cell in walker.rows[-1].cells:
                if cell.text:
                    yield Block("paragraph", cell.text)
            walker.rows[-1].cells.clear()
        yield from _paragraph(walker)
        walker.taken.append({})
    elif tag in {"td", "th"}:
        yield from _boundary(walker)
        if walker.rows:
            _place(walker, node)
    elif tag in _BLOCKS:
        yield from _boundary(walker)


def _place(walker: _Walker, node: LexborNode) -> None:
    """Say of the cell that opens which columns of the grid it takes."""
    row = walker.rows[-1]
    taken = walker.taken[-1] if walker.taken else {}
    while taken.get(row.column):
        row.column += 1
    row.width = _span(node, "colspan")
    rows_below = _span(node, "rowspan") - 1
    if rows_below:
        # Counted down at the end of each row, this one's too.
        taken.update(dict.fromkeys(range(row.column, row.column + row.width), rows_below + 1))


def _span(node: LexborNode, name: str) -> int:
    """How many columns or rows a cell takes; 1 for what is no sensible number."""
    said = (node.attributes.get(name) or "").strip()
    return min(int(said), _WIDEST) if said.isascii() and said.isdigit() and int(said) else 1


def _leave(walker: _Walker, tag: str) -> Iterator[Block]:
    if tag in {"td", "th"} and walker.rows:
        row = walker.rows[-1]
        if row.is_layout:
            yield from _paragraph(walker)
        else:
            text, _ = walker.take()
            row.cells.append(TableCell(text, row.column, row.column + row.width))
            row.column += row.width
    elif tag == "tr" and walker.rows:
        yield from _row(walker, walker.rows.pop())
        if walker.taken:
            taken = walker.taken[-1]
            walker.taken[-1] = {at: rows - 1 for at, rows in taken.items() if rows > 1}
    elif tag == "table":
        yield from _boundary(walker)
        if walker.taken:
            walker.taken.pop()
    elif tag in _BLOCKS:
        yield from _boundary(walker)


def _boundary(walker: _Walker) -> Iterator[Block]:
    if walker.rows and not walker.rows[-1].is_layout:
        walker.words.append(" ")
        return
    yield from _paragraph(walker)


def _paragraph(walker: _Walker) -> Iterator[Block]:
    text, is_strong = walker.take()
    if text:
        yield Block("paragraph", text, is_strong)


def _row(walker: _Walker, row: _Row) -> Iterator[Block]:
    yield from _paragraph(walker)
    cells = join_signs(cell for cell in row.cells if cell.text)
    if cells:
        yield row_block(cells)


def _lines(text: str) -> Iterator[Block]:
    """Preformatted text: lines of columns as they are, other lines joined to paragraphs."""
    paragraph: list[str] = []
    for line in [*text.splitlines(), ""]:
        bare = line.strip()
        if bare and not _COLUMNS.search(line):
            paragraph.append(bare)
            continue
        if paragraph:
            yield Block("paragraph", _SPACES.sub(" ", " ".join(paragraph)))
            paragraph = []
        if bare:
            yield Block("line", line.rstrip())
