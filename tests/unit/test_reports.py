"""The static pages from hand-made rows: what they say, what they escape, what they load."""

import re
from decimal import Decimal

import pytest

from reports.companies import company_row, render_companies, segment_card, sparkline
from reports.page import decimal, millions, percent
from reports.validation import (
    EXAMPLE_LENGTH,
    group_outcomes,
    render_validation,
    shortened,
)
from tests.browser.example_rows import (
    PUBLICATION,
    RUN,
    company,
    left_out_company,
    quarters,
    segment,
)

NASTY = '<script>alert("x")</script> & Co.'


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (Decimal("435617000000"), "435,617.0"),
        (Decimal("1098813000"), "1,098.8"),
        (Decimal("-653428000"), "−653.4"),
        (Decimal("-40000"), "0.0"),
        (Decimal("0"), "0.0"),
    ],
)
def test_amounts_are_in_millions(value: Decimal, shown: str) -> None:
    assert millions(value) == shown


@pytest.mark.parametrize(
    ("value", "plus", "shown"),
    [
        (Decimal("0.354529"), True, "+35.5\u00a0%"),
        (Decimal("-0.265237"), True, "−26.5\u00a0%"),
        (Decimal("0.0004"), True, "0.0\u00a0%"),
        (Decimal("0.726654"), False, "72.7\u00a0%"),
    ],
)
def test_shares_are_per_cent(value: Decimal, plus: bool, shown: str) -> None:
    assert percent(value, plus) == shown


def test_decimal_rounds_to_its_places() -> None:
    assert decimal(Decimal("3637.81"), 0) == "3,638"


def test_each_blank_says_why() -> None:
    row = company_row(company("AAA"), [], {(1, "gross_profit"): "not_reported"})
    blanks = {key: cell.note for key, cell in row.cells.items() if cell.text is None}
    assert blanks == {
        "gross": "the filing of this period does not report it",
        "trend": "no quarterly revenue from filings",
        "market_value": "no price in the two weeks to the as-of date",
        "pe": "market value is blank: no price in the two weeks to the as-of date",
        "ps": "market value is blank: no price in the two weeks to the as-of date",
    }


def test_a_loss_has_no_price_to_earnings() -> None:
    priced = company("AAA", price=Decimal(2), price_currency="USD", market_value_usd=Decimal(9))
    assert company_row(priced, [], {}).cells["pe"].note == "a net loss"


def test_a_company_without_any_figure_is_all_dashes() -> None:
    bare = left_out_company("NEW", "no_figures")
    kept = ("company_id", "name", "segment_label", "left_out_reason", "is_ranked", "health_status")
    bare = {name: value if name in kept else None for name, value in bare.items()}
    bare["listing_status"] = "listed"
    row = company_row(bare, [], {})
    assert row.ticker == "new"
    assert row.health_reason == "no figures loaded"
    assert row.cells["revenue"].note == "no revenue figure is loaded"
    assert row.cells["rank"].note == "no figures loaded"
    assert all(cell.note for cell in row.cells.values() if cell.text is None)


def test_own_currency_sorts_by_its_dollar_twin() -> None:
    translated = company("TSM", currency="TWD", revenue_ttm=Decimal(30_000_000), fx_kind="filer")
    cell = company_row(translated, [], {}).cells["revenue"]
    assert (cell.text, cell.unit, cell.sort) == ("30.0", "TWD", "250000000")


def test_without_a_rate_the_dollar_twin_is_blank_and_sorts_last() -> None:
    untranslated = company("TSM", currency="TWD", revenue_ttm_usd=None, fx_kind="no_rate")
    cells = company_row(untranslated, [], {}).cells
    assert cells["revenue_usd"].note == "no exchange rate to the dollar"
    assert cells["revenue"].text == "250.0"
    assert cells["revenue"].sort == ""


def test_vendor_growth_says_which_year_it_is_of() -> None:
    vendor = left_out_company("OLD", "vendor_only", figures_source="vendor", is_stale=True)
    row = company_row(vendor, [], {})
    assert row.tag == "vendor · stale 101 days"
    assert row.cells["growth"].note == "of the fiscal year to 2025-12-31 against the one before"


def test_sparkline_breaks_at_a_missing_quarter_and_starts_at_zero() -> None:
    spark = sparkline(quarters(1, 10, 20, None, 20, 10))
    assert spark is not None
    # 365 days over 71 px and 0 to 20 m over 19 px, within margins of 2.5 px.
    assert spark.lines == ["2.5,12.0 20.2,2.5", "56.0,2.5 73.5,12.0"]
    assert spark.zero == 21.5
    assert spark.label == (
        "Revenue of 4 quarters, from 10.0 m (2024-03-31) to 10.0 m USD (2025-03-31)"
    )


def test_sparkline_goes_below_zero_for_negative_revenue() -> None:
    spark = sparkline(quarters(1, 10, -10, 10))
    assert spark is not None
    assert spark.zero == 12.0
    assert ",21.5" in spark.lines[0]


def test_one_quarter_is_no_line() -> None:
    assert sparkline(quarters(1, 10)) is None


def test_segment_bars_are_shares_of_the_longest() -> None:
    half = left_out_company("OLD", "vendor_only", revenue_ttm_usd=Decimal(125_000_000))
    negative = company("NEG", revenue_ttm_usd=Decimal(-1))
    card = segment_card(segment(), [company("AAA"), half, negative])
    assert [(bar.width_pct, bar.is_ranked) for bar in card.bars] == [
        (100.0, True),
        (50.0, False),
        (0.0, True),
    ]
    assert card.bars[0].amount == "$250.0 m"
    assert card.left_out == [("vendor figures only", "OLD")]


def test_page_escapes_names_and_loads_nothing() -> None:
    page = render_companies(
        PUBLICATION,
        [company("AAA", name=NASTY), left_out_company("OLD", "vendor_only")],
        [segment(segment_label=NASTY)],
        quarters(1, 10, 20, 30),
        [],
    )
    assert "alert(" not in page.replace("alert(&#34;", "")
    assert "&lt;script&gt;" in page
    assert not re.search(r"https?:|//[a-z]|\bsrc=|url\(|@import", page)
    assert page.index('data-ticker="AAA"') < page.index('data-ticker="OLD"')
    assert page.count("<caption>") == 1
    assert '<th scope="row" class="ticker"' in page


def test_validation_page_shows_verdicts_rejects_and_what_is_missing() -> None:
    verdict = {
        "source": "sec",
        "table_name": "sec_facts",
        "rule": "unit_not_null",
        "expectation": "expect_column_values_to_not_be_null",
        "batches": 1,
        "evaluated_rows": 1200,
        "failed_rows": 3,
        "is_success": False,
    }
    rejected = {
        "source": "sec",
        "table_name": "sec_facts",
        "rule": "unit_not_null",
        "row_count": 3,
        "detail": NASTY,
        "record": {"concept": NASTY},
    }
    outcome = {
        "source": "yahoo",
        "step": "fetch",
        "status": "skipped",
        "detail": "the source does not have it",
        "subject": "AAA chart",
        "row_count": None,
    }
    page = render_validation(RUN, [verdict], [rejected], [outcome])
    assert "1 broken" in page
    assert "1,200" in page
    assert "✗ broken" in page
    assert "AAA chart" in page
    assert "<script" not in page
    assert not re.search(r"https?:|\bsrc=|url\(|@import", page)


def test_a_run_without_anything_says_so() -> None:
    page = render_validation(RUN, [], [], [])
    assert "No expectation was run" in page
    assert "Nothing: every fetch" in page


def test_outcomes_of_one_kind_are_one_line() -> None:
    kind = {"source": "sec", "step": "parse", "status": "failed", "detail": "bad JSON"}
    lines = group_outcomes(
        [kind | {"subject": "A", "row_count": 2}, kind | {"subject": "B", "row_count": None}]
    )
    assert [(line.subjects, line.row_count) for line in lines] == [(["A", "B"], 2)]


def test_long_records_are_shortened() -> None:
    assert shortened({"a": 1}) == '{"a": 1}'
    line = shortened({"a": "x" * 1000})
    assert len(line) == EXAMPLE_LENGTH
    assert line.endswith("…")
