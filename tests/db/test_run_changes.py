"""Why a publication moved a cell: what only the store and the rules' hash can say."""

from datetime import date
from typing import Any

import pytest

from tests.db.packages import as_reader, new_run
from tests.db.test_publish import build
from warehouse.db import Warehouse
from warehouse.publishing.declared import Mart
from warehouse.publishing.publish import publish

CELLS = Mart(
    "fct_financials", "Cells.", ("cik", "line", "period_type", "period_end"), {"cik": "Company."}
)
CELLS_SHAPE = (
    "company_id text, cik int, ticker text, line text, period_type text, period_end date,"
    " fiscal_year int, fiscal_quarter int, currency text, value numeric, status text,"
    " blank_reason text, accession text, known_from timestamptz, rule text"
)
FILINGS = Mart("mart_filings", "Filings.", ("cik", "accession"), {"cik": "Company."})
FILINGS_SHAPE = "cik int, accession text, fact_count int"
FIRST, SECOND = date(2024, 3, 1), date(2024, 3, 2)
# What a cell is: its value or the reason why it has none, and the filing behind it.
Cell = tuple[int | None, str | None, str | None]


def night(
    warehouse: Warehouse,
    as_of: date,
    cell: Cell,
    rules: str,
    *loaded: str,
    currency: str = "USD",
) -> None:
    """Publish revenue of 2023 by these rules, with the filings whose facts are loaded."""
    value, reason, filing = cell
    status = "blank" if value is None else "ok"
    row = (
        "a",
        1,
        "A",
        "revenue",
        "annual",
        "2023-12-31",
        2023,
        None,
        currency,
        value,
        status,
        reason,
    )
    build(warehouse, [(*row, filing, "2024-02-15 12:00:00+00", "rule")], CELLS_SHAPE, CELLS)
    build(warehouse, [(1, name, 9) for name in loaded], FILINGS_SHAPE, FILINGS)
    publish(warehouse, new_run(warehouse), as_of, (CELLS, FILINGS), rules, "revision")


def why(warehouse: Warehouse) -> list[Any]:
    with as_reader(warehouse) as reader:
        rows = reader.execute(
            "select why from mart_run_changes"
            " where run_id = (select run_id from publications where is_current)"
        ).fetchall()
    return [row[0] for row in rows]


@pytest.mark.parametrize(
    ("cell", "rules", "loaded", "told"),
    [
        ((7, None, "one"), "old", ["one", "two"], []),
        ((8, None, "two"), "old", ["one", "two", "three"], ["inputs"]),
        ((8, None, "two"), "new", ["one", "two"], ["rules"]),
        ((8, None, "three"), "new", ["one", "two", "three"], ["loaded_later"]),
        ((None, "source_down", None), "old", ["one", "two"], ["outage"]),
        ((None, "not_reported", None), "new", ["one", "two"], ["rules"]),
        # A value that is lost was not taken by the calendar.
        ((None, "not_filed", None), "old", ["one", "two"], ["inputs"]),
    ],
)
def test_a_cell_moves_by_what_was_not_there_before(
    warehouse: Warehouse, cell: Cell, rules: str, loaded: list[str], told: list[str]
) -> None:
    """Another filing that was loaded before is taken by other rules, or by what else moved."""
    night(warehouse, FIRST, (7, None, "one"), "old", "one", "two")
    assert why(warehouse) == ["first_publication"]
    night(warehouse, SECOND, cell, rules, *loaded)
    assert why(warehouse) == told


def test_a_filing_ends_an_outage_and_a_period_is_awaited(warehouse: Warehouse) -> None:
    night(warehouse, FIRST, (None, "not_due", None), "old", "one")
    night(warehouse, SECOND, (None, "source_down", None), "old", "one")
    assert why(warehouse) == ["outage"]
    night(warehouse, date(2024, 3, 3), (7, None, "two"), "old", "one", "two")
    assert why(warehouse) == ["loaded_later"]


def test_an_amount_in_another_currency_is_a_change_and_no_share(warehouse: Warehouse) -> None:
    night(warehouse, FIRST, (100, None, "one"), "old", "one")
    night(warehouse, SECOND, (100, None, "one"), "old", "one", currency="CAD")
    with as_reader(warehouse) as reader:
        told = reader.execute(
            "select currency_before, value_before, currency, value, change_pct"
            " from mart_run_changes where previous_run_id is not null"
        ).fetchall()
    assert told == [("USD", 100, "CAD", 100, None)]
