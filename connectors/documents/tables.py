"""Tables of a document: rows of amounts under the periods that their columns are about.

A column's period is said in one or more lines above it ("Three Months Ended", "April 28,",
"2024"). Where the lines and the amounts cannot be told to belong together the row is left out.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, Literal, NamedTuple

from connectors.documents.amounts import CURRENCIES, Amount, find_amounts
from connectors.documents.periods import Calendar, Period, find_periods
from connectors.documents.text import Text

_LONGEST_CAPTION: Final = 200
_SCALE: Final = re.compile(
    r"\bin (?P<word>thousands|millions|billions)\b|\$ ?(?P<word2>thousand|million|billion)s?\b"
    r"|\(\$(?P<letter>[KMB])\)",
    re.I,
)
_SCALES: Final = {"thousand": 3, "million": 6, "billion": 9, "k": 3, "m": 6, "b": 9}
_YEAR: Final = re.compile(r"(?:19|20)\d\d")
_MONTH_DAY: Final = re.compile(r"[A-Z][a-z]{2,8}\.? \d{1,2},?")
_DAYS: Final = re.compile(rf"(?:{_MONTH_DAY.pattern}\s*){{2,}}")
_FULL_DAY: Final = re.compile(
    rf"{_MONTH_DAY.pattern} (?:19|20)\d\d|\d{{1,2}}/\d{{1,2}}/(?:19|20)\d\d"
)
_FULL_DAYS: Final = re.compile(rf"(?:(?:{_FULL_DAY.pattern})\s*){{2,}}")
_CHANGE: Final = re.compile(
    r"(?:%|\$|y/y|q/q|yoy|reported|comparable)?\s*(?:∆|change|growth|variance|inc|dec|vs\.?)|^(?:q/q|y/y|%|∆%)",
    re.I,
)
_SPAN: Final = re.compile(
    r"\b(?:three|six|nine|twelve|thirteen|fourteen|twenty-six|thirty-nine|fifty-two|fifty-three|1[2-7]|24|36"
    r"|26|39|5[23])[- ](?:months?|weeks?)|\b(?:year|quarter)s?\b|^as of\b|\bQ[1-4]\b|\bFY ?\d",
    re.I,
)
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
    r"|gaap|metric|result|highlight|summary|financial|statement|operat|margin|basic|diluted|plus"
    r"|less|other|supplement|key|data|three|six|nine|year|quarter|month|week|balance|company|inc\b"
    r"|corp|ended|unaudited|adjust|profit|loss|ebitda|booking|user|subscriber|selected|reconcil"
    r"|table|net\b|non)",
    re.I,
)
_SAME_STORE: Final = re.compile(r"\bsame[- ]store\b|\bequity[- ]method\b", re.I)
_TOTAL: Final = re.compile(r"total|consolidated", re.I)
_SHARE: Final = re.compile(
    r"\bas an? (?:percentage|%) of|percentages? of (?:total )?(?:net )?(?:revenue|sales)", re.I
)
# A sentence that leads to the next table.
_INTRODUCES: Final = re.compile(r"\w.{60,}[:.]$")
_NO_AMOUNT: Final = frozenset({"—", "–", "-", "n/a", "na", "nm", "n/m", "**", "*", "n.m."})


Basis = Literal["gaap", "non_gaap"]


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
    first cell of the table's head, which may name the part that the table is about. `currency` is
    that of the last amount with a sign above. `is_of_part` below the title of a part;
    `counts_scaled` where the scale is said of counts, `is_of_money` where it is said of money
    alone; rows of one `table` stand under the same heads.
    """

    block: int
    label: str
    cells: tuple[Cell, ...]
    basis: Basis
    title: str
    currency: str | None
    is_of_part: bool
    counts_scaled: bool
    is_of_money: bool
    table: int


@dataclass
class _Head:
    """What has been read of a table before its first row of amounts."""

    lines: list[list[str]] = field(default_factory=list)
    columns: list[Period | None] | None = None
    scale: int | None = None
    basis: Basis = "gaap"
    # Of columns, from left to right, where a line of the head has both.
    bases: tuple[Basis, ...] = ()
    title: str = ""
    # Whether its figures are shares of a total, whatever scale was said above.
    is_share: bool = False
    currency: str | None = None
    # Whether its scale is that of counts too, or of money alone.
    counts_scaled: bool = False
    is_of_money: bool = False
    # The part of the company that the rows below a title are about.
    part: str | None = None
    number: int = 0


def read_tables(text: Text, known: Calendar, blocks: Sequence[int]) -> Iterator[TableRow]:
    """Each row of amounts among these blocks whose columns have periods."""
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
        cells = block.text.split(" | ")
        if block.kind != "row" or _is_head(cells):
            _note(head, cells if block.kind == "row" else [block.text])
            continue
        row = None if head.is_share else _row(head, place, cells, known)
        if row is not None and row.cells:
            yield row


def _is_head(cells: Sequence[str]) -> bool:
    """Whether a row says periods and titles, and no amount."""
    return all(
        _is_period_text(cell) or _is_change(cell) or not any(find_amounts(cell))
        or (place == 0 and _SPAN.search(cell) is not None)
        for place, cell in enumerate(cells)
    ) and any(not _is_blank(cell) for cell in cells[1:])  # fmt: skip


def _is_blank(cell: str) -> bool:
    return cell.strip().lower() in _NO_AMOUNT


def _is_change(cell: str) -> bool:
    return len(cell) < 40 and _CHANGE.search(cell) is not None and not _YEAR.fullmatch(cell)


def _is_period_text(cell: str) -> bool:
    bare = re.sub(r"\s*\(\d\)$", "", cell.strip())
    return bool(
        _YEAR.fullmatch(bare)
        or _MONTH_DAY.fullmatch(bare)
        or (_SPAN.search(bare) and len(bare) < 60 and "$" not in bare)
        or _FULL_DAY.fullmatch(bare)
        or _FULL_DAYS.fullmatch(bare)
    )


def _note(head: _Head, cells: list[str]) -> None:
    """Take in a caption or a line of a table's head."""
    line = " ".join(cells)
    if len(cells) == 1 and _DAYS.fullmatch(line):
        # Days that stand too near to each other for cells.
        cells = _MONTH_DAY.findall(line)
    cells = [
        day
        for cell in cells
        for day in (_FULL_DAY.findall(cell) if _FULL_DAYS.fullmatch(cell) else [cell])
    ]
    if head.columns is not None and (len(cells) > 1 or _SPAN.search(line)):
        # A line of periods behind rows begins another table, under the same captions' scale.
        head.lines, head.columns, head.title, head.bases = [], None, "", ()
        # The scale of amounts may be said once for several tables; that of counts is not.
        head.counts_scaled, head.is_of_money, head.part = False, True, None
        head.number += 1
    if _RECONCILES.search(line):
        head.basis = "gaap"
    elif "non-gaap" in line.lower():
        head.basis = "non_gaap"
    elif re.search(r"\bGAAP\b", line):
        head.basis = "gaap"
    if len(cells) > 1:
        bases: tuple[Basis, ...] = tuple(
            "non_gaap" if "non-gaap" in cell.lower() else "gaap"
            for cell in cells
            if re.fullmatch(r"(?:non-)?gaap", cell.strip(), re.I)
        )
        head.bases = bases if len(set(bases)) > 1 else head.bases
    part = _PART_TITLE.match(line)
    if part is not None and len(cells) == 1:
        # A title between rows, or above them, of which nothing says that it is the whole.
        head.part = None if _WHOLE.search(part["name"]) else part["name"]
    if len(cells) == 1 and _SAME_STORE.search(line):
        # What was bought or sold is left out: another thing than the whole.
        head.part = line
    head.is_share = head.is_share or bool(_SHARE.search(line))
    scale = _SCALE.search(line)
    if scale is not None:
        word = (scale["word"] or scale["word2"] or scale["letter"]).lower().removesuffix("s")
        head.scale = _SCALES[word]
        head.counts_scaled = _COUNTS_NAMED.search(line) is not None
        head.is_of_money = _OF_MONEY.search(line) is not None
    if len(cells) > 1 or _SPAN.search(line) or _is_period_text(line):
        if len(cells) > 1 and not (_is_period_text(cells[0]) or _SCALE.search(cells[0])):
            head.title = cells[0]
        head.lines.append(cells)


def _row(head: _Head, place: int, cells: list[str], known: Calendar) -> TableRow | None:
    has_label = not _is_amount(cells[0])
    values = cells[1:] if has_label else cells
    amounts = [_single(cell) for cell in values]
    if not has_label or not any(amounts):
        return None
    for amount in amounts:
        if amount is not None and amount.unit in _CODES:
            head.currency = amount.unit
    if head.columns is None:
        head.columns = _columns(head.lines, known, len(values))
    columns = head.columns
    if not columns:
        return None
    dated = [column for column in columns if column is not None]
    fits = len(values) == len(columns) or (
        # Columns of changes may be blank, or said twice over ("$27 | 1 %").
        columns[: len(dated)] == dated and len(dated) <= len(values) <= len(dated) + 3
        and len(columns) > len(dated)
    )  # fmt: skip
    if not fits:
        return None
    scale = head.scale
    own = _SCALE.search(cells[0])
    if _TOTAL.match(cells[0]):
        head.part = None
    if own is not None:
        scale = _SCALES[(own["word"] or own["word2"] or own["letter"]).lower().removesuffix("s")]
    bases = _bases(columns, head.bases)
    if bases is None:
        return None
    made = [
        Cell(amount, period, scale, basis)
        for amount, period, basis in zip(amounts, columns, bases, strict=False)
        if amount is not None and period is not None
    ]
    return TableRow(
        place,
        cells[0],
        tuple(made),
        head.basis,
        head.part or head.title,
        head.currency,
        head.part is not None,
        own is not None or head.counts_scaled,
        head.is_of_money,
        head.number,
    )


def _bases(
    columns: Sequence[Period | None], bases: Sequence[Basis]
) -> Sequence[Basis | None] | None:
    """The basis of each column; None where those of the head do not spread evenly."""
    dated = sum(column is not None for column in columns)
    if not bases:
        return [None] * len(columns)
    if dated % len(bases):
        return None
    number = 0
    spread: list[Basis | None] = []
    for column in columns:
        spread.append(None if column is None else bases[number * len(bases) // dated])
        number += column is not None
    return spread


def _is_amount(cell: str) -> bool:
    return _single(cell) is not None or _is_blank(cell)


def _single(cell: str) -> Amount | None:
    """The one amount that a cell is; None for a cell that says more or less."""
    bare = re.sub(r"\s*\(\d\)$", "", cell.strip())
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
    return amount


def _columns(lines: Sequence[list[str]], known: Calendar, count: int) -> list[Period | None]:
    """The period of each column, None for a column of changes; empty where they cannot be told."""
    for place in range(len(lines) - 1, -1, -1):
        cells = _without_label(lines[place])
        kinds = [_is_period_text(cell) for cell in cells]
        if not any(kinds) or not all(
            is_period or _is_change(cell) for is_period, cell in zip(kinds, cells, strict=True)
        ):
            continue
        dated = sum(kinds)
        if not (len(cells) == count or (dated < len(cells) and dated <= count)):
            continue
        above = [_without_label(line) for line in lines[max(place - 2, 0) : place]]
        columns: list[Period | None] = []
        number = 0
        for cell, is_period in zip(cells, kinds, strict=True):
            if not is_period:
                columns.append(None)
                continue
            period = _period(cell, [_over(line, number, dated) for line in above], known)
            number += 1
            if period is None:
                return []
            columns.append(period)
        return columns
    return []


def _without_label(line: list[str]) -> list[str]:
    if len(line) > 1 and not _is_period_text(line[0]) and not _is_change(line[0]):
        return line[1:]
    return line


def _over(line: Sequence[str], number: int, dated: int) -> str:
    """The cell of a line above that lies over one of the columns; "" where it cannot be told."""
    periods = [cell for cell in line if _is_period_text(cell) or _SPAN.search(cell)]
    if not periods or dated % len(periods):
        return ""
    return periods[number * len(periods) // dated]


def _period(cell: str, above: Sequence[str], known: Calendar) -> Period | None:
    """The period that a column's lines say together."""
    parts = [re.sub(r"\s*\(\d\)$", "", part.strip()) for part in (*above, cell) if part]
    # The nearest lines say it first; what they say must take in the column's own words.
    for count in range(1, len(parts) + 1):
        tried = " ".join(parts[-count:])
        if _MONTH_DAY.search(parts[-1]) or _MONTH_DAY.search(tried):
            tried = re.sub(r",?\s+(?=(?:19|20)\d\d$)", ", ", tried)
        found = [m for m in find_periods(tried, known) if m.periods and m.end == len(tried)]
        if found and _is_told(tried):
            return found[-1].periods[0]
    day = re.fullmatch(r"[A-Z][a-z]{2,8}\.? \d{1,2}, (?:19|20)\d\d", tried)
    if day is not None:
        # Without a span above it a day is the end of nothing.
        dated = find_periods(f"as of {tried}", known)
        return dated[0].periods[0] if dated and dated[0].periods else None
    if _YEAR.fullmatch(parts[-1]) and len(parts) == 1 and known.kind == "annual":
        return known.year(int(parts[-1]))
    return None


def _is_told(text: str) -> bool:
    """Whether a year is said: "Three Months Ended March 31," alone is any year's."""
    return bool(_YEAR.search(text) or re.search(r"\bQ[1-4].{0,3}\d\d\b|FY ?\d\d\b", text))


def scaled(cell: Cell) -> tuple[Decimal, Decimal]:
    """A cell's value and the step of its last digit, as they count."""
    is_share = cell.amount.unit in {"percent", "points"}
    power = 0 if cell.amount.scale or is_share or cell.scale is None else cell.scale
    return cell.amount.value.scaleb(power), cell.amount.step.scaleb(power)
