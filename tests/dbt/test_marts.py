"""The marts of a sample night: dbt's unit tests, and the arithmetic again in pandas."""

from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest

from tests.dbt.project import parsed, run_dbt
from tests.nights import SampleNights
from warehouse.db import open_warehouse
from warehouse.settings import Settings

ADDITIVE = ["revenue", "gross_profit", "operating_income", "net_income", "operating_cash_flow"]


def test_dbt_unit_tests_pass(sample_nights: SampleNights, tmp_path: Path) -> None:
    with open_warehouse(Settings(home=sample_nights.home.path)) as warehouse:
        results = run_dbt(warehouse, tmp_path, "2026-07-10", "test", "--select", "test_type:unit")
    assert len(results) == len(parsed().unit_tests)


@pytest.fixture(scope="module")
def facts(sample_nights: SampleNights) -> pd.DataFrame:
    """Every known cell of the filers, with exact values."""
    rows = sample_nights.home.query(
        "select ticker, line, period_type, period_start, period_end, value, currency, rule"
        " from fct_financials where status = 'ok'"
    )
    frame = pd.DataFrame(rows)
    frame["value"] = frame["value"].map(Decimal)
    frame["period_end"] = pd.to_datetime(frame["period_end"])
    frame["period_start"] = pd.to_datetime(frame["period_start"])
    return frame


@pytest.fixture(scope="module")
def performance(sample_nights: SampleNights) -> pd.DataFrame:
    rows = sample_nights.home.query("select * from mart_company_performance")
    return pd.DataFrame(rows).set_index("ticker")


def _trailing(facts: pd.DataFrame, line: str) -> dict[tuple[str, pd.Timestamp], Decimal]:
    """Sums of four quarters that follow each other without a gap."""
    sums = {}
    quarters = facts[(facts["line"] == line) & (facts["period_type"] == "quarter")]
    for ticker, own in quarters.groupby("ticker"):
        own = own.sort_values("period_end").reset_index(drop=True)
        for n in range(3, len(own)):
            four = own.loc[n - 3 : n]
            follows = (
                four["period_start"].iloc[1:].to_numpy()
                == (four["period_end"].iloc[:-1] + pd.Timedelta(days=1)).to_numpy()
            )
            if follows.all():
                sums[(str(ticker), four["period_end"].iloc[-1])] = sum(four["value"], Decimal(0))
    return sums


@pytest.mark.parametrize("line", ADDITIVE)
def test_twelve_months_are_the_sum_of_four_quarters(facts: pd.DataFrame, line: str) -> None:
    recomputed = _trailing(facts, line)
    trailing = facts[(facts["line"] == line) & (facts["period_type"] == "ttm")]
    compared = 0
    for row in trailing.itertuples():
        expected = recomputed.get((row.ticker, row.period_end))
        # Quarters on either side of a recast are no sum; the year and the year to date still are.
        if expected is None or row.rule == "year_and_year_to_date":
            continue
        year_end = facts[
            (facts["ticker"] == row.ticker)
            & (facts["line"] == line)
            & (facts["period_type"] == "annual")
            & (facts["period_end"] == row.period_end)
        ]
        # At a year-end the stated year stands, from which a quarter restated alone may differ.
        wanted = year_end["value"].iloc[0] if len(year_end) else expected
        assert row.value == wanted, (row.ticker, row.period_end)
        compared += 1
    assert compared > 100


def test_growth_is_this_year_over_the_year_before(
    facts: pd.DataFrame, performance: pd.DataFrame
) -> None:
    filers = performance[performance["figures_source"] == "filing"]
    trailing = facts[(facts["line"] == "revenue") & (facts["period_type"] == "ttm")]
    for ticker, row in filers.iterrows():
        own = trailing[trailing["ticker"] == ticker].set_index("period_end")["value"].sort_index()
        last = own.index[-1]
        days = (last - own.index).days
        before = own[(days >= 350) & (days <= 380)]
        if before.empty:
            assert row["revenue_growth_pct"] == "", ticker
            continue
        growth = own.iloc[-1] / before.iloc[-1] - 1
        assert abs(Decimal(row["revenue_growth_pct"]) - growth) <= Decimal("0.0000005"), ticker


@pytest.mark.parametrize(
    ("margin", "line"),
    [
        ("gross_margin_pct", "gross_profit"),
        ("operating_margin_pct", "operating_income"),
        ("net_margin_pct", "net_income"),
        ("fcf_margin_pct", "free_cash_flow"),
    ],
)
def test_margins_are_shares_of_trailing_revenue(
    facts: pd.DataFrame, performance: pd.DataFrame, margin: str, line: str
) -> None:
    trailing = facts[facts["period_type"] == "ttm"]
    for ticker, row in performance[performance["figures_source"] == "filing"].iterrows():
        own = trailing[
            (trailing["ticker"] == ticker) & (trailing["period_end"] == row["ttm_end"])
        ].set_index("line")["value"]
        if line not in own:
            assert row[margin] == ""
            continue
        expected = own[line] / own["revenue"]
        assert abs(Decimal(row[margin]) - expected) <= Decimal("0.0000005"), ticker


def test_segments_add_up_to_their_ranked_companies(
    sample_nights: SampleNights, performance: pd.DataFrame
) -> None:
    ranked = performance[performance["is_ranked"] == "True"]
    by_segment = ranked.groupby("segment")["revenue_ttm_usd"].agg(lambda s: sum(map(Decimal, s)))
    landscape = pd.DataFrame(
        sample_nights.home.query("select * from mart_competitive_landscape")
    ).set_index("segment")
    for segment, row in landscape.iterrows():
        if row["ranked_count"] == "0":
            assert row["revenue_ttm_usd"] == ""
        else:
            assert Decimal(row["revenue_ttm_usd"]) == by_segment[segment]
    technology = ranked[ranked["segment"] == "technology"]["revenue_ttm_usd"].map(Decimal)
    shares = technology / technology.sum()
    hhi = sum(share * share for share in shares) * 10000
    assert abs(Decimal(landscape.loc["technology", "hhi"]) - hhi) <= Decimal("0.005")
