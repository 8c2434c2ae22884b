"""Every source is whole, and a new one is told what it lacks."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from connectors.records import UnmappedField
from flows.sources import SOURCES, WAVES
from tests.conftest import Cluster
from tests.sources.new_source import ROOT, begin
from tests.sources.walk import connectors, missing, records
from warehouse.tables import SOURCE_TABLES, record_columns


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


PARTS = (
    "connectors",
    "dbt_project/models/staging",
    "docs",
    "expectations",
    "flows",
    "migrations",
    "tests",
    "warehouse",
)
UPGRADE = """
import migrations
from warehouse.db import open_warehouse
from warehouse.settings import load_settings
with open_warehouse(load_settings()) as warehouse, warehouse.engine.begin() as connection:
    migrations.upgrade(connection)
    migrations.check(connection)
"""


@pytest.fixture
def copied_tree(tmp_path: Path) -> Path:
    """What a source has parts in, in a folder of its own."""
    for part in PARTS:
        ignored = shutil.ignore_patterns("__pycache__", "captures")
        shutil.copytree(ROOT / part, tmp_path / part, ignore=ignored)
    return tmp_path


def contents(root: Path) -> dict[Path, bytes]:
    files = (path for part in PARTS for path in (root / part).rglob("*") if path.is_file())
    return {path.relative_to(root): path.read_bytes() for path in files if path.suffix != ".pyc"}


def run(root: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=root,
        env=os.environ | variables,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_new_source_is_eight_new_files_and_three_edits(
    copied_tree: Path, cluster: Cluster
) -> None:
    before = contents(copied_tree)
    made = begin("open_data", copied_tree)
    assert "twelve" not in "".join(path.read_text() for path in made).lower()
    left = run(copied_tree, "-m", "tests.sources.walk", "open_data")
    assert (left.stdout, left.returncode) == (
        "docs/sources.md: says nothing of `open_data`\n",
        1,
    ), left.stderr
    page = copied_tree / "docs" / "sources.md"
    page.write_text(page.read_text() + "\n`open_data` is asked for prices.\n")
    whole = run(copied_tree, "-m", "tests.sources.walk")
    assert (whole.stdout, whole.returncode) == ("Nothing is missing.\n", 0), whole.stderr

    after = contents(copied_tree)
    new = {path for path in after if path not in before}
    edited = {path for path in before if after.get(path) != before[path]}
    # Its migration counts as an edit; the third is a handle in the watchlist, where it needs one.
    migrations = {path for path in new if path.parent == Path("migrations/versions")}
    assert len(new - migrations) <= 8
    assert edited | migrations == {*migrations, Path("docs/sources.md")}
    assert len(migrations) == 1

    # Its table is made from its declaration, and is what the drift check expects.
    with cluster.fresh("template1") as empty:
        url = empty.engine.url.render_as_string(hide_password=False)
        upgraded = run(copied_tree, "-c", UPGRADE, CORPINTEL_DATABASE_URL=url)
        assert upgraded.returncode == 0, upgraded.stderr
        with empty.engine.connect() as connection:
            assert (
                connection.exec_driver_sql("select count(*) from raw.open_data_prices").scalar()
                == 0
            )


def test_the_walk_says_what_a_source_lacks_and_where_to_put_it(copied_tree: Path) -> None:
    begin("open_data", copied_tree)
    (copied_tree / "tests/sources/examples/open_data.py").unlink()
    (copied_tree / "flows/sources/open_data.py").unlink()
    (copied_tree / "warehouse/tables/open_data.py").unlink()
    shutil.rmtree(copied_tree / "dbt_project/models/staging/open_data")
    done = run(copied_tree, "-m", "tests.sources.walk", "open_data")
    assert done.returncode == 1, done.stderr
    assert done.stdout.splitlines() == [
        "tests/sources/examples/open_data.py: is missing",
        "warehouse/tables/open_data.py: declares no table 'open_data_prices'",
        "dbt_project/models/staging: no source has a table 'open_data_prices'",
        "dbt_project/models/staging: no model stg_open_data__… reads 'open_data_prices'",
        "flows/sources/open_data.py: no SOURCE of the name 'open_data'",
        "docs/sources.md: says nothing of `open_data`",
    ]


def test_the_walk_says_where_record_table_and_rules_differ(copied_tree: Path) -> None:
    begin("open_data", copied_tree)
    declared = copied_tree / "warehouse/tables/open_data.py"
    text = declared.read_text().replace('Column("exchange", Text)', 'Column("market", Text)')
    declared.write_text(text.replace("is_positive", "positive"))
    done = run(copied_tree, "-m", "tests.sources.walk", "open_data")
    assert [line.partition(";")[0] for line in done.stdout.splitlines()] == [
        "warehouse/tables: 'open_data_prices' has other columns than OpenDataPrice",
        "warehouse/tables: open_data_prices.close declares 'positive', for which there is no rule",
        "docs/sources.md: says nothing of `open_data`",
    ], done.stderr


def test_a_taken_or_odd_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="is no name"):
        begin("Open-Data", tmp_path)
    with pytest.raises(SystemExit, match="is there already"):
        begin("twelve_data")
