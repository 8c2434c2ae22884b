"""The sample night, installed and run as a newcomer would."""

from decimal import Decimal

import pytest

from tests.nights import SampleNights

# Hand-checked against the companies' filings: the fiscal year's figure less the year before's
# first quarters plus this year's, or the sum of the four quarters' own statements.
TRAILING_REVENUE = {
    # FY2025 416,161 + Q1 FY2026 143,756 - Q1 FY2025 124,300
    "AAPL": 435_617_000_000,
    "META": 214_962_000_000,
    "DDOG": 3_672_031_000,
    "DUOL": 1_098_813_000,
}


def _performance(nights: SampleNights) -> dict[str, dict[str, str]]:
    rows = nights.home.query("select * from mart_company_performance")
    return {row["ticker"]: row for row in rows}


def test_the_summary_names_counts_run_and_next_steps(sample_nights: SampleNights) -> None:
    first = sample_nights.printed
    assert "A new home: first the night of 2026-07-09, then that of 2026-07-10" in first
    assert "Run 2 is published: 22 companies" in first
    assert "82,961 facts" in first
    assert "0 rejected" in first
    assert "Time: prepare" in first
    assert "corpintel report" in first


def test_a_second_night_changes_no_row(sample_nights: SampleNights) -> None:
    assert sample_nights.dumps[0] == sample_nights.dumps[1]
    newest, second, first = sample_nights.publications
    assert newest["content_hash"] == second["content_hash"]
    assert newest["rows_changed"] == 0
    assert first["rows_changed"] == sum(first["row_counts"].values())


def test_the_last_day_tells_what_it_changed(sample_nights: SampleNights) -> None:
    # The made-up company files a quarter on that day, which counts a cost of the year before, told
    # of the quarter and of the half year, as selling and no longer as research.
    moved = sample_nights.home.query(
        "select ticker, line, value_before, value, accession from mart_run_changes"
        " where why = 'restatement' and period_type = 'quarter' and as_of = '2026-07-10'"
        " order by line"
    )
    filing = {"ticker": "MADEUP", "accession": "0999999999-26-000018"}
    assert moved == [
        filing | {"line": line, "value_before": before, "value": now}
        for line, before, now in (
            ("research_and_development", "23977000", "23077000"),
            ("sales_and_marketing", "24976000", "25876000"),
        )
    ]


def test_what_lanes_made_for_their_batches_is_dropped(sample_nights: SampleNights) -> None:
    [left] = sample_nights.home.query(
        "select count(*) filter (where nspname ~ '_[0-9]+$') as schemas,"
        " (select pg_relation_size(oid) from pg_class where relname = 'stg_sec__facts') as bytes"
        " from pg_namespace where nspname ~ '^(staging|intermediate|build)'"
    )
    assert (int(left["schemas"]), int(left["bytes"])) == (0, 0)


def test_a_second_night_loads_no_row(sample_nights: SampleNights) -> None:
    summary = sample_nights.summary
    assert summary.staged > 0
    assert summary.new == 0


@pytest.mark.parametrize(("ticker", "revenue"), TRAILING_REVENUE.items())
def test_trailing_revenue_is_that_of_the_filings(
    sample_nights: SampleNights, ticker: str, revenue: int
) -> None:
    assert Decimal(_performance(sample_nights)[ticker]["revenue_ttm"]) == revenue


def test_nvidia_trails_by_four_quarters_of_its_own_fiscal_calendar(
    sample_nights: SampleNights,
) -> None:
    # FY2026 to 2026-01-25, less Q1 FY2026 (44,062), plus Q1 FY2027.
    row = _performance(sample_nights)["NVDA"]
    assert row["ttm_end"] == "2026-04-26"
    quarters = sample_nights.home.query(
        "select value from fct_financials where ticker = 'NVDA' and line = 'revenue'"
        " and period_type = 'quarter' and period_end > '2025-04-27' order by period_end"
    )
    assert [Decimal(q["value"]) for q in quarters][:2] == [46_743_000_000, 57_006_000_000]
    assert sum(Decimal(q["value"]) for q in quarters) == Decimal(row["revenue_ttm"])


def test_an_annual_filer_shows_its_year_in_its_currency_with_twin_and_age(
    sample_nights: SampleNights,
) -> None:
    row = _performance(sample_nights)["TSM"]
    assert Decimal(row["revenue_ttm"]) == 2_894_307_700_000
    assert (row["currency"], row["ttm_end"], row["fx_kind"]) == ("TWD", "2024-12-31", "filer")
    assert Decimal(row["revenue_ttm_usd"]) == 88_268_000_000
    assert (row["days_since_ttm_end"], row["is_stale"]) == ("556", "True")
    assert (row["is_ranked"], row["left_out_reason"]) == ("False", "stale")


def test_vendor_only_companies_are_marked_and_not_ranked(sample_nights: SampleNights) -> None:
    rows = _performance(sample_nights)
    vendor = {ticker for ticker, row in rows.items() if row["figures_source"] == "vendor"}
    assert vendor == {
        "CVSA", "BFAM", "CHGG", "LAUR", "LOPE", "LRN", "PRDO", "SCHL", "STRA", "TWOU",
    }  # fmt: skip
    assert all(rows[ticker]["is_ranked"] == "False" for ticker in vendor)
    assert all(rows[ticker]["gross_margin_pct"] == "" for ticker in vendor)


def test_no_company_has_a_zero_for_a_missing_value(sample_nights: SampleNights) -> None:
    rows = sample_nights.home.query(
        "select ticker from mart_company_performance where revenue_ttm = 0 or revenue_ttm_usd = 0"
    )
    assert rows == []
    blanks = sample_nights.home.query(
        "select count(*) as n from fct_financials where (status = 'blank') <> (value is null)"
        " or (status = 'blank') <> (blank_reason is not null)"
    )
    assert blanks == [{"n": "0"}]


def test_a_loss_maker_has_no_price_earnings_ratio(sample_nights: SampleNights) -> None:
    row = _performance(sample_nights)["PLUG"]
    assert Decimal(row["net_income_ttm"]) < 0
    assert row["pe_ratio"] == ""
    assert Decimal(row["ps_ratio"]) > 0
