"""Sections of filings: the numbered items of 10-K, 10-Q, 20-F and 8-K, and where each stands.

An item begins at a block that starts with its number; tables of contents name items too, each
beside a page number or in a dense run of which every item comes again later.
"""

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from connectors.documents.text import Block, Text

_ITEM: Final = re.compile(
    r"^\W*(?:part\s+(?P<part>i{1,3}|iv)\W+)?item\s*"
    r"(?P<number>\d{1,2}(?:\.\d{2}(?!\d))?)\s?\.?\s?(?P<letter>[a-k])?(?![a-z0-9])(?P<rest>.*)$",
    re.I | re.S,
)
_PART: Final = re.compile(r"^\W*part\s+(i{1,3}|iv)\b(?!.*\|\s*\d+$)", re.I)
_PAGE_AT_END: Final = re.compile(r"(?:\||\.{2,}|\s)\s*[FS]?-?\d{1,3}$")
_LONGEST_HEADING: Final = 300
# Items of a table of contents lie close together.
_DENSE: Final = 400
_LEAST_RUN: Final = 4
# Forms whose items begin again in their second part.
_IN_PARTS: Final = frozenset({"10-Q", "10-QT"})
# Where the part is not said beside it, an item's title says which one it belongs to.
_TITLES: Final = (
    (
        "I",
        re.compile(
            r"(?:condensed |consolidated )*financial statements|management.s discussion"
            r"|quantitative and qual|controls and proc",
            re.I,
        ),
    ),
    ("II", re.compile(r"legal proc|risk factors|unregistered|defaults|mine safety", re.I)),
)


class Section(NamedTuple):
    """One item: `code` such as "1A", "II.1A" (10-Q) or "2.02" (8-K); offsets in the whole text.

    A release's parts have words for codes, such as "guidance"; a turn of a call has its `speaker`.
    `first_block` and `end_block` are the blocks it is made of, its heading the first of them.
    """

    code: str
    title: str
    start: int
    end: int
    first_block: int
    end_block: int
    speaker: str | None = None


class _Heading(NamedTuple):
    block: int
    number: str
    title: str
    part: str | None
    has_page: bool


def find_sections(text: Text, form: str) -> list[Section]:
    """The items of a filing in their order; empty where the form has none."""
    base = form.upper().removesuffix("/A")
    headings = _without_contents(text, [*_headings(text.blocks, base)])
    coded = _with_parts(headings) if base in _IN_PARTS else [(h.number, h) for h in headings]
    kept = _once_each(text, coded)
    ends = [*(heading.block for _, heading in kept[1:]), len(text.blocks)]
    return [
        Section(
            code,
            heading.title,
            text.starts[heading.block],
            text.starts[end] - 1 if end < len(text.blocks) else len(text),
            heading.block,
            end,
        )
        for (code, heading), end in zip(kept, ends, strict=False)
    ]


def _headings(blocks: Sequence[Block], form: str) -> list[_Heading]:
    found = []
    part = None
    is_current = form.startswith("8-K")
    for place, block in enumerate(blocks):
        if len(block.text) > _LONGEST_HEADING:
            continue
        opened = _PART.match(block.text)
        if opened is not None:
            part = opened[1].upper()
        item = _ITEM.match(block.text)
        # Only current reports have items with a point in their number, and all of theirs have one.
        if item is None or is_current != ("." in item["number"]):
            continue
        title = _title(item["rest"])
        if title and title[0].islower():
            # "Item 7 of this report" in the middle of a sentence.
            continue
        found.append(
            _Heading(
                place,
                item["number"] + (item["letter"] or "").upper(),
                _PAGE_AT_END.sub("", title).rstrip(" |."),
                (item["part"] or part or "").upper() or None,
                block.kind == "row" and bool(_PAGE_AT_END.search(block.text)),
            )
        )
    return found


def _title(rest: str) -> str:
    cells = [cell.strip(" .:–—-") for cell in rest.split("|")]
    return " | ".join(cell for cell in cells if cell)


def _without_contents(text: Text, headings: list[_Heading]) -> list[_Heading]:
    """Leave out entries of tables of contents."""
    in_text = [heading for heading in headings if not heading.has_page]
    runs: list[list[_Heading]] = []
    for heading in in_text:
        start = text.starts[heading.block]
        if runs and start - text.starts[runs[-1][-1].block] < _DENSE:
            runs[-1].append(heading)
        else:
            runs.append([heading])
    kept: list[_Heading] = []
    for place, run in enumerate(runs):
        later = {heading.number for after in runs[place + 1 :] for heading in after}
        # The last of a dense run may be the first real item, right behind the table.
        again = [heading for heading in run if heading.number in later]
        is_contents = len(run) >= _LEAST_RUN and len(again) >= len(run) - 1
        kept += [heading for heading in run if heading not in again] if is_contents else run
    return kept


def _with_parts(headings: list[_Heading]) -> list[tuple[str, _Heading]]:
    """Number the items of a form whose second part begins again."""
    coded = []
    part, previous = "I", ""
    for heading in headings:
        rank = _rank(heading.number)
        titled = next((of for of, title in _TITLES if title.match(heading.title)), None)
        if titled is not None:
            # A contents' "Part II" may be the last that was read before the first item.
            part = titled
        elif heading.part in {"I", "II"}:
            part = heading.part
        elif previous and rank < _rank(previous):
            part = "II"
        previous = heading.number
        coded.append((f"{part}.{heading.number}", heading))
    return coded


def _rank(number: str) -> tuple[float, str]:
    digits = re.match(r"\d+(?:\.\d+)?", number)
    assert digits is not None
    return float(digits[0]), number[digits.end() :]


def _once_each(text: Text, coded: list[tuple[str, _Heading]]) -> list[tuple[str, _Heading]]:
    """Of headings that name an item again ("Item 1A (continued)") keep the first."""
    seen: set[str] = set()
    kept = []
    for code, heading in coded:
        if code not in seen:
            seen.add(code)
            kept.append((code, heading))
    return kept
