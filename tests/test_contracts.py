"""Names and shapes that users, deployments and the read API depend on."""

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
from graphlib import TopologicalSorter
from pathlib import Path
from typing import get_args

import grimp
import pytest
import yaml

from flows.load import Part
from tests.dbt.lines import read_lines
from tests.nights import SampleNights

ROOT = Path(__file__).parents[1]

MART_COLUMNS = {
    "publications": "run_id published_at as_of content_hash git_revision dbt_manifest_hash",
    "dim_company": (
        "company_id cik ticker tickers name segment segment_label delivery_model listing_status"
        " predecessors"
    ),
    "fct_financials": (
        "company_id cik ticker line period_type period_start period_end fiscal_year"
        " fiscal_quarter currency value value_usd split_factor derivation concept accession"
        " known_from status blank_reason"
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
    "mart_filings": "company_id cik ticker accession form filed_date period_end accepted_at url",
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
    lines = {line.line for line in read_lines()}
    for mart in ("mart_financials_annual", "mart_financials_quarterly", "mart_financials_ttm"):
        assert lines <= set(sample_nights.home.query(f"select * from {mart} limit 1")[0])


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


def _linted(folder: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"],
        cwd=folder,
        env=os.environ | {"COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


PACKAGES = sorted(
    path.parent.name for path in ROOT.glob("*/__init__.py") if path.parent.name != "tests"
)


def test_imports_form_a_star() -> None:
    done = _linted(ROOT)
    assert done.returncode == 0, done.stdout


# Modules that are still to be written, each with what it must not import.
FORBIDDEN = {
    "api.new": "warehouse.load",
    "api.newer": "flows.sources",
    "connectors.new": "warehouse.db",
    "expectations.new": "connectors.http",
    "warehouse.publishing.new": "expectations.rules",
    "warehouse.read.new": "warehouse.publishing.store",
    "migrations.versions.new": "connectors.http",
    "reports.new": "warehouse.load",
    "reports.newer": "flows.sources",
    "flows.night.new": "flows.sources.sec",
    "flows.sources.new": "flows.steps.collect",
    "flows.steps.new": "flows.nightly",
    "flows.steps.newer": "chaos.run",
}


def test_a_new_module_is_held_to_the_contracts_without_being_named(tmp_path: Path) -> None:
    for package in PACKAGES:
        ignored = shutil.ignore_patterns("__pycache__", "captures")
        shutil.copytree(ROOT / package, tmp_path / package, ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for module, imported in {**FORBIDDEN, "flows.new": "typing", "warehouse.new": "typing"}.items():
        file = tmp_path / f"{module.replace('.', '/')}.py"
        file.parent.mkdir(exist_ok=True)
        (file.parent / "__init__.py").touch()
        file.write_text(f"import {imported}\n")
    told = _linted(tmp_path).stdout
    unnoticed = [f"{a} -> {b}" for a, b in FORBIDDEN.items() if f"{a} -> {b}" not in told]
    assert unnoticed == []
    # Where the modules of a folder are layers, one that has no place among them is told of.
    assert "\n- flows.new\n" in told
    assert "\n- warehouse.new\n" in told


def test_every_package_is_known_to_whoever_checks_or_installs_it() -> None:
    told = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]
    assert sorted(told["importlinter"]["root_packages"]) == PACKAGES
    assert sorted(told["mypy"]["files"]) == PACKAGES
    installed = told["setuptools"]["packages"]["find"]["include"]
    assert sorted(installed) == [f"{package}*" for package in PACKAGES]


def test_no_two_folders_import_each_other_even_by_way_of_others() -> None:
    graph = grimp.build_graph(*PACKAGES)

    def folder(module: str) -> str:
        is_folder = ROOT.joinpath(*module.split(".")).is_dir()
        return module if is_folder else module.rpartition(".")[0]

    imports: dict[str, set[str]] = {}
    for module in graph.modules:
        imported = {folder(other) for other in graph.find_modules_directly_imported_by(module)}
        imports.setdefault(folder(module), set()).update(imported - {folder(module)})
    # Fails with the folders of the circle.
    list(TopologicalSorter(imports).static_order())


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [name.name for name in node.names]
    if isinstance(node, ast.ImportFrom):
        return [f"{node.module}.{name.name}" for name in node.names]
    return []


@pytest.mark.parametrize("folder", ["api", "flows", "reports"])
def test_only_the_warehouse_speaks_sql(folder: str) -> None:
    sql = re.compile(
        r"\bselect\b.+\bfrom\s+\w+\.\w|\binsert\s+into\b|\bdelete\s+from\b|\bupdate\s+\w+\.?\w*\s+set\b"
        r"|\bto_regclass\b",
        re.I | re.S,
    )
    files = list((ROOT / folder).rglob("*.py"))
    assert files
    found = []
    for file in files:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            drivers = [
                name
                for name in _imported(node)
                # A URL is no statement.
                if name.startswith(("psycopg", "sqlalchemy"))
                and name != "sqlalchemy.engine.make_url"
            ]
            runs = isinstance(node, ast.Attribute) and node.attr == "execute"
            is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
            # What a person is told to type is theirs.
            speaks = is_text and sql.search(node.value) and "corpintel sql" not in node.value
            if drivers or runs or speaks:
                found.append(f"{file.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}")
    assert found == []


def test_the_deployments_that_others_start_by_name_are_there() -> None:
    """tests/flows/deployments.json has them all, with their forms."""
    deployments = {
        d["name"]: d for d in yaml.safe_load((ROOT / "prefect.yaml").read_text())["deployments"]
    }
    parts = {"filings", "market", "alternative", "documents"}
    assert {*parts, "nightly", "marts", "backfill"} < deployments.keys()
    night = deployments["nightly"]["schedules"][0]
    assert (night["cron"], night["timezone"]) == ("15 23 * * *", "America/New_York")
    assert (
        {deployments[part]["parameters"]["part"] for part in parts} == parts < set(get_args(Part))
    )


def test_the_readme_starts_with_two_commands_of_one_line() -> None:
    blocks = re.findall(r"^```\w*\n(.*?)^```", (ROOT / "README.md").read_text(), re.S | re.M)
    for block, ending in zip(blocks[:2], ("corpintel nightly --sample", "pytest"), strict=True):
        assert block.count("\n") == 1
        assert block.strip().endswith(ending)
        assert "--require-hashes -r requirements.lock" in block


def test_nothing_committed_names_a_registry() -> None:
    for name in ("requirements.lock", "pyproject.toml", "README.md"):
        assert not re.search(r"https?://[^\s]*(pypi|simple)", (ROOT / name).read_text())
