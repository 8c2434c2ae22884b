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


_HEAD = """<p><b>Acme Reports Third Quarter 2025 Results</b></p>
<p>Acme today announced results for the third quarter ended September 30, 2025.</p>
<p><b>Statements of Income</b></p><p>(in millions of $, except per share data)</p>"""


def _read(rows: str, head: str = "<tr><td></td><td>2025</td><td>2024</td></tr>") -> set[str]:
    """What is told of a table of three months: "metric period value"."""
    span = "<tr><td></td><td colspan=2>Three Months Ended September 30,</td></tr>"
    page = f"<html>{_HEAD}<table>{span}{head}{rows}</table></html>"
    return {
        f"{kpi.metric} {kpi.period.label if kpi.period else ''} {kpi.value:f}"
        for kpi in read_document(page.encode(), "EX-99.1").kpis
        if kpi.status == "ok"
    }


def _row(*cells: str) -> str:
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def test_a_row_below_the_heading_of_earnings_per_share_is_named_by_both() -> None:
    rows = _row("Earnings per share:") + _row("Basic", "$1.10", "$0.90")
    rows += _row("Diluted", "$1.05", "$0.85") + _row("Shares used:") + _row("Diluted", "120", "118")
    assert _read(rows) == {"eps_diluted Q3 2025 1.05", "eps_diluted Q3 2024 0.85"}


def test_a_total_without_a_label_is_one_where_the_rows_above_make_it() -> None:
    lines = _row("Revenues:") + _row("Services", "$60", "$50") + _row("Goods", "40", "30")
    assert _read(lines + _row("", "100", "80")) == {
        "revenue Q3 2025 100000000",
        "revenue Q3 2024 80000000",
    }
    assert _read(lines + _row("", "95", "80")) == set()


def test_a_margin_of_so_many_dollars_is_the_profit() -> None:
    rows = _row("Gross margin", "$55", "$50") + _row("Gross margin", "55.0%", "50.5%")
    assert _read(rows) == {
        "gross_profit Q3 2025 55000000",
        "gross_profit Q3 2024 50000000",
        "gross_margin Q3 2025 0.550",
        "gross_margin Q3 2024 0.505",
    }


def test_where_revenue_is_a_hundred_bare_numbers_are_shares() -> None:
    rows = _row("Subscription", "98%", "97%") + _row("Other", "2", "3")
    rows += _row("Total revenue", "100", "100") + _row("Gross profit", "84", "85")
    assert _read(rows) == set()
    rows = _row("Total revenue", "100", "90") + _row("Gross profit", "84", "75")
    assert len(_read(rows)) == 4


def test_a_loss_of_one_digit_is_no_note() -> None:
    told = _read(_row("Net income", "$(1)", "$5"))
    assert told == {"net_income Q3 2025 -1000000", "net_income Q3 2024 5000000"}


def test_a_head_that_stands_again_is_the_next_page_s_or_the_next_table_s() -> None:
    head = "<tr><td></td><td colspan=2>Three Months Ended September 30,</td></tr>"
    # On the next page the line of years is cut off.
    rows = _row("Gross profit", "$55", "$50") + head + _row("Operating income", "$9", "$8")
    # The next table has the same spans, over years in another order.
    rows += head + _row("(in thousands)", "2024", "2025") + _row("Net income", "$7,000", "$6,000")
    assert _read(rows) == {
        "gross_profit Q3 2025 55000000",
        "gross_profit Q3 2024 50000000",
        "operating_income Q3 2025 9000000",
        "operating_income Q3 2024 8000000",
        "net_income Q3 2025 6000000",
        "net_income Q3 2024 7000000",
    }


def test_columns_of_parts_and_adjustments_are_left_out_alone() -> None:
    head = _row("", "Americas", "Europe", "Total")
    page_head = "<tr><td></td><td colspan=3>Three Months Ended September 30, 2025</td></tr>" + head
    span = (
        f"<html>{_HEAD}<table>{page_head}{_row('Net sales', '$60', '$40', '$100')}</table></html>"
    )
    [kpi] = read_document(span.encode(), "EX-99.1").kpis
    assert (kpi.metric, kpi.value) == ("revenue", 100_000_000)


def test_net_income_is_the_whole_one_though_a_headline_says_otherwise() -> None:
    rows = _row("Net income", "$112", "$90")
    rows += _row("Net income attributable to noncontrolling interests", "2", "1")
    rows += _row("Net income attributable to Acme", "$110", "$89")
    told = _read(
        rows + "</table><p>Net income was $110 million in the third quarter of 2025.</p><table>"
    )
    assert told == {"net_income Q3 2025 112000000", "net_income Q3 2024 90000000"}


def test_a_figure_below_the_heading_of_a_business_is_none_of_the_company() -> None:
    page = (
        "<html><p><b>Acme Reports Third Quarter 2025 Results</b></p><p>Acme today announced results"
        " for the third quarter ended September 30, 2025.</p><p><b>Highlights</b></p>"
        "<p>Revenue was $100 million.</p><p><b>Data Center</b></p><p>Revenue was $60 million.</p>"
        "<p><b>Financial Summary</b></p><p>Gross profit was $55 million.</p></html>"
    )
    told = [(kpi.metric, kpi.value) for kpi in read_document(page.encode(), "EX-99.1").kpis]
    assert told == [("revenue", 100_000_000), ("gross_profit", 55_000_000)]
