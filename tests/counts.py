"""How many tests, dbt tests and rows there are: `python -m tests.counts` compares, `--write` keeps.

`counts.csv` is compared exactly, so that tests and rows come and go by a reviewed line only. It
counts what is collected: a test that is skipped where recorded data is absent counts too.
"""

import argparse
import csv
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

from tests.dbt.project import parsed
from tests.nights import ROOT, Home, make_home, plain_night

FILE = Path(__file__).with_name("counts.csv")
FIELDS = ("what", "name", "count")
# What is counted, and its name.
Counts = dict[tuple[str, str], int]


def committed(what: str) -> Counts:
    """The kept counts of a kind: tests, dbt or rows."""
    with FILE.open(newline="") as file:
        return {
            (row["what"], row["name"]): int(row["count"])
            for row in csv.DictReader(file)
            if row["what"] == what
        }


def count_tests() -> Counts:
    """Collected tests by folder."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-q", "-n", "0"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    by_folder: Counter[str] = Counter()
    for path, count in re.findall(r"^(\S+\.py): (\d+)$", done.stdout, re.MULTILINE):
        by_folder[str(Path(path).parent)] += int(count)
    return {("tests", folder): count for folder, count in by_folder.items()}


def count_dbt() -> Counts:
    """The project's models, unit tests and data tests."""
    manifest = parsed()
    kinds = Counter(node.resource_type.value for node in manifest.nodes.values())
    return {
        ("dbt", "models"): kinds["model"],
        ("dbt", "data tests"): kinds["test"],
        ("dbt", "unit tests"): len(manifest.unit_tests),
    }


def rows_of(row_counts: dict[str, int]) -> Counts:
    """Rows per mart, from the column `row_counts` of a publication."""
    return {("rows", mart): count for mart, count in row_counts.items()}


def count_rows() -> Counts:
    """Rows per mart after a sample night in a new home."""
    home = Home(make_home())
    try:
        with home.server_up():
            plain_night(home, "sample")
            [publication] = home.rows("select row_counts from publications")
    finally:
        shutil.rmtree(home.path)
    return rows_of(publication["row_counts"])


def main() -> int:
    """Compare, or write with --write; 1 where something differs."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--write", action="store_true", help="keep what is counted now")
    options = parser.parse_args()
    counted = count_tests() | count_dbt() | count_rows()
    if options.write:
        with FILE.open("w", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(FIELDS)
            writer.writerows((*key, count) for key, count in sorted(counted.items()))
        return 0
    kept = committed("tests") | committed("dbt") | committed("rows")
    differing = sorted(counted.items() ^ kept.items())
    for (what, name), _ in differing:
        print(f"{what} {name}: {kept.get((what, name))} kept, {counted.get((what, name))} now")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
