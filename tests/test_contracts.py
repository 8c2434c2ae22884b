"""Names and shapes that users, deployments and the read API depend on."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.nights import SampleNights

ROOT = Path(__file__).parents[1]

LINES = [
    "revenue",
    "cost_of_revenue",
    "gross_profit",
    "research_and_development",
    "sales_and_marketing",
    "general_and_administrative",
    "operating_income",
    "interest_expense",
    "pretax_income",
    "income_tax",
    "net_income",
    "eps_basic",
    "eps_diluted",
    "shares_basic",
    "shares_diluted",
    "total_assets",
    "current_assets",
    "total_liabilities",
    "current_liabilities",
    "stockholders_equity",
    "cash_and_equivalents",
    "receivables",
    "inventory",
    "goodwill",
    "deferred_revenue",
    "short_term_debt",
    "long_term_debt",
    "operating_cash_flow",
    "investing_cash_flow",
    "financing_cash_flow",
    "capital_expenditure",
    "depreciation_amortization",
    "stock_compensation",
    "dividends_paid",
    "share_repurchases",
    "free_cash_flow",
]

MART_COLUMNS = {
    "publications": "run_id published_at as_of content_hash git_revision dbt_manifest_hash",
    "fct_financials": (
        "cik ticker line period_type period_start period_end fiscal_year fiscal_quarter currency"
        " value value_usd split_factor derivation concept accession known_from status blank_reason"
    ),
    "fct_financial_vintages": "cik line period_type period_end value known_from known_to status",
    "fct_vendor_financials": "source captured_at ticker line period_type period_end value",
    "mart_financials_annual": "cik ticker fiscal_year period_end currency",
    "mart_financials_quarterly": "cik ticker fiscal_year fiscal_quarter period_end currency",
    "mart_financials_ttm": "cik ticker fiscal_year period_end currency",
    "mart_company_performance": (
        "company_id cik ticker name segment figures_source currency revenue_ttm revenue_ttm_usd"
        " fx_kind ttm_end is_stale revenue_quarter revenue_fiscal_year revenue_growth_pct"
        " gross_margin_pct operating_margin_pct net_margin_pct fcf_margin_pct rule_of_40_pct cash"
        " debt equity market_value_usd pe_ratio ps_ratio rank_overall percentile_overall"
        " rank_in_segment percentile_in_segment growth_score margin_score profitability_score"
        " score_parts health_status health_reason completeness_pct left_out_reason"
    ),
    "mart_competitive_landscape": (
        "segment companies_count ranked_count revenue_ttm_usd revenue_growth_mean_pct"
        " revenue_growth_median_pct hhi top3_share_pct leaders fastest_growers at_risk left_out"
    ),
    "mart_filings": "cik ticker accession form filed_date period_end accepted_at url",
    "mart_price_performance": "company_id cik ticker currency price price_date return_1y_pct",
    "mart_vendor_accuracy": "source field line compared_count agreeing_count agreement_pct",
    "mart_data_quality": "check_name scope subject checked_count failed_count passed_pct",
}


@pytest.mark.parametrize(("mart", "columns"), MART_COLUMNS.items())
def test_marts_carry_the_columns_of_the_public_contract(
    sample_nights: SampleNights, mart: str, columns: str
) -> None:
    rows = sample_nights.home.query(f"select * from {mart} limit 1")
    assert set(columns.split()) <= set(rows[0])


@pytest.mark.parametrize(
    ("mart", "columns"),
    [
        ("mart_news", "company_id ticker url title publisher published_at origin"),
        ("mart_developer_activity", "company_id ticker login stars commits_4w commits_12w"),
        ("mart_funding", "company_id ticker round_id announced_date money_raised_usd"),
    ],
)
def test_marts_that_the_sample_leaves_empty_have_their_columns(
    sample_nights: SampleNights, mart: str, columns: str
) -> None:
    named = sample_nights.home.query(
        f"select attname from pg_attribute where attnum > 0 and attrelid = 'marts.{mart}'::regclass"
    )
    assert set(columns.split()) <= {row["attname"] for row in named}


def test_wide_marts_have_every_line(sample_nights: SampleNights) -> None:
    for mart in ("mart_financials_annual", "mart_financials_quarterly", "mart_financials_ttm"):
        assert set(LINES) <= set(sample_nights.home.query(f"select * from {mart} limit 1")[0])


def test_marts_tell_their_columns_to_whoever_asks_the_database(
    sample_nights: SampleNights,
) -> None:
    silent = sample_nights.home.query(
        "select c.relname, a.attname from pg_class c join pg_attribute a on a.attrelid = c.oid"
        " where c.relnamespace = 'marts'::regnamespace and c.relkind = 'v' and a.attnum > 0"
        " and coalesce(col_description(c.oid, a.attnum), '') = ''"
    )
    assert silent == []


def test_the_sources_of_truth_never_ask_the_clock_or_chance() -> None:
    pattern = re.compile(r"\b(now\(\)|current_timestamp|current_date|clock_timestamp|random\()")
    models = list((ROOT / "dbt_project").rglob("models/**/*.sql"))
    assert [str(m) for m in models if pattern.search(m.read_text())] == []


def test_imports_form_a_star() -> None:
    done = subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_deployments_name_their_flows_and_the_night_its_cron() -> None:
    deployments = {
        d["name"]: d for d in yaml.safe_load((ROOT / "prefect.yaml").read_text())["deployments"]
    }
    assert set(deployments) == {
        "nightly", "filings", "market", "alternative", "documents", "marts", "backfill",
    }  # fmt: skip
    assert deployments["nightly"]["schedules"][0]["timezone"] == "America/New_York"
    for name, deployment in deployments.items():
        assert deployment["entrypoint"] == f"flows/{name}.py:{name}"
        assert deployment["concurrency_limit"]["limit"] == 1
        assert f"def {name}(" in (ROOT / "flows" / f"{name}.py").read_text()


def test_the_readme_starts_with_two_commands_of_one_line() -> None:
    blocks = re.findall(r"^```\w*\n(.*?)^```", (ROOT / "README.md").read_text(), re.S | re.M)
    for block, ending in zip(blocks[:2], ("corpintel nightly --sample", "pytest"), strict=True):
        assert block.count("\n") == 1
        assert block.strip().endswith(ending)
        assert "--require-hashes -r requirements.lock" in block


def test_nothing_committed_names_a_registry() -> None:
    for name in ("requirements.lock", "pyproject.toml", "README.md"):
        assert not re.search(r"https?://[^\s]*(pypi|simple)", (ROOT / name).read_text())
