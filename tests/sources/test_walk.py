"""Every source is whole, and a new one is told what it lacks."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from connectors.records import UnmappedField
from flows.sources import SOURCES, WAVES
from tests.sources.new_source import FILES, ROOT, begin
from tests.sources.walk import connectors, missing, records
from warehouse.raw import SOURCE_TABLES, record_columns


@pytest.mark.parametrize("name", connectors())
def test_no_source_lacks_a_part(name: str) -> None:
    assert list(missing(name)) == []


def test_every_raw_table_is_some_connectors_own() -> None:
    tables = [table for name in connectors() for table in records(name)]
    assert sorted([*tables, "unmapped_fields"]) == sorted(SOURCE_TABLES)
    columns = [column.name for column in record_columns(SOURCE_TABLES["unmapped_fields"])]
    assert list(UnmappedField._fields) == columns


def test_every_source_is_asked_in_one_part_of_the_night() -> None:
    assert sorted(name for wave in WAVES for name in wave) == sorted(SOURCES)


def test_a_new_source_is_copied_and_the_walk_lists_the_rest(tmp_path: Path) -> None:
    for part in ("connectors", "flows", "warehouse", "expectations", "migrations", "tests", "docs"):
        ignored = shutil.ignore_patterns("__pycache__", "captures")
        shutil.copytree(ROOT / part, tmp_path / part, ignore=ignored)
    staging = "dbt_project/models/staging"
    shutil.copytree(ROOT / staging, tmp_path / staging)
    made = begin("open_data", tmp_path)
    assert [path.is_file() for path in made] == [True] * len(FILES)
    copied = "".join(path.read_text() for path in made)
    assert "twelve" not in copied.lower()
    done = subprocess.run(
        [sys.executable, "-m", "tests.sources.walk", "open_data"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert [line.split(":")[0] for line in done.stdout.splitlines()] == [
        "warehouse/raw.py",
        "migrations/versions",
        "expectations/suites.py",
        "dbt_project/models/staging",
        "dbt_project/models/staging",
        "warehouse/quotas.py",
        "warehouse/settings.py",
        "flows/sources/__init__.py",
        "flows/sources/__init__.py",
        "tests/sources/examples.py",
        "docs/sources.md",
    ]


def test_a_taken_or_odd_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="is no name"):
        begin("Open-Data", tmp_path)
    with pytest.raises(SystemExit, match="is there already"):
        begin("twelve_data")
