"""The sample publishes what it did when digests were taken, but for columns that are named.

`published_columns.csv` has these digests and `named_changes.csv` every column that differs from
them, with the reason. A release, a sample of other companies, and a new line of the statements,
which brings rows to every mart of cells, take the digests anew and empty the other file.
"""

import csv
from pathlib import Path

from tests.dbt.columns import ColumnDigest, column_digests
from tests.nights import SampleNights

HERE = Path(__file__).parent


def _before() -> dict[tuple[str, str], ColumnDigest]:
    with (HERE / "published_columns.csv").open(encoding="utf-8", newline="") as file:
        rows = [
            ColumnDigest(row["mart"], row["column"], int(row["rows"]), row["digest"])
            for row in csv.DictReader(file)
        ]
    return {(row.mart, row.column): row for row in rows}


def _named() -> set[tuple[str, str]]:
    with (HERE / "named_changes.csv").open(encoding="utf-8", newline="") as file:
        return {(row["mart"], row["column"]) for row in csv.DictReader(file)}


def test_every_published_column_that_changed_is_named(sample_nights: SampleNights) -> None:
    now = {(row.mart, row.column): row for row in column_digests(sample_nights.home.path)}
    before = _before()
    changed = {key for key in before.keys() | now.keys() if before.get(key) != now.get(key)}
    assert changed == _named()
