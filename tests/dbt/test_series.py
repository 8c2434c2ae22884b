"""The series of measures, again in pandas: from the cells, by formulas that are written here.

Decimals of fifty digits, rounded once, as the mart rounds: each value is equal to its last place.
"""

from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal, localcontext

import pandas as pd
import pytest

from tests.dbt.measures import made_files, read_measures
from tests.nights import SampleNights
from warehouse.read.reasons import REASONS

Cell = Callable[[str], Decimal | None]
# Of what is no amount of money, which is as exact as its cells.
SIXTH_PLACE = Decimal("0.000001")
DIGITS = 50


def test_what_is_made_from_the_list_of_measures_is_up_to_date() -> None:
    stale = [path.name for path, text in made_files() if path.read_text(encoding="utf-8") != text]
    assert stale == [], "run `make measures`"


@pytest.fixture(scope="module")
def cells(sample_nights: SampleNights) -> dict[tuple[int, pd.Timestamp], pd.Series]:
    """Of each filer and period end its cells, as `revenue ttm`, `revenue quarter` or `cash`."""
    frame = pd.DataFrame(
        sample_nights.home.rows(
            "select cik, period_end, line, period_type, value, currency, split_factor, fiscal_year"
            " from fct_financials"
            " where status = 'ok' and period_type in ('ttm', 'quarter', 'instant')"
        )
    )
    shares = frame["line"].str.startswith("shares")
    frame["value"] = frame["value"].where(
        ~shares, (frame["value"] * frame["split_factor"]).map(lambda v: v.quantize(Decimal(1)))
    )
    frame["cell"] = frame["line"].where(
        frame["period_type"] == "instant", frame["line"] + " " + frame["period_type"]
    )
    frame["period_end"] = pd.to_datetime(frame["period_end"])
    return {
        key: own.set_index("cell")["value"] for key, own in frame.groupby(["cik", "period_end"])
    }


def _rounded(value: Decimal, unit: str) -> Decimal:
    """As PostgreSQL rounds: half a place goes away from zero, which decimal calls half up."""
    return value if unit == "money" else value.quantize(SIXTH_PLACE, ROUND_HALF_UP)


def _over(value: Decimal | None, base: Decimal | None) -> Decimal | None:
    return None if value is None or base is None or base <= 0 else value / base


def _growth(now: Decimal | None, before: Decimal | None, years: int = 1) -> Decimal | None:
    share = _over(now, before)
    if share is None or (years > 1 and share <= 0):
        return None
    return share ** (Decimal(1) / years) - 1


def _total(*parts: Decimal | None) -> Decimal | None:
    known = [part for part in parts if part is not None]
    return sum(known, Decimal(0)) if len(known) == len(parts) else None


def _less(value: Decimal | None) -> Decimal | None:
    return None if value is None else -value


def _shares(at: Cell) -> Decimal | None:
    # Of twelve months they are stated at the end of a year alone.
    year = at("shares_diluted ttm")
    return at("shares_diluted quarter") if year is None else year


def _of_cells(now: Cell, year: Cell, three_years: Cell) -> dict[str, Decimal | None]:
    revenue = now("revenue ttm")
    equity = _total(now("stockholders_equity"), year("stockholders_equity"))
    debt = _total(now("short_term_debt"), now("long_term_debt"))
    cash, flow = now("cash_and_equivalents"), now("free_cash_flow ttm")
    capital = _total(debt, now("stockholders_equity"), _less(cash))
    taxed = _total(now("operating_income ttm"), _less(now("income_tax ttm")))
    return {
        "revenue_quarter_growth_pct": _growth(now("revenue quarter"), year("revenue quarter")),
        "revenue_growth_pct": _growth(revenue, year("revenue ttm")),
        "revenue_cagr_3y_pct": _growth(revenue, three_years("revenue ttm"), 3),
        "gross_margin_pct": _over(now("gross_profit ttm"), revenue),
        "operating_margin_pct": _over(now("operating_income ttm"), revenue),
        "net_margin_pct": _over(now("net_income ttm"), revenue),
        "fcf_margin_pct": _over(flow, revenue),
        "roe_pct": _over(now("net_income ttm"), None if equity is None else equity / 2),
        "roic_pct": _over(taxed, capital),
        "ebitda_ttm": _total(now("operating_income ttm"), now("depreciation_amortization ttm")),
        "billings_ttm": _total(revenue, now("deferred_revenue"), _less(year("deferred_revenue"))),
        "deferred_revenue_growth_pct": _growth(now("deferred_revenue"), year("deferred_revenue")),
        "receivable_days": _over(now("receivables"), None if revenue is None else revenue / 365),
        "stock_compensation_pct": _over(now("stock_compensation ttm"), revenue),
        "shares_change_pct": _growth(_shares(now), _shares(year)),
        "rpo": now("remaining_performance_obligation"),
        "rpo_growth_pct": _growth(
            now("remaining_performance_obligation"), year("remaining_performance_obligation")
        ),
        "net_cash": _total(cash, _less(debt)),
        "net_debt": _total(debt, _less(cash)),
        "net_debt_with_leases": _total(debt, now("operating_lease_liabilities"), _less(cash)),
        "runway_months": _over(cash, None if flow is None else -flow / 12),
    }


def test_every_measure_is_what_its_formula_gives(
    sample_nights: SampleNights, cells: dict[tuple[int, pd.Timestamp], pd.Series]
) -> None:
    with localcontext(prec=DIGITS):
        compared = _compare(sample_nights, cells)
    assert compared > 1_500


def _compare(sample_nights: SampleNights, cells: dict[tuple[int, pd.Timestamp], pd.Series]) -> int:
    """How many values were compared; fails at the first that is another."""
    series = pd.DataFrame(sample_nights.home.rows("select * from mart_company_quarters"))
    units = {measure.measure: measure.unit for measure in read_measures()}
    series["period_end"] = pd.to_datetime(series["period_end"])

    # A day of which only balances are told ends no period of the series.
    ends = [key for key, own in cells.items() if own.index.str.endswith(("ttm", "quarter")).any()]

    def earlier(cik: int, end: pd.Timestamp, years: int) -> pd.Timestamp | None:
        """The same quarter some years before, a few days earlier or later."""
        wanted = end - pd.DateOffset(years=years)
        near = [one for filer, one in ends if filer == cik and abs((one - wanted).days) <= 16]
        return max(near, default=None)

    def cell(cik: int, end: pd.Timestamp | None) -> Cell:
        own = cells.get((cik, end)) if end is not None else None
        return lambda name: None if own is None else own.get(name)

    made: dict[tuple[int, pd.Timestamp], dict[str, Decimal | None]] = {}
    for cik, end in cells:
        made[cik, end] = _of_cells(
            cell(cik, end), cell(cik, earlier(cik, end, 1)), cell(cik, earlier(cik, end, 3))
        )

    def change(
        cik: int, end: pd.Timestamp, measure: str, then: pd.Timestamp | None
    ) -> Decimal | None:
        before = made.get((cik, then), {}).get(measure) if then is not None else None
        return _total(made[cik, end][measure], _less(before))

    compared = 0
    for row in series.to_dict("records"):
        cik, end = row["cik"], row["period_end"]
        expected = dict(made[cik, end])
        for margin in ("gross", "operating", "net", "fcf"):
            for quarters, years in ((4, 1), (8, 2)):
                expected[f"{margin}_margin_change_{quarters}q_pct"] = change(
                    cik, end, f"{margin}_margin_pct", earlier(cik, end, years)
                )
        before = [one for filer, one in cells if filer == cik and 80 <= (end - one).days <= 105]
        expected["revenue_growth_acceleration_pct"] = change(
            cik, end, "revenue_quarter_growth_pct", max(before, default=None)
        )
        expected["rule_of_40_pct"] = _total(
            expected["revenue_growth_pct"], expected["fcf_margin_pct"]
        )
        assert set(expected) == set(units)
        for name, value in expected.items():
            told = f"{row['ticker']} {end:%Y-%m-%d} {name}"
            if value is None:
                assert row[name] is None, told
                assert row["blank_reasons"][name] in REASONS, told
                continue
            assert row[name] == _rounded(value, units[name]), f"{told}: {row[name]} and {value}"
            assert name not in row["blank_reasons"], told
            compared += 1
    return compared
