"""The static pages from hand-made rows: what they say, what they escape, what they load."""

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from flows.steps.tell import grouped_problems, held_lines
from reports.page import decimal, millions, percent
from reports.site.company import alert_rows
from reports.site.figures import exact, file_name, label_of, shown
from reports.site.overview import company_row, render_overview, segment_card, sparkline
from reports.site.tables import Described, periods
from reports.validation import (
    EXAMPLE_LENGTH,
    group_outcomes,
    render_validation,
    shortened,
)
from tests.browser.example_rows import (
    PUBLICATION,
    RUN,
    bare_company,
    company,
    left_out_company,
    quarters,
    segment,
)
from warehouse.read.companies import CompanyCounts
from warehouse.read.quality import HeldBack
from warehouse.read.reasons import REASONS
from warehouse.read.runs import Outcome, Rejected, Verdict

ROOT = Path(__file__).parents[2]
CHROME = {"root": "", "file_name": file_name}
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
    row = company_row(company("AAA", pe_ratio_blank_reason="depositary_receipt"), [])
    blanks = {key: cell.note for key, cell in row.cells.items() if cell.text is None}
    assert blanks == {
        "gross": "the filing of this period does not report it",
        "trend": "no quarterly revenue from filings",
        "market_value": "no price in the two weeks to the as-of date",
        "pe": "the price is of a depositary receipt, whose ratio to shares is not known",
        "ps": "no price in the two weeks to the as-of date",
    }


def test_a_reason_that_is_not_known_here_speaks_for_itself() -> None:
    row = company_row(company("AAA", gross_margin_blank_reason="under_review"), [])
    assert row.cells["gross"].note == "under review"


def test_every_blank_reason_of_the_marts_has_its_words() -> None:
    documents = [
        yaml.safe_load(path.read_text(encoding="utf-8"))
        for path in (ROOT / "dbt_project" / "models").rglob("*.yml")
    ]
    codes = {
        code
        for document in documents
        for model in document.get("models") or ()
        for column in model.get("columns") or ()
        if column["name"].endswith("blank_reason")
        for data_test in column.get("data_tests") or ()
        if isinstance(data_test, dict) and "accepted_values" in data_test
        for code in data_test["accepted_values"]["arguments"]["values"]
    }
    assert {"not_reported", "no_price"} <= codes
    assert codes <= REASONS.keys()


def test_a_company_without_any_figure_is_all_dashes() -> None:
    row = company_row(bare_company("NEW"), [])
    assert row.ticker == "new"
    assert row.health_reason == "no figures loaded"
    assert row.cells["revenue"].note == "nothing that is loaded gives a figure for it"
    assert row.cells["rank"].note == "no figures loaded"
    assert all(cell.note for cell in row.cells.values() if cell.text is None)


def test_own_currency_sorts_by_its_dollar_twin() -> None:
    translated = company("TSM", currency="TWD", revenue_ttm=Decimal(30_000_000), fx_kind="filer")
    cell = company_row(translated, []).cells["revenue"]
    assert (cell.text, cell.unit, cell.sort) == ("30.0", "TWD", "250000000")


def test_without_a_rate_the_dollar_twin_is_blank_and_sorts_last() -> None:
    untranslated = company(
        "TSM", currency="TWD", revenue_ttm_usd=None, revenue_ttm_usd_blank_reason="no_rate"
    )
    cells = company_row(untranslated, []).cells
    assert cells["revenue_usd"].note == "no exchange rate to the dollar"
    assert cells["revenue"].text == "250.0"
    assert cells["revenue"].sort == ""


def test_vendor_growth_says_which_year_it_is_of() -> None:
    vendor = left_out_company("OLD", "vendor_only", figures_source="vendor", is_stale=True)
    row = company_row(vendor, [])
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


def test_of_very_many_companies_the_first_are_shown_and_the_others_counted() -> None:
    members = [company(f"C{number}") for number in range(1_000)]
    left_out = [{"ticker": f"L{number}", "reason": "stale"} for number in range(1_000)]
    card = segment_card(segment(left_out=left_out), members)
    assert [bar.label for bar in card.bars] == [f"C{number}" for number in range(30)]
    [(_, named)] = card.left_out
    assert named.startswith("L0, L1, ")
    assert named.endswith("L29 and 970 more")
    page = render_overview(
        PUBLICATION,
        members[:5],
        [],
        [],
        CHROME,
        [held(f"C{number}") for number in range(40)],
        CompanyCounts(18_000, 16_000, 12_000),
    )
    assert "18,000, 12,000 of them ranked" in page
    assert "Shown are the first 5; all 18,000 are in" in page
    assert "and 10 more: <code>mart_data_quality</code>" in page


def test_of_very_many_problems_the_first_are_told_and_the_others_counted() -> None:
    lines = held_lines([held(f"C{number}") for number in range(1_000)])
    assert len(lines) == 26
    assert lines[-1] == "975 more are held back."
    problems = [("sec", f"C{n}", "fetch", "failed", f"status {n}") for n in range(1_000)]
    told = grouped_problems(problems)
    assert len(told) == 51
    assert told[-1] == "and 950 more: ops.outcomes"


def held(company_id: str) -> HeldBack:
    return HeldBack(company_id, "assert_sums", 1, date(2026, 7, 10))


def test_page_escapes_names_and_loads_what_is_beside_it() -> None:
    page = render_overview(
        PUBLICATION,
        [company("AAA", name=NASTY), left_out_company("OLD", "vendor_only")],
        [segment(segment_label=NASTY)],
        quarters(1, 10, 20, 30),
        CHROME,
    )
    assert "alert(" not in page.replace("alert(&#34;", "")
    assert "&lt;script&gt;" in page
    assert set(re.findall(r'src="([^"]+)"', page)) == {
        "assets/uplot.js",
        "assets/site.js",
        "assets/publication.js",
        "assets/words.js",
    }
    assert not re.search(r"https?:|//[a-z]|url\(|@import", page)
    assert page.index('data-ticker="AAA"') < page.index('data-ticker="OLD"')
    assert page.count("<caption>") == 1
    assert '<th scope="row" class="ticker"' in page


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("revenue_ttm", "Revenue, 12 months"),
        ("gross_margin_change_4q_pct", "Gross margin change, 4 quarters"),
        ("eps_diluted", "EPS diluted"),
        ("pe_ratio", "P/E ratio"),
        ("market_value_usd", "Market value, $"),
    ],
)
def test_names_are_labels(name: str, label: str) -> None:
    assert label_of(name) == label


@pytest.mark.parametrize(
    ("value", "kind", "text", "digits"),
    [
        ("1234567890", "money", "1,234.6", "1234567890"),
        ("-0.0512", "share", "−5.1\u00a0%", "-0.0512"),
        ("2.50", "per_share", "2.50", "2.5"),
        ("58.617058", "number", "58.6", "58.617058"),
        ("100", "number", "100.0", "100"),
    ],
)
def test_a_number_is_shown_rounded_and_kept_exact(
    value: str, kind: str, text: str, digits: str
) -> None:
    one = shown(Decimal(value), kind)
    assert (one.text, one.exact) == (text, digits)


def test_lines_without_any_value_are_named_with_their_reason_and_not_listed() -> None:
    ends = (date(2025, 12, 31), date(2024, 12, 31))
    rows = [
        {
            "period_end": end,
            "revenue": Decimal(5_000_000),
            "inventory": None,
            "goodwill": None,
            "dividends_paid": None,
            "eps_basic": None,
            "blank_reasons": {
                "inventory": "not_applicable",
                "goodwill": "not_reported",
                "dividends_paid": why,
            },
        }
        for end, why in zip(ends, ("not_reported", "mixed_vintage"), strict=True)
    ]
    table = periods(
        "bank",
        "A bank",
        rows,
        [
            Described(line, "money", line, "")
            for line in ("revenue", "inventory", "goodwill", "dividends_paid", "eps_basic")
        ],
        lambda line, row: f"{line}|annual|{row['period_end']}",
        "select 1",
        {("revenue", ends[1]): "restated on 2025-05-01"},
    )
    assert [line.label for line in table.lines] == ["revenue", "dividends_paid"]
    assert table.note == (
        "Not in statements of this kind: inventory."
        " Not reported for any of these periods: goodwill."
    )
    newest, restated = table.lines[0].cells
    assert str(newest) == (
        '<button class="n" data-k="revenue|annual|2025-12-31" data-x="5000000">5.0</button>'
    )
    assert "restated on 2025-05-01" in restated
    assert "the filing of this period does not report it" in table.lines[1].cells[0]


def test_an_alert_on_a_restated_line_says_which_line_and_period() -> None:
    of_figure = {
        "alert": "short_runway",
        "measure": "runway_months",
        "line": None,
        "period_length": None,
        "period_end": None,
        "condition": "at_most",
        "threshold": Decimal("12.00"),
    }
    of_line = of_figure | {
        "alert": "restated",
        "measure": "restatement_pct",
        "line": "net_income",
        "period_length": "annual",
        "period_end": date(2025, 12, 31),
        "condition": "at_least",
        "threshold": Decimal("0.05"),
    }
    told = [(row["measure"], row["limit"]) for row in alert_rows([of_figure, of_line])]
    assert told == [
        ("runway_months", "at most 12.00"),
        ("Net income, annual to 2025-12-31", "at least 0.05"),
    ]


@pytest.mark.parametrize("name", ["../../etc/passwd", "Ä b", "a.b", "con:1", ""])
def test_names_of_files_stay_in_their_folder(name: str) -> None:
    made = file_name(name)
    assert re.fullmatch(r"[a-z0-9_.-]*", made)
    assert "/" not in made
    assert not re.search(r"(^|\.)\.($|\.)", made) or name == ""
    assert exact(Decimal("1E+3")) == "1000"


def test_validation_page_shows_verdicts_rejects_and_what_is_missing() -> None:
    verdict = Verdict(
        source="sec",
        table_name="sec_facts",
        rule="unit_not_null",
        expectation="expect_column_values_to_not_be_null",
        batches=1,
        evaluated_rows=1200,
        failed_rows=3,
        is_success=False,
    )
    rejected = Rejected(
        source="sec",
        table_name="sec_facts",
        rule="unit_not_null",
        row_count=3,
        detail=NASTY,
        record={"concept": NASTY},
    )
    outcome = Outcome(
        source="yahoo",
        step="fetch",
        status="skipped",
        detail="the source does not have it",
        subject="AAA chart",
        row_count=None,
    )
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
    first = Outcome("sec", "parse", "failed", "bad JSON", "A", 2)
    lines = group_outcomes([first, replace(first, subject="B", row_count=None)])
    assert [(line.subjects, line.row_count) for line in lines] == [(["A", "B"], 2)]


def test_long_records_are_shortened() -> None:
    assert shortened({"a": 1}) == '{"a": 1}'
    line = shortened({"a": "x" * 1000})
    assert len(line) == EXAMPLE_LENGTH
    assert line.endswith("…")
