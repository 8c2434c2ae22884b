"""The site's tables: periods across and lines down, or rows of a mart as they are.

Every table carries the statement that gives the same rows, for readers to copy.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from reports.site.figures import Html, escaped, number, shown, text
from warehouse.read.marts import MartRow


@dataclass(frozen=True)
class Head:
    """The head of a column; on a narrow page it stands before each value."""

    label: str
    is_number: bool = False


class Described(NamedTuple):
    """A line or a measure as a table of periods wants it: column, kind of number, and words."""

    name: str
    kind: str
    label: str
    hint: str


@dataclass(frozen=True)
class Line:
    """A row of a table: its head, a hint at what it is, and the inside of its cells."""

    label: str
    hint: str
    cells: Sequence[Html]


@dataclass(frozen=True)
class Table:
    """A table with the statement behind it; `name` is also that of its CSV file.

    `first` is the head of the column of row heads. A `wide` one has periods across.
    """

    name: str
    caption: str
    first: str
    heads: Sequence[Head]
    lines: Sequence[Line]
    sql: str
    wide: bool = False
    note: str = ""

    @property
    def rows(self) -> Iterator[tuple[Line, Html]]:
        """Each line with its cells, which have their head beside them for narrow pages."""
        heads = [
            f'<td data-h="{escaped(head.label)}"' + (' class="number">' if head.is_number else ">")
            for head in self.heads
        ]
        for line in self.lines:
            cells = zip(heads, line.cells, strict=True)
            yield line, Html("".join(f"{head}{cell}</td>" for head, cell in cells))

    @property
    def title(self) -> str:
        """The caption up to its first comma."""
        return self.caption.split(",")[0]


# Lines that are blank in every period for these reasons are named under the table.
_NOTED: Final[Mapping[frozenset[str | None], str]] = {
    frozenset({"not_applicable"}): "Not in statements of this kind",
    frozenset({"not_reported"}): "Not reported for any of these periods",
    frozenset({"not_applicable", "not_reported"}): "Not reported, or not of this kind",
}


def periods(
    name: str,
    caption: str,
    rows: Sequence[MartRow],
    lines: Sequence[Described],
    key_of: Callable[[str, MartRow], str],
    sql: str,
    marks: Mapping[tuple[str, Any], str] | None = None,
) -> Table:
    """Periods across, the newest first, and lines down.

    `key_of` says what a number asks about; `marks` maps (line, period end) to why it is marked.
    A line that no period has, blank or not, is left out. One that is blank in all of them because
    statements of this kind do not have it (a bank's inventory), or because none of the filings
    reports it, is named in the note, so that rows of dashes do not hide the numbers.
    """
    marked = marks or {}
    made: list[Line] = []
    noted: dict[frozenset[str | None], list[str]] = {reasons: [] for reasons in _NOTED}
    for line, kind, label, hint in lines:
        cells = []
        reasons = frozenset(
            (row["blank_reasons"] or {}).get(line) for row in rows if row.get(line) is None
        )
        is_valued = any(row.get(line) is not None for row in rows)
        if reasons in noted and not is_valued:
            noted[reasons].append(label)
            continue
        for row in rows:
            why = (row["blank_reasons"] or {}).get(line)
            value = row.get(line)
            mark = marked.get((line, row["period_end"]), "")
            cells.append(
                number(
                    shown(value, kind, why),
                    key_of(line, row),
                    mark if value is not None else "",
                )
            )
        if is_valued or reasons - {None}:
            made.append(Line(label, hint, cells))
    heads = [Head(str(row["period_end"]), is_number=True) for row in rows]
    note = " ".join(
        f"{_NOTED[reasons]}: {', '.join(labels)}." for reasons, labels in noted.items() if labels
    )
    return Table(name, caption, "Line", heads, made, sql, wide=True, note=note)


# Where a row says why a value of it is blank.
_REASONS: Final = {"value": "blank_reason", "value_before": "blank_reason_before"}


def plain(
    name: str,
    caption: str,
    rows: Sequence[MartRow],
    columns: Sequence[tuple[str, str, str]],
    sql: str,
) -> Table:
    """Rows of a mart as they are; columns are (name, head, kind), the first of them the row's head.

    A kind of text is shown as it is, of url as a link, of any other as a number of that kind, and
    of_line as one of the row's own `kind`.
    """
    heads = [Head(label, is_number=kind not in ("text", "url")) for _, label, kind in columns[1:]]
    lines = [
        Line(
            text(row[columns[0][0]]),
            "",
            [_cell(row, column, kind) for column, _, kind in columns[1:]],
        )
        for row in rows
    ]
    return Table(name, caption, columns[0][1], heads, lines, sql)


def _cell(row: MartRow, column: str, kind: str) -> Html:
    value = row[column]
    if kind == "text":
        return escaped(text(value))
    if kind == "url":
        return link(value)
    if kind == "count":
        return Html("" if value is None else f'<span class="n">{value:,}</span>')
    if kind == "of_line":
        kind = row["kind"]
    return number(shown(value, kind, row.get(_REASONS.get(column, ""))))


def link(url: str | None) -> Html:
    """A link to a source; an address that is not of the web is shown as text."""
    if not url:
        return Html("")
    if not url.startswith(("https://", "http://")):
        return escaped(url)
    return Html(f'<a href="{escaped(url)}" rel="noreferrer">source</a>')
