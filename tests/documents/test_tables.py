"""Generated tables: whatever their heads look like, a figure is read back exactly or not at all."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from hypothesis import given
from hypothesis import strategies as st

from connectors.documents.html import read_html
from connectors.documents.kpis import Kpi
from connectors.documents.reading import read_document

_SPANS = {"Three": "{q}", "Six": "6M {q}", "Nine": "9M {q}"}
_ROWS = ("Total revenues", "Gross profit", "Operating income", "Net income")
_METRICS = ("revenue", "gross_profit", "operating_income", "net_income")
_SCALES = {"(in thousands)": 3, "(in millions)": 6, "(in billions)": 9}


@dataclass(frozen=True)
class _Column:
    """A column: its span, year and basis; a column of changes has no year."""

    span: str
    year: int | None
    basis: str = ""


@dataclass(frozen=True)
class _Table:
    columns: Sequence[_Column]
    scale: str
    # Rows of values, one for each column.
    values: Sequence[Sequence[int | None]]
    # Whether cells of the head say how many columns they lie over.
    has_spans: bool
    # Empty columns between those of values.
    spacers: int

    def html(self) -> str:
        width = 2 + self.spacers
        rows = [
            *self._heads(width),
            *(
                [(label, 1), *self._cells(row, width)]
                for label, row in zip(_ROWS, self.values, strict=True)
            ),
        ]
        return f"<p><b>Statements of Income</b></p><p>{self.scale}</p>" + _markup(rows)

    def _cells(self, row: Sequence[int | None], width: int) -> Iterator[tuple[str, int]]:
        for column, value in zip(self.columns, row, strict=True):
            yield from (("", 1) for _ in range(self.spacers))
            if column.year is None:
                yield from (("", 1), ("7%", 1))
            elif value is None:
                yield from (("", 1), ("—", 1))
            else:
                yield from (("$", 1), (f"({-value:,})" if value < 0 else f"{value:,}", 1))

    def _heads(self, width: int) -> Iterator[list[tuple[str, int]]]:
        step = width if self.has_spans else 1
        spans = [(span, len([*of])) for span, of in groupby(c.span for c in self.columns)]
        says_days = [(f"{span} Months Ended September 30,", n) for span, n in spans]
        yield [("", 1), *((text, n * step if self.has_spans else 1) for text, n in says_days)]
        years = [str(c.year) if c.year else "Change" for c in self.columns]
        yield [("", 1), *((year, step) for year in years)]
        if any(column.basis for column in self.columns):
            yield [("", 1), *((column.basis, step) for column in self.columns)]

    def truth(self) -> dict[tuple[str, str], Decimal]:
        return {
            (_name(metric, column.basis), _label(column)): Decimal(value).scaleb(self._power)
            for metric, row in zip(_METRICS, self.values, strict=True)
            for column, value in zip(self.columns, row, strict=True)
            # Revenue on management's own basis is none of the accounts'.
            if value is not None
            and column.year is not None
            and (metric, column.basis) != ("revenue", "Non-GAAP")
        }

    @property
    def _power(self) -> int:
        return _SCALES[self.scale]


def _name(metric: str, basis: str) -> str:
    return f"non_gaap_{metric}" if basis == "Non-GAAP" else metric


def _label(column: _Column) -> str:
    return _SPANS[column.span].format(q=f"Q3 {column.year}")


def _markup(rows: Sequence[Sequence[tuple[str, int]]]) -> str:
    lines = "".join(
        "<tr>" + "".join(f'<td colspan="{width}">{text}</td>' for text, width in row) + "</tr>"
        for row in rows
    )
    return f"<table>{lines}</table>"


@st.composite
def _tables(draw: st.DrawFn) -> _Table:
    spans = draw(st.lists(st.sampled_from(list(_SPANS)), min_size=1, max_size=2, unique=True))
    has_change = draw(st.booleans())
    bases = draw(st.sampled_from([("",), ("GAAP", "Non-GAAP")]))
    columns: list[_Column] = []
    for span in spans:
        for year in range(2025, 2025 - draw(st.integers(1, 3)), -1):
            columns += [_Column(span, year, basis) for basis in bases]
        if has_change and bases == ("",):
            columns.append(_Column(span, None))
    figure = st.one_of(st.none(), st.integers(-999_999, -1), st.integers(1_000, 9_999_999))
    values = [
        [draw(figure if metric != "revenue" else st.integers(1_000, 9_999_999)) for _ in columns]
        for metric in _METRICS
    ]
    return _Table(
        columns, draw(st.sampled_from(list(_SCALES))), values, draw(st.booleans()),
        draw(st.integers(0, 2)),
    )  # fmt: skip


def _told(table: _Table) -> list[Kpi]:
    page = (
        "<html><body><p><b>Acme Reports Third Quarter 2025 Results</b></p><p>Acme today announced"
        " results for the third quarter ended September 30, 2025.</p>"
        f"{table.html()}</body></html>"
    )
    return read_document(page.encode(), "EX-99.1").kpis


@given(_tables())
def test_a_figure_of_a_table_is_read_back_exactly_or_not_at_all(table: _Table) -> None:
    truth = table.truth()
    for kpi in _told(table):
        assert kpi.period is not None
        assert truth.get((kpi.metric, kpi.period.label)) == kpi.value


@given(_tables())
def test_a_head_that_says_what_it_lies_over_loses_nothing(table: _Table) -> None:
    laid_out = _Table(table.columns, table.scale, table.values, True, table.spacers)
    told = {(kpi.metric, kpi.period.label) for kpi in _told(laid_out) if kpi.period is not None}
    assert told == set(laid_out.truth())


def test_a_cell_knows_where_it_lies_in_the_grid() -> None:
    text = read_html(
        b"<table><tr><td rowspan=2>Item</td><td colspan=2>2025</td><td>2024</td></tr>"
        b"<tr><td>$</td><td>1,204</td><td>902</td></tr></table>"
    )
    assert [[tuple(cell) for cell in block.cells] for block in text.blocks] == [
        [("Item", 0, 1), ("2025", 1, 3), ("2024", 3, 4)],
        [("$1,204", 1, 3), ("902", 3, 4)],
    ]
