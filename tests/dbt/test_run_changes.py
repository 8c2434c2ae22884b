"""What a publication moved: each cell that is told otherwise, and why."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from connectors.sec import FACTS, FILINGS
from tests.dbt.compiled import CompiledModels
from tests.dbt.quick import QuickWarehouse
from tests.dbt.test_held_back import accession, after_a_sound_night, filing, year_of

FILER, LATE = 7_000_101, 7_000_102
# Years are filed on February 15; a report is overdue on the first of April.
BEFORE, AFTER, OVERDUE = date(2023, 1, 10), date(2023, 2, 20), date(2023, 7, 1)


@pytest.fixture
def warehouse(models: CompiledModels, tmp_path: Path) -> Iterator[QuickWarehouse]:
    """Two companies after a sound night."""
    with after_a_sound_night(models, tmp_path, (FILER, LATE), BEFORE) as place:
        yield place


def changes(warehouse: QuickWarehouse, cik: int, line: str, year: int) -> list[dict[str, Any]]:
    """What the newest publication moved of a year's line."""
    with psycopg.connect(
        warehouse.models.warehouse.psycopg_dsn(), row_factory=dict_row
    ) as connection:
        return connection.execute(
            "select * from marts.mart_run_changes where run_id = %s and cik = %s and line = %s"
            " and period_type = 'annual' and period_end = %s",
            (warehouse.current(), cik, line, date(year, 12, 31)),
        ).fetchall()


def test_a_first_publication_moves_everything(warehouse: QuickWarehouse) -> None:
    [told] = changes(warehouse, FILER, "revenue", 2021)
    assert (told["why"], told["value_before"], told["value"]) == (
        "first_publication",
        None,
        100_000_000,
    )


def test_a_change_is_a_new_filing_a_restatement_or_of_the_calendar(
    warehouse: QuickWarehouse,
) -> None:
    # The year's report tells its own figures, and others for the year before.
    restated = [
        fact._replace(
            value=Decimal(80_000_000),
            accession=accession(FILER, 2022),
            filed_date=date(2023, 2, 15),
            fy=2022,
        )
        for fact in year_of(FILER, 2021)
        if fact.concept == "Revenues" and fact.start_date == date(2021, 1, 1)
    ]
    warehouse.models.load(
        {FACTS: [*year_of(FILER, 2022), *restated], FILINGS: [filing(FILER, 2022)]}
    )
    warehouse.as_of = AFTER
    warehouse.night()
    [filed] = changes(warehouse, FILER, "revenue", 2022)
    assert (filed["why"], filed["status_before"], filed["value"]) == (
        "new_filing",
        "blank",
        100_000_000,
    )
    assert filed["accession"] == accession(FILER, 2022)
    [other] = changes(warehouse, FILER, "revenue", 2021)
    assert (other["why"], other["value_before"], other["value"], other["change_pct"]) == (
        "restatement",
        100_000_000,
        80_000_000,
        Decimal("-0.200000"),
    )
    # What is told as before is not listed.
    assert changes(warehouse, FILER, "net_income", 2021) == []
    assert changes(warehouse, LATE, "revenue", 2021) == []

    warehouse.as_of = OVERDUE
    warehouse.night()
    [owed] = changes(warehouse, LATE, "revenue", 2022)
    assert (owed["why"], owed["blank_reason_before"], owed["blank_reason"]) == (
        "calendar",
        "not_due",
        "not_filed",
    )

    # The report was filed in time: it only had not been loaded.
    warehouse.models.load({FACTS: year_of(LATE, 2022), FILINGS: [filing(LATE, 2022)]})
    warehouse.night()
    [late] = changes(warehouse, LATE, "revenue", 2022)
    assert (late["why"], late["blank_reason_before"], late["value"]) == (
        "loaded_later",
        "not_filed",
        100_000_000,
    )


def test_a_night_is_compared_with_what_readers_have(warehouse: QuickWarehouse) -> None:
    warehouse.models.load({FACTS: year_of(FILER, 2022), FILINGS: [filing(FILER, 2022)]})
    warehouse.as_of = AFTER
    warehouse.night()
    warehouse.roll_back()
    warehouse.as_of = BEFORE
    warehouse.night()
    # The year came with the night that readers were moved back from, and is not there now.
    assert changes(warehouse, FILER, "revenue", 2022) == []

    # On a day on which the year had not ended it is not even awaited.
    warehouse.as_of = date(2022, 12, 1)
    warehouse.night()
    [told] = changes(warehouse, FILER, "revenue", 2022)
    assert (told["why"], told["blank_reason_before"], told["status"]) == ("gone", "not_due", None)
