"""dbt's compiled data tests are kept for later nights, as long as they are what they were."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from flows.steps.models import Project
from flows.steps.transform import cached_tests

TESTS = {"assert_one": "select 1 where false"}


def compile_tests() -> dict[str, str]:
    return TESTS


def must_not_compile() -> dict[str, str]:
    raise AssertionError("compiled again")


def test_what_was_compiled_by_the_same_rules_is_not_compiled_again(tmp_path: Path) -> None:
    place = tmp_path / "tests.json"
    assert cached_tests(compile_tests, place, "rules") == TESTS
    assert cached_tests(must_not_compile, place, "rules") == TESTS
    with pytest.raises(AssertionError, match="compiled again"):
        cached_tests(must_not_compile, place, "other rules")


@pytest.mark.parametrize("torn", ["", '{"rules": "rules", "tes', "\x00\x00"])
def test_a_file_that_a_killed_night_tore_is_written_anew(tmp_path: Path, torn: str) -> None:
    place = tmp_path / "tests.json"
    place.write_text(torn)
    assert cached_tests(compile_tests, place, "rules") == TESTS
    assert json.loads(place.read_bytes())["tests"] == TESTS
    assert [path.name for path in tmp_path.iterdir()] == ["tests.json"]


def manifest_of(**changed: Any) -> dict[str, Any]:
    """A project that is one generic test."""
    test = {
        "name": "not_null_one",
        "resource_type": "test",
        "checksum": {"checksum": ""},
        "database": "corpintel",
        "config": {"severity": "error", "where": None},
        "test_metadata": {"name": "not_null", "kwargs": {"column_name": "cik"}},
        "depends_on": {"nodes": []},
    }
    return {"nodes": {"test.not_null_one": test | changed}, "macros": {}}


@pytest.mark.parametrize(
    "changed",
    [
        {"database": "another"},
        {"config": {"severity": "warn", "where": None}},
        {"config": {"severity": "error", "where": "cik > 1"}},
        {"test_metadata": {"name": "not_null", "kwargs": {"column_name": "ticker"}}},
    ],
)
def test_a_generic_test_of_other_settings_is_another_one(changed: dict[str, Any]) -> None:
    manifest = manifest_of()
    reference = Project(manifest, "tests").reference(manifest)
    same = copy.deepcopy(manifest)
    assert Project(same, "tests").reference(same) == reference
    other = manifest_of(**changed)
    assert Project(other, "tests").reference(other) != reference
