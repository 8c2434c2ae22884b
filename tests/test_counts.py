"""Nothing vanishes unseen: tests, dbt tests and rows are as many as counts.csv says.

After a change that is meant, `make counts` writes the file anew.
"""

from tests.counts import committed, count_dbt, count_tests, rows_of
from tests.nights import SampleNights


def test_tests_by_folder() -> None:
    assert count_tests() == committed("tests")


def test_models_and_tests_of_dbt() -> None:
    assert count_dbt() == committed("dbt")


def test_rows_of_the_sample_marts(sample_nights: SampleNights) -> None:
    assert rows_of(sample_nights.publications[0]["row_counts"]) == committed("rows")
