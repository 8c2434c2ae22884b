"""The dbt project's conventions, read from its files and from a parse that needs no database."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.dbt.lines import made_files, read_lines
from tests.dbt.picture import PAGE, page
from tests.dbt.project import parsed

ROOT = Path(__file__).parents[2]
PROJECT = ROOT / "dbt_project"
SQL_FILES = sorted(
    path for folder in ("models", "macros", "tests") for path in (PROJECT / folder).rglob("*.sql")
)
# Hand-checked cells are the measure of the rules and no part of them.
TRUTH = PROJECT / "seeds" / "truth_cells.csv"
SEEDS = sorted(set((PROJECT / "seeds").glob("*.csv")) - {TRUTH})

GRAIN = re.compile(r"One row per [^.]+\.$")
# Anything that makes two runs of one night differ.
UNREPEATABLE = re.compile(
    r"\b(now\s*\(|current_(date|time|timestamp)\b|local(time|timestamp)\b|clock_timestamp"
    r"|statement_timestamp|transaction_timestamp|timeofday|random\s*\(|gen_random_uuid"
    r"|uuidv7|run_started_at|invocation_id)",
    re.IGNORECASE,
)
ACCESSION = re.compile(r"\b\d{10}-\d{2}-\d{6}\b")


def _without_comments(sql: str) -> str:
    return re.sub(r"--[^\n]*|\{#.*?#\}|/\*.*?\*/", "", sql, flags=re.DOTALL)


def _name(path: Path) -> str:
    return str(path.relative_to(PROJECT))


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    written: dict[str, Any] = parsed().writable_manifest().to_dict(omit_none=False)
    return written


@pytest.fixture(scope="module")
def models(manifest: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        node["name"]: node
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model"
    }


@pytest.fixture(scope="module")
def marts(models: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {
        name: node
        for name, node in models.items()
        if node["schema"] == "build" and not node["config"]["meta"].get("is_internal")
    }


def test_every_model_has_a_description_that_ends_with_its_grain(
    models: dict[str, dict[str, Any]],
) -> None:
    lacking = [n for n, node in models.items() if not GRAIN.search(node["description"].strip())]
    assert lacking == []


def test_every_mart_names_a_key_among_its_columns(marts: dict[str, dict[str, Any]]) -> None:
    for name, node in marts.items():
        key = node["config"]["meta"].get("key")
        assert key, f"{name} names no key"
        assert set(key) <= set(node["columns"]), f"{name}: key {key} is not among its columns"


def test_every_mart_column_has_a_type_and_a_description(marts: dict[str, dict[str, Any]]) -> None:
    for name, node in marts.items():
        assert node["config"]["contract"]["enforced"], name
        for column in node["columns"].values():
            assert column["data_type"], f"{name}.{column['name']} has no type"
            assert len(column["description"].strip()) > 10, f"{name}.{column['name']} is not said"


def test_every_mart_is_tested_for_its_key_and_for_what_it_claims(
    manifest: dict[str, Any], marts: dict[str, dict[str, Any]]
) -> None:
    tests = [n for n in manifest["nodes"].values() if n["resource_type"] == "test"]
    for name, node in marts.items():
        keys = [
            test["test_metadata"]["kwargs"]["columns"]
            for test in tests
            if test.get("attached_node") == node["unique_id"]
            and test["test_metadata"]["name"] == "unique_combination"
        ]
        assert node["config"]["meta"]["key"] in keys, f"the key of {name} is not tested"
        singular = [
            test
            for test in tests
            if "test_metadata" not in test and node["unique_id"] in test["depends_on"]["nodes"]
        ]
        assert singular, f"no singular test says what holds in {name}"


def test_singular_tests_are_named_for_their_claim_and_state_it(manifest: dict[str, Any]) -> None:
    singular = [
        node
        for node in manifest["nodes"].values()
        if node["resource_type"] == "test" and "test_metadata" not in node
    ]
    for test in singular:
        assert test["name"].startswith("assert_"), test["name"]
        assert test["raw_code"].startswith("-- "), f"{test['name']} does not state its claim"


def test_what_is_made_from_the_list_of_lines_is_up_to_date() -> None:
    stale = [path.name for path, text in made_files() if path.read_text(encoding="utf-8") != text]
    assert stale == [], "run `make lines`"


def test_the_picture_of_the_models_is_up_to_date(manifest: dict[str, Any]) -> None:
    assert PAGE.read_text(encoding="utf-8") == page(manifest), "run `make picture`"


def test_domains_that_read_each_other_have_no_picture(manifest: dict[str, Any]) -> None:
    circle = json.loads(json.dumps(manifest))
    lower, upper = (
        f"model.corporate_intel.{name}" for name in ("int_facts__mapped", "int_cells__rebased")
    )
    circle["nodes"][lower]["depends_on"]["nodes"].append(upper)
    with pytest.raises(ValueError, match="read each other in a circle"):
        page(circle)


def test_every_line_is_spread_into_the_wide_marts(marts: dict[str, dict[str, Any]]) -> None:
    lines = [line.line for line in read_lines()]
    for name in ("mart_financials_annual", "mart_financials_quarterly", "mart_financials_ttm"):
        assert [c for c in marts[name]["columns"] if c in lines] == lines


def test_every_accepted_blank_reason_is_explained(manifest: dict[str, Any]) -> None:
    accepted = {
        value
        for node in manifest["nodes"].values()
        if node["resource_type"] == "test"
        and node.get("column_name") == "blank_reason"
        and node["test_metadata"]["name"] == "accepted_values"
        for value in node["test_metadata"]["kwargs"]["values"]
    }
    text = manifest["docs"]["doc.corporate_intel.blank_reason"]["block_contents"]
    assert accepted == set(re.findall(r"^- `(\w+)`:", text, flags=re.MULTILINE))


@pytest.mark.parametrize("path", SQL_FILES, ids=_name)
def test_every_reference_names_its_model(path: Path) -> None:
    assert re.findall(r"\b(?:ref|source)\((?!['\"])[^)]*\)", path.read_text()) == []


@pytest.mark.parametrize("path", SQL_FILES, ids=_name)
def test_no_query_depends_on_the_clock_or_on_chance(path: Path) -> None:
    assert UNREPEATABLE.findall(_without_comments(path.read_text())) == []


def _particulars() -> list[str]:
    """Names, tickers and CIKs of the bundled companies: what no rule may mention."""
    watchlist = yaml.safe_load((ROOT / "connectors" / "sample" / "watchlist.yaml").read_text())
    found = []
    for company in watchlist["companies"]:
        found.append(re.split(r",| Inc| Corp", company["name"])[0])
        found.append(str(company["cik"]))
        found += [ticker["symbol"] for ticker in company["tickers"]]
    return found


@pytest.mark.parametrize("path", [*SQL_FILES, *SEEDS], ids=_name)
def test_no_rule_is_about_one_company_or_filing(path: Path) -> None:
    text = path.read_text()
    assert ACCESSION.findall(text) == []
    named = [p for p in _particulars() if re.search(rf"(?<!\w){re.escape(p)}(?!\w)", text)]
    assert named == []


def test_no_rule_reads_the_truth_that_it_is_measured_by() -> None:
    readers = [path.stem for path in SQL_FILES if "truth_cells" in path.read_text()]
    assert readers == ["mart_accuracy_certificate"]


@pytest.mark.parametrize("path", SEEDS, ids=_name)
def test_seeds_map_concepts_and_not_companies(path: Path) -> None:
    header = path.read_text().splitlines()[0].split(",")
    assert not {"cik", "ticker", "company_id", "company", "accession"} & set(header)
