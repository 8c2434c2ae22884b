"""Tables of a document: rows of amounts under the periods that their columns are about.

`heads` tells which period each column is about; a value whose column is not understood is left
out, and its neighbours are not.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import groupby
from typing import Final, NamedTuple

from connectors.documents.amounts import CURRENCIES, Amount, find_amounts
from connectors.documents.heads import (
    Basis,
    Column,
    Columns,
    is_head,
    is_period,
    says_span,
    split_cells,
)
from connectors.documents.periods import Calendar, Period
from connectors.documents.text import TableCell, Text

_LONGEST_CAPTION: Final = 200
_LONGEST_TITLE: Final = 100
_SCALE: Final = re.compile(
    r"\bin (?P<word>thousands|millions|billions)\b|\$ ?(?P<word2>thousand|million|billion)s?\b"
    r"|\(\$(?P<letter>[KMB])\)",
    re.I,
)
_SCALES: Final = {"thousand": 3, "million": 6, "billion": 9, "k": 3, "m": 6, "b": 9}
_CODES: Final = frozenset(CURRENCIES.values())
_RECONCILES: Final = re.compile(r"reconcil|measures|GAAP to non-GAAP", re.I)
_COUNTS_NAMED: Final = re.compile(
    r"^(?!.*except).*\b(?:users|subscribers|customers|buyers|learners|students|enrol?lments)\b",
    re.I,
)
_OF_MONEY: Final = re.compile(r"\$|dollar|per[- ]share|except (?!percent)|amounts", re.I)
_PART_TITLE: Final = re.compile(
    r"(?P<name>[A-Z][\w&’'-]*(?:\s(?:and|of|&|[A-Z][\w&’'-]*)){0,4})(?:\s\(in \w+\))?$"
)
_WHOLE: Final = re.compile(
    r"\b(?:total|consolidated|revenue|expense|income|cost|cash|earning|share|asset|liabilit|equity"
    r"|gaap|metric|result|highlight|summary|financial|statement|operating|margin|basic|diluted|plus"
    r"|less|other|supplement|key|three|six|nine|year|quarter|month|week|balance|company|inc\b"
    r"|corp|ended|unaudited|adjust|profit|loss|ebitda|booking|user|subscriber|selected|reconcil"
    r"|table|net\b|non)",
    re.I,
)
_SAME_STORE: Final = re.compile(r"\bsame[- ]store\b|\bequity[- ]method\b", re.I)
_TOTAL: Final = re.compile(r"total|consolidated", re.I)
_SHARE: Final = re.compile(
    r"\bas an? (?:percentage|%) of|percentages? of (?:total )?(?:net )?(?:revenue|sales)", re.I
)
_OF_SALES: Final = re.compile(r"(?:total )?(?:net )?(?:revenues?|sales)", re.I)
_HUNDRED: Final = 100
# A sentence that leads to the next table.
_INTRODUCES: Final = re.compile(
    r"\w.{60,}\.$|\b(?:follow|below|present|tables?\b|shows?\b|sets? forth|summari).*:$", re.I
)
_OPEN: Final = re.compile(r"[$€£¥]?\s?\([$€£¥]?\s?[\d.,]+")
_NO_AMOUNT: Final = frozenset({"—", "–", "-", "n/a", "na", "nm", "n/m", "**", "*", "n.m."})


class Cell(NamedTuple):
    """An amount under a period; `scale` is the power of ten that its table says, None for none.

    `basis` is that of its column, None where the columns do not differ in it.
    """

    amount: Amount
    period: Period
    scale: int | None
    basis: Basis | None = None


class TableRow(NamedTuple):
    """A row: its label, its cells that have a period, and what its table says of itself.

    `block` is where it stands; `basis` is "non_gaap" below a heading that says so; `title` is the
    first cell of the table's head, which may name the part that the table is about; `group` is the
    last line without amounts above it ("Earnings per share:"). `currency` is
    that of the last amount with a sign above. `is_of_part` below the title of a part;
    `counts_scaled` where the scale is said of counts, `is_of_money` where it is said of money
    alone; rows of one `table` stand under the same heads.
    """

    block: int
    label: str
    cells: tuple[Cell, ...]
    basis: Basis
    title: str
    group: str
    currency: str | None
    is_of_part: bool
    counts_scaled: bool
    is_of_money: bool
    table: int


@dataclass
class _Head:
    """What has been read of a table above a row of its."""

    lines: list[list[TableCell]] = field(default_factory=list)
    # Whether rows of amounts stand below its lines.
    is_used: bool = False
    # Lines of it that stand again below its rows: on the next page, or above the next table.
    again: list[list[TableCell]] = field(default_factory=list)
    scale: int | None = None
    basis: Basis = "gaap"
    title: str = ""
    # Whether its figures are shares of a total, whatever scale was said above.
    is_share: bool = False
    currency: str | None = None
    # Whether its scale is that of counts too, or of money alone.
    counts_scaled: bool = False
    is_of_money: bool = False
    # The part of the company that the rows below a title are about.
    part: str | None = None
    # What the rows below it are of: "Earnings per share:".
    group: str = ""
    number: int = 0


class _Found(NamedTuple):
    """A row of amounts and the head as it was above it."""

    head: _Head
    block: int
    # The label first, then the values.
    cells: Sequence[TableCell]


def read_tables(text: Text, known: Calendar, blocks: Sequence[int]) -> Iterator[TableRow]:
    """Each row of amounts among these blocks of which a column has a period."""
    for _, rows in groupby(_rows(text, blocks), key=lambda row: row.head.number):
        found = [*rows]
        columns = Columns(found[0].head.lines, [row.cells for row in found], known)
        if columns:
            made = [_made(row, told) for row, told in zip(found, columns.of_rows(), strict=True)]
            if any(map(_is_hundred, made)):
                made = [_without_shares(row) for row in made]
            yield from (row for row in _with_totals(made) if row.cells and row.label)


def _rows(text: Text, blocks: Sequence[int]) -> Iterator[_Found]:
    head = _Head()
    previous = -2
    for place in blocks:
        block = text.blocks[place]
        is_prose = block.kind != "row" and (
            len(block.text) > _LONGEST_CAPTION or bool(_INTRODUCES.search(block.text))
        )
        if place != previous + 1 or is_prose:
            # Numbers go on, lest rows of two tables be taken for one's.
            head = _Head(is_share=bool(_SHARE.search(block.text)), number=head.number + 1)
        previous = place
        if len(block.text) > 4 * _LONGEST_CAPTION:
            continue
        cells = block.cells
        if block.kind != "row" or is_head(cells):
            _note(head, cells)
        else:
            found = _row(head, place, cells)
            if found is not None and not head.is_share:
                yield found


def _note(head: _Head, said: Sequence[TableCell]) -> None:
    """Take in a caption or a line of a table's head."""
    line = " ".join(cell.text for cell in said)
    cells = split_cells(said)
    is_titled = says_span(line) and len(line) < _LONGEST_TITLE
    texts = [cell.text for cell in cells]
    if head.is_used and any(texts == [cell.text for cell in line] for line in head.lines):
        head.again.append(cells)
        return
    if head.is_used and (len(cells) > 1 or is_titled):
        # A line of periods behind rows begins another table, under the same captions' scale.
        head.lines, head.again, head.is_used, head.title = head.again, [], False, ""
        # The scale of amounts may be said once for several tables; that of counts is not.
        head.counts_scaled, head.is_of_money, head.part = False, True, None
        head.number += 1
    if _RECONCILES.search(line):
        head.basis = "gaap"
    elif "non-gaap" in line.lower():
        head.basis = "non_gaap"
    elif re.search(r"\bGAAP\b", line):
        head.basis = "gaap"
    if len(said) == 1:
        head.group = line
    if len(cells) == 1 and _PART_TITLE.match(line):
        # A title between rows, or above them, of which nothing says that it is the whole.
        head.part = part_named(line)
    if len(cells) == 1 and _SAME_STORE.search(line):
        # What was bought or sold is left out: another thing than the whole.
        head.part = line
    # Said above a table it is of all its rows, said between them of those that follow.
    head.is_share = bool(_SHARE.search(line)) or (head.is_share and not head.is_used)
    scale = _SCALE.search(line)
    if scale is not None:
        head.scale = _power(scale)
        head.counts_scaled = _COUNTS_NAMED.search(line) is not None
        head.is_of_money = _OF_MONEY.search(line) is not None
    if len(cells) > 1 or is_titled or is_period(line):
        if len(cells) > 1 and not (is_period(cells[0].text) or _SCALE.search(cells[0].text)):
            head.title = cells[0].text
        head.lines.append(cells)


def part_named(title: str) -> str | None:
    """The part of the company that a title names; None where it says that it is the whole."""
    part = _PART_TITLE.match(title)
    return part["name"] if part is not None and not _WHOLE.search(part["name"]) else None


def _power(scale: re.Match[str]) -> int:
    word = scale["word"] or scale["word2"] or scale["letter"]
    return _SCALES[word.lower().removesuffix("s")]


def _row(head: _Head, place: int, cells: Sequence[TableCell]) -> _Found | None:
    has_label = not _is_amount(cells[0].text)
    values = cells[1:] if has_label else cells
    amounts = [_single(cell.text) for cell in values]
    if not any(amounts):
        return None
    for amount in amounts:
        if amount is not None and amount.unit in _CODES:
            head.currency = amount.unit
            # Shares of a total have no currency.
            head.is_share = False
    # Rows behind the head's own lines go on below it.
    head.is_used, head.again = True, []
    label = cells[0] if has_label else TableCell("", values[0].left, values[0].left)
    if _TOTAL.match(label.text):
        head.part = None
    return _Found(replace(head, lines=[*head.lines]), place, [label, *values])


def _made(row: _Found, columns: Sequence[Column | None]) -> TableRow:
    head = row.head
    label, *values = row.cells
    own = _SCALE.search(label.text)
    scale = head.scale if own is None else _power(own)
    found = [
        (Cell(amount, column.period, scale, column.basis), (column.period, column.basis))
        for value, column in zip(values, columns, strict=True)
        if column is not None
        and column.period is not None
        and (amount := _single(value.text)) is not None
    ]
    # Two values of one row for one period: a column between them was not understood.
    told = Counter(key for _, key in found)
    return TableRow(
        row.block,
        label.text,
        tuple(cell for cell, key in found if told[key] == 1),
        head.basis,
        head.part or head.title,
        head.group,
        head.currency,
        head.part is not None,
        own is not None or head.counts_scaled,
        head.is_of_money,
        head.number,
    )


def _is_hundred(row: TableRow) -> bool:
    """Whether a row says of revenue that it is a hundred: of each of them, in per cent."""
    return (
        _OF_SALES.fullmatch(row.label) is not None
        and bool(row.cells)
        and all(cell.amount.unit not in _CODES for cell in row.cells)
        and all(cell.amount.value == _HUNDRED for cell in row.cells)
    )


def _without_shares(row: TableRow) -> TableRow:
    """The row of a table of shares without the numbers that have no sign of what they are."""
    return row._replace(cells=tuple(cell for cell in row.cells if cell.amount.unit != "count"))


def _with_totals(rows: Sequence[TableRow]) -> Iterator[TableRow]:
    """The rows, each that has no label under the name of what it is proven to be the sum of."""
    addends: list[TableRow] = []
    for row in rows:
        if addends and row.group != addends[-1].group:
            addends = []
        if row.label:
            addends.append(row)
            yield row
            continue
        if len(addends) > 1 and all(_is_sum(cell, addends) for cell in row.cells):
            yield row._replace(label=row.group.rstrip(": "))
        addends = []


def _is_sum(total: Cell, addends: Sequence[TableRow]) -> bool:
    parts = [
        cell.amount.value
        for row in addends
        for cell in row.cells
        if (cell.period, cell.basis) == (total.period, total.basis)
    ]
    return len(parts) > 1 and sum(parts) == total.amount.value


def _is_amount(cell: str) -> bool:
    return _single(cell) is not None or cell.strip().lower() in _NO_AMOUNT


def _single(cell: str) -> Amount | None:
    """The one amount that a cell is; None for a cell that says more or less."""
    # "(1)" behind a number is a note's, alone in its cell a loss.
    bare = re.sub(r"(?<=[\d%)])\s*\(\d\)$", "", cell.strip())
    found = [*find_amounts(bare)]
    if len(found) != 1:
        return None
    around = bare[: found[0].start] + bare[found[0].end :]
    if any(map(str.isalpha, around)):
        return None
    amount = found[0]
    if bare.startswith("(") and bare.rstrip("*").endswith(")") and amount.value > 0:
        # "(12.5%)" alone in its cell is no aside.
        amount = amount._replace(value=-amount.value)
    elif _OPEN.fullmatch(bare) and amount.value > 0:
        # The bracket that closes it is lost.
        amount = amount._replace(value=-amount.value)
    return amount


def scaled(cell: Cell) -> tuple[Decimal, Decimal]:
    """A cell's value and the step of its last digit, as they count."""
    is_share = cell.amount.unit in {"percent", "points"}
    power = 0 if cell.amount.scale or is_share or cell.scale is None else cell.scale
    return cell.amount.value.scaleb(power), cell.amount.step.scaleb(power)
