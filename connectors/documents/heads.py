"""The head of a table: which period, and which basis, each of its columns is about.

A column's period is said in one or more lines above it ("Three Months Ended", "April 28,",
"2024"), whose cells lie over one column or over several. Each column is told alone, by what lies
over it: one that nobody understands is lost, and none of its neighbours.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final, Literal, NamedTuple

from connectors.documents.amounts import find_amounts
from connectors.documents.periods import DATE, MONTH, YEAR, Calendar, Period, find_periods
from connectors.documents.text import TableCell

Basis = Literal["gaap", "non_gaap"]
Kind = Literal["period", "change", "basis", "neutral", "other"]

_YEAR: Final = re.compile(YEAR)
_MONTH_DAY: Final = re.compile(rf"(?i:{MONTH}) \d{{1,2}}(?!\d),?")
_FULL_DAY: Final = re.compile(rf"(?i:{DATE})")
# A day whose month stands in the line above.
_DAY: Final = re.compile(r"\d{1,2},")
_MONTHS_MEET: Final = re.compile(rf"\b{MONTH}\s+(?={MONTH} \d)")
_CHANGE: Final = re.compile(
    r"(?:%|\$|y/y|q/q|yoy|reported|comparable)?\s*(?:∆|change|growth|variance|inc|dec|vs\.?)"
    r"|^(?:q/q|y/y|%|∆%)",
    re.I,
)
# A sign alone, or words of changes without a figure.
_OF_CHANGES: Final = re.compile(
    r"[$%\s]+|\D*(?:percent|translation|favorable|better|\bB/\(W\))\D*", re.I
)
_CHANGE_FIRST: Final = re.compile(
    r".*\bchange$|(?:quarter|year)[- ](?:over|to)[- ]"
    r"|\W*(?:vs\b|versus\b|%|∆|change|variance|growth|increase|decrease|inc\b|y/y|q/q|yoy)",
    re.I,
)
_SCALE_ALONE: Final = re.compile(
    r"\(?(?:in )?(?:US|C|A)?[$€£]?\s?(?:thousands?|millions?|billions?|m|bn)\)?", re.I
)
# What a title says of columns that are headed by years alone.
_OF_YEARS: Final = re.compile(r"^(?!.*(?:quarter|month|week)).*\b(?:full|fiscal)[- ]year\b", re.I)
# Titles of columns under one period, and the same under the next.
_TWICE: Final = re.compile(r"(?P<titles>[A-Z][a-z]+(?: [A-Z][a-z]+)+) (?P=titles)")
_COUNTS: Final = (
    r"(?:three|six|nine|twelve|thirteen|fourteen|sixteen|twenty-four|twenty-six|thirty-six"
    r"|thirty-nine|fifty-two|fifty-three|3|6|9|1[2-7]|24|26|36|39|5[23])"
)
_SPAN: Final = re.compile(
    rf"\b{_COUNTS}[- ](?:months?|weeks?)|\b(?:year|quarter)s?\b|^as of\b|\bQ[1-4]\b|\bFY ?\d",
    re.I,
)
# Where one cell says several spans, or several days, each begins a cell of its own.
_SPAN_BEGINS: Final = re.compile(
    rf"\b(?:{_COUNTS}[- ](?:months?|weeks?)|(?:quarter|year)s?) (?:ended|ending)\b", re.I
)
_BASIS: Final = re.compile(r"(?P<non>non-)?gaap", re.I)
_NEUTRAL: Final = re.compile(
    r"\W*(?:unaudited|audited|as (?:previously )?reported|actual|total|consolidated|amounts?"
    r"|in (?:thousands|millions|billions)|restated|as restated|recast|note \d+|\d)?\W*",
    re.I,
)
_NOTE: Final = re.compile(r"\s*\(\d\)$|(?<=\d{4}) \d$")
_LONGEST_PERIOD: Final = 60
_LONGEST_CHANGE: Final = 40
# Of the width of the columns below it: a cell that lies farther from their middle is not over
# them alone.
_OFF_CENTRE: Final = 0.25
# Of the width of the labels: how far a title over them may be indented.
_INDENT: Final = 0.1
_TOLD: Final = frozenset({"period", "change", "basis"})
# "Three Months Ended March 31," alone is any year's.
_SAYS_YEAR: Final = re.compile(rf"{YEAR}|\bQ[1-4].{0, 3}\d\d\b|FY ?\d\d\b")


Line = Sequence[TableCell]


def is_period(text: str) -> bool:
    """Whether a cell says a period, or a part of one's name, and nothing else."""
    bare = _NOTE.sub("", text.strip())
    return bool(
        _YEAR.fullmatch(bare)
        or _MONTH_DAY.fullmatch(bare)
        or (_SPAN.search(bare) and len(bare) < _LONGEST_PERIOD and "$" not in bare)
        or _FULL_DAY.fullmatch(bare)
        or _DAY.fullmatch(bare)
    )


def says_span(text: str) -> bool:
    """Whether a text says how long a period is."""
    return _SPAN.search(text) is not None


def is_change(text: str) -> bool:
    """Whether a cell is the title of a column of changes."""
    return (
        len(text) < _LONGEST_CHANGE
        and (_CHANGE.search(text) is not None or _OF_CHANGES.fullmatch(text) is not None)
        and not _YEAR.fullmatch(text)
    )


def is_head(cells: Line) -> bool:
    """Whether a row says periods and titles, and no amount."""
    return all(
        is_period(cell.text)
        or is_change(cell.text)
        or not any(find_amounts(cell.text))
        or (place == 0 and says_span(cell.text))
        for place, cell in enumerate(split_cells(cells))
    ) and any(any(map(str.isalnum, cell.text)) for cell in cells[1:])


def split_cells(cells: Line) -> list[TableCell]:
    """The cells of a head's line, each of one period: what stands too near for cells is cut.

    A scale beside a period ("2023 | $ million") belongs to its cell.
    """
    parts: list[TableCell] = []
    for cell in cells:
        if parts and _SCALE_ALONE.fullmatch(cell.text) and is_period(parts[-1].text):
            parts[-1] = parts[-1]._replace(right=cell.right)
        else:
            parts += _split(cell)
    return parts


def _split(cell: TableCell) -> Iterator[TableCell]:
    """Cut a cell that says several spans, several days or a row of titles twice over."""
    above = ""
    text = cell.text
    starts = [found.start() for found in _SPAN_BEGINS.finditer(text)]
    if len(starts) == 1 and starts[0] > 0 and is_period(text[starts[0] :]):
        # A title that runs into the first line of its table's head.
        text = text[starts[0] :]
        cell = cell._replace(text=text)
        starts = [0]
    if len(starts) == 1 and starts[0] == 0:
        # "12 Weeks Ended 3/25/2023 3/19/2022": a span over two days, from the line above them.
        span = _SPAN_BEGINS.match(text)
        days = text[span.end() :].strip() if span is not None else ""
        if len(_FULL_DAY.findall(days)) > 1:
            above, text = text[: -len(days)], days
    if len(starts) < 2:
        for day in (_FULL_DAY, _MONTH_DAY):
            found = [*day.finditer(text)]
            if len(found) > 1 and not day.sub("", text).strip():
                starts = [day.start() for day in found]
                break
    if len(starts) < 2 and _TWICE.fullmatch(text):
        starts = [word.start() for word in re.finditer(r"\S+", text)]
    if len(starts) < 2:
        yield cell
        return
    width = (cell.right - cell.left) / len(text)
    for start, end in pairwise([0, *starts[1:], len(text)]):
        said = text[start:end].strip()
        yield TableCell(f"{above}{said}", cell.left + start * width, cell.left + end * width)


class Column(NamedTuple):
    """A column; `period` is None for one of changes and for one that is not understood."""

    place: TableCell
    period: Period | None
    basis: Basis | None


class Columns:
    """The columns that the lines of a head make, from left to right."""

    def __init__(self, lines: Sequence[Line], rows: Sequence[Line], known: Calendar) -> None:
        """Take the lines of a head, and the whole rows below it, labels included."""
        self._rows = [row[1:] for row in rows]
        self._told: list[Column] = []
        self._strange: list[TableCell] = []
        typed = [[(cell, _kind(cell.text)) for cell in line] for line in _over_values(lines, rows)]
        told = [[cell for cell, kind in line if kind in _TOLD] for line in typed]
        if not any(kind == "period" for line in typed for _, kind in line):
            return
        # The line that tells most columns apart, of several the one that is nearest to them.
        own = max(reversed(told), key=len)
        even = [line for line in told if _is_even(line, own)]
        keys = [tuple(cell.text for cell in column) for column in zip(*even, strict=True)]
        over = [line if _is_even(line, own) else _spread(line, own, keys) for line in told]
        for number, place in enumerate(own):
            stack = [cell for line in over if (cell := line[number]) is not None]
            self._told.append(_column(place, stack, known))
        self._strange = [*_strange(typed, own)]

    def __bool__(self) -> bool:
        return any(column.period is not None for column in self._told)

    def of_rows(self) -> Iterator[list[Column | None]]:
        """The column of each value of each row of the table; None where it cannot be told."""
        rows = self._rows
        placed = [[*self._by_place(row)] for row in rows]
        full = [
            [self._nearest(value)[0] for value in row]
            for row in rows
            if len(row) == len(self._told)
        ]
        in_place = sum(numbers == [*range(len(self._told))] for numbers in full)
        # Rows that are whole say whether the head stands over its columns, or only in their order.
        is_aligned = 2 * in_place >= len(full)
        for row, columns in zip(rows, placed, strict=True):
            if is_aligned:
                yield [*columns]
            elif len(row) == len(self._told):
                yield [*self._told]
            else:
                yield [None] * len(row)

    def _by_place(self, row: Line) -> Iterator[Column | None]:
        nearest = [self._nearest(value) for value in row]
        pitch = min(
            (_centre(b.place) - _centre(a.place) for a, b in pairwise(self._told)), default=None
        )
        strange = [any(_gap(value, cell) < 0 for cell in self._strange) for value in row]
        for (number, gap), is_strange in zip(nearest, strange, strict=True):
            if is_strange:
                yield None
                continue
            rivals = [
                other
                for (at, other), is_out in zip(nearest, strange, strict=True)
                if at == number and not is_out
            ]
            is_alone = gap == min(rivals) and rivals.count(gap) == 1
            is_near = pitch is None or gap <= pitch / 2
            yield self._told[number] if is_alone and is_near else None

    def _nearest(self, value: TableCell) -> tuple[int, float]:
        number = _nearest(value, [column.place for column in self._told])
        return number, max(_gap(value, self._told[number].place), 0.0)


def _over_values(lines: Sequence[Line], rows: Sequence[Line]) -> Iterator[Line]:
    """The lines without what stands over the labels; a period there is that of all columns."""
    edge = min(row[1].left for row in rows)
    margin = min(row[0].left for row in rows)
    for line in lines:
        is_labelled = (
            len(line) > 1
            and line[0].right <= edge
            and line[0].left - margin <= _INDENT * (edge - margin)
        )
        if is_labelled and is_period(line[0].text):
            yield [line[0]]
        yield line[1:] if is_labelled else line


def _strange(typed: Sequence[Sequence[tuple[TableCell, Kind]]], own: Line) -> Iterator[TableCell]:
    """Titles of columns that no period stands under: of changes, of parts, of adjustments."""
    left, right = own[0].left, own[-1].right
    for line in typed:
        for cell, kind in line:
            is_over_all = cell.left <= left and cell.right >= right and len(own) > 1
            is_own = any(cell is column for column in own)
            if kind in {"change", "other"} and not (is_over_all or is_own):
                yield cell


def _is_even(line: Line, own: Line) -> bool:
    """Whether a line has a cell for each column, with changes where the columns have them."""
    return len(line) == len(own) and all(
        (_kind(cell.text) == "change") == (_kind(column.text) == "change")
        for cell, column in zip(line, own, strict=True)
    )


def _spread(line: Line, own: Line, keys: Sequence[object]) -> list[TableCell | None]:
    """Which cell of a line lies over each column; None where that cannot be told."""
    periods = [cell for cell in line if _kind(cell.text) != "change"]
    if len(periods) == 1 == len(line):
        return [periods[0]] * len(own)
    placed = [_nearest(column, line) for column in own] if line else []
    if line and all(_is_centred(cell, number, own, placed) for number, cell in enumerate(line)):
        return [line[number] for number in placed]
    # Columns under one span differ: the first that comes again begins the next span.
    groups: list[int] = []
    seen: set[object] = set()
    group = 0
    for key in keys:
        if key in seen:
            seen.clear()
            group += 1
        seen.add(key)
        groups.append(group)
    if len(periods) == group + 1:
        return [periods[number] for number in groups]
    return [None] * len(own)


def _is_centred(cell: TableCell, number: int, own: Line, placed: Sequence[int]) -> bool:
    """Whether a cell lies over the middle of the columns that are nearest to it."""
    below = [column for column, at in zip(own, placed, strict=True) if at == number]
    if not below:
        return _kind(cell.text) == "change"
    left, right = below[0].left, below[-1].right
    return abs(_centre(cell) - (left + right) / 2) < _OFF_CENTRE * (right - left)


def _nearest(cell: TableCell, others: Line) -> int:
    """The place of the one that lies nearest across the page; one that touches is none over it."""
    return min(
        range(len(others)),
        key=lambda n: (
            _gap(cell, others[n]) >= 0,
            max(_gap(cell, others[n]), 0.0),
            abs(_centre(cell) - _centre(others[n])),
        ),
    )


def _gap(a: TableCell, b: TableCell) -> float:
    """How far two cells lie from each other across the page; negative where they overlap."""
    return max(a.left - b.right, b.left - a.right)


def _centre(cell: TableCell) -> float:
    return (cell.left + cell.right) / 2


def _kind(text: str) -> Kind:
    bare = _NOTE.sub("", text.strip())
    basis = _BASIS.fullmatch(bare)
    if basis is not None:
        return "basis"
    if is_period(bare) and not _CHANGE_FIRST.match(bare):
        return "period"
    if is_change(bare):
        return "change"
    return "neutral" if _NEUTRAL.fullmatch(bare) else "other"


def _column(place: TableCell, stack: Line, known: Calendar) -> Column:
    kinds = {cell.text: _kind(cell.text) for cell in stack}
    bases: list[Basis] = [
        "non_gaap" if text.lower().startswith("non") else "gaap"
        for text, kind in kinds.items()
        if kind == "basis"
    ]
    parts = [cell.text for cell in stack if kinds[cell.text] == "period"]
    period = None if "change" in kinds.values() or not parts else _period(parts, known)
    return Column(place, period, bases[-1] if bases else None)


def _period(said: Sequence[str], known: Calendar) -> Period | None:
    """The period that the lines over a column say together, the nearest of them last."""
    parts = [_NOTE.sub("", part.strip()) for part in said]
    # The nearest lines say it first; what they say must take in the column's own words.
    for count in range(1, len(parts) + 1):
        told = parts[-count:]
        for tried in dict.fromkeys((" ".join(told), " ".join(reversed(told)))):
            period = _period_of(tried, known)
            if period is not None:
                return period
    day = _dated(" ".join(parts))
    if _FULL_DAY.fullmatch(day):
        # Without a span above it a day is the end of nothing.
        found = find_periods(f"as of {day}", known)
        return found[0].periods[0] if found and found[0].periods else None
    is_of_years = len(parts) == 1 and known.kind == "annual"
    if _YEAR.fullmatch(parts[-1]) and (is_of_years or any(map(_OF_YEARS.match, parts[:-1]))):
        return known.year(int(parts[-1]))
    return None


def _period_of(text: str, known: Calendar) -> Period | None:
    """The period that a text names with its last words; None where it says no year."""
    dated = _dated(text)
    found = [m for m in find_periods(dated, known) if m.periods and m.end == len(dated)]
    return found[-1].periods[0] if found and _SAYS_YEAR.search(dated) else None


def _dated(text: str) -> str:
    """A day written as in prose: "June 30, 2025"."""
    if not _MONTH_DAY.search(text):
        return text
    # Of a span whose month, for one column of several, stands at the end of its line.
    single = _MONTHS_MEET.sub("", text)
    return re.sub(rf",?\s+(?={YEAR}$)", ", ", single)
