"""corpintel explain: where a figure comes from, checked against the filings read by hand."""

import json
from typing import Any

import pytest

from tests.nights import Home, SampleNights
from warehouse.db import open_warehouse
from warehouse.read.companies import list_companies
from warehouse.read.connection import open_reader
from warehouse.read.explain import Question, explain
from warehouse.settings import Settings


def explained(nights: SampleNights, *arguments: str) -> dict[str, Any]:
    done = nights.home.run("explain", *arguments, "--json")
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def test_a_fourth_quarter_is_the_year_less_nine_months(sample_nights: SampleNights) -> None:
    cell = explained(sample_nights, "DUOL", "revenue", "--period", "2025Q4")["cell"]
    assert cell["value"] == 1_037_589_000 - 754_721_000
    assert [(f["weight"], f["value"], f["form"]) for f in cell["inputs"]] == [
        (1, 1_037_589_000, "10-K"),
        (-1, 754_721_000, "10-Q"),
    ]
    assert cell["inputs"][0]["url"] == (
        "https://www.sec.gov/Archives/edgar/data/1562088/000162828026012494/"
        "0001628280-26-012494-index.htm"
    )
    assert (cell["rule"], cell["formula"]) == ("difference", "longer period - shorter period")


def test_twelve_months_between_years_need_the_year_and_two_quarters(
    sample_nights: SampleNights,
) -> None:
    cell = explained(sample_nights, "DDOG", "operating_cash_flow", "--period", "TTM")["cell"]
    signs = [(f["weight"], f["start"], f["end"]) for f in cell["inputs"]]
    assert signs == [
        (1, "2026-01-01", "2026-03-31"),
        (1, "2025-01-01", "2025-12-31"),
        (-1, "2025-01-01", "2025-03-31"),
    ]
    assert cell["value"] == sum(f["weight"] * f["value"] for f in cell["inputs"])


def test_an_answer_as_of_a_day_has_that_day_s_value_and_basis(
    sample_nights: SampleNights,
) -> None:
    arguments = ("NVDA", "eps_diluted", "--period", "FY2023", "--as-of")
    before = explained(sample_nights, *arguments, "2024-03-01")["cell"]
    after_split = explained(sample_nights, *arguments, "2024-07-01")["cell"]
    restated = explained(sample_nights, *arguments, "2026-07-10")["cell"]
    assert (before["value"], before["split_factor"]) == ("1.74", 1)
    assert (after_split["value"], after_split["split_factor"]) == ("1.74", 10)
    assert (restated["value"], restated["split_factor"]) == ("0.17", 1)


def test_a_restated_figure_shows_its_other_vintages(sample_nights: SampleNights) -> None:
    answer = explained(sample_nights, "PLUG", "gross_profit", "--period", "FY2019")
    assert answer["cell"]["value"] == 10_648_000
    assert 27_966_000 in [row["value"] for row in answer["other_vintages"]]


def test_what_was_refused_is_shown_with_its_verdict(sample_nights: SampleNights) -> None:
    done = sample_nights.home.run("explain", "DUOL", "net_income", "--period", "2021Q1")
    assert done.returncode == 0, done.stderr
    assert "-13,472,000 USD" in done.stdout.splitlines()[1]
    assert "refuted_slip  -176,000 USD" in done.stdout


def test_a_blank_is_explained_too(sample_nights: SampleNights) -> None:
    done = sample_nights.home.run("explain", "META", "inventory")
    assert done.returncode == 0, done.stderr
    assert "blank, not_reported" in done.stdout


def test_a_company_that_a_vendor_alone_knows_is_explained_too(
    sample_nights: SampleNights,
) -> None:
    answer = explained(sample_nights, "CHGG", "revenue", "--period", "FY2020")
    assert (answer["company_id"], answer["cell"]) == ("chegg", None)
    assert answer["blank"]["code"] == "no_filings"
    [figure] = answer["vendor_figures"]
    assert (figure["source"], figure["value"], figure["period_end"]) == (
        "yahoo", 644_338_000, "2020-12-31",
    )  # fmt: skip
    told = sample_nights.home.run("explain", "CHGG", "revenue").stdout
    assert "blank, no_filings" in told
    assert "Its CIK is 1364954" in told
    assert "yahoo, field totalRevenue (trusted, agrees with filings in 39 of 39" in told


def test_a_former_ticker_finds_its_company(sample_nights: SampleNights) -> None:
    assert explained(sample_nights, "ATGE", "revenue")["company_id"] == "adtalem"


def test_every_company_is_answered(sample_nights: SampleNights) -> None:
    settings = Settings(home=sample_nights.home.path)
    # A school's filings of 2010 are there beside a vendor's newer figures.
    filers = {
        row["company_id"]
        for row in sample_nights.home.query("select distinct company_id from fct_financials")
    }
    with open_warehouse(settings) as warehouse, open_reader(warehouse) as connection:
        known = list_companies(connection)
        assert len(known) == 22
        for company in known:
            answer = explain(connection, Question(company.company_id, "revenue", None, None))
            assert answer.company == company
            assert (answer.cell is None) == (company.company_id not in filers)
            assert (answer.blank is None) == (company.figures_source == "filing")


def test_the_view_says_the_same(sample_nights: SampleNights) -> None:
    [row] = sample_nights.home.rows(
        "select value, rule, inputs from financials_explained where ticker = 'DUOL'"
        " and line = 'revenue' and period_type = 'annual' and fiscal_year = 2025"
        " and known_to is null"
    )
    assert (row["value"], row["rule"]) == (1_037_589_000, "reported")
    assert [f["accession"] for f in row["inputs"]] == ["0001628280-26-012494"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("DUL", "revenue"), "did you mean DUOL"),
        (("NOBODY", "revenue"), "is no company of this warehouse"),
        (("DUOL", "revenu"), "did you mean revenue"),
        (("DUOL", "revenue", "--period", "2024"), "write it like FY2024, 2024Q3 or TTM"),
        (("DUOL", "revenue", "--period", "FY1999"), "periods known: 2026Q1, FY2025"),
        (("DUOL", "total_assets", "--period", "TTM"), "a balance has no twelve months"),
        (("DUOL", "revenue", "--as-of", "soon"), "is not a date"),
    ],
)
def test_a_wrong_question_is_refused_in_one_line(
    sample_nights: SampleNights, arguments: tuple[str, ...], told: str
) -> None:
    done = sample_nights.home.run("explain", *arguments)
    assert done.returncode == 2
    assert told in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_before_the_first_night_there_is_nothing_to_explain(home: Home) -> None:
    done = home.run("explain", "DUOL", "revenue")
    assert done.returncode == 2
    assert "run corpintel nightly --sample first" in done.stderr


def test_a_measure_is_told_by_its_formula_and_the_cells_it_is_made_of(
    sample_nights: SampleNights,
) -> None:
    told = explained(sample_nights, "DUOL", "roe_pct", "--period", "2026Q1")
    cells = {(part["name"], part["at"]): part for part in told["parts"]}
    income = cells["net_income_ttm", "now"]["value"]
    equity = [cells["stockholders_equity", at]["value"] for at in ("now", "year_before")]
    assert income == 422_390_000
    assert equity == [1_391_764_000, 893_826_000]
    assert float(told["value"]) == round(income / (sum(equity) / 2), 6)
    assert cells["stockholders_equity", "year_before"]["accession"] == "0001562088-25-000100"


def test_average_shares_in_a_measure_are_on_today_s_basis(sample_nights: SampleNights) -> None:
    # FY2024's shares were stated before the split of ten for one of June 2024.
    told = explained(sample_nights, "NVDA", "shares_change_pct", "--period", "2025-01-26")
    now, before = (part["value"] for part in told["parts"])
    assert (now, before) == (24_804_000_000, 24_940_000_000)
    assert float(told["value"]) == round(now / before - 1, 6)


def test_a_measure_made_of_measures_names_them(sample_nights: SampleNights) -> None:
    told = explained(sample_nights, "DUOL", "rule_of_40_pct")
    assert told["measure"]["formula"] == "revenue_growth_pct + fcf_margin_pct"
    # Each of the three is rounded to six places by itself.
    assert sum(float(part["value"]) for part in told["parts"]) == pytest.approx(
        float(told["value"]), abs=1.5e-6
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("DUOL", "roe_pct", "--as-of", "2025-01-01"), "--as-of 2025-01-01: a measure is told"),
        (("DUOL", "roe_pct", "--period", "1999Q1"), "period ends known: 2026-03-31"),
        (("DUOL", "roe_pc"), "did you mean roe_pct"),
    ],
)
def test_what_cannot_be_asked_of_a_measure_is_said(
    sample_nights: SampleNights, arguments: tuple[str, ...], said: str
) -> None:
    done = sample_nights.home.run("explain", *arguments)
    assert done.returncode == 2
    assert said in done.stderr
