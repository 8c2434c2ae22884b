"""Filers of many kinds whose facts are kept here, scored by the certificate."""

from collections import Counter
from collections.abc import Iterator
from datetime import date

import psycopg
import pytest

from connectors.sec import FACTS
from tests.dbt import kinds
from tests.dbt.compiled import CompiledModels
from tests.dbt.facts import registrant
from warehouse.ops import store_watchlist
from warehouse.watchlist import Watchlist

LAST_DAY = date(2026, 7, 31)


@pytest.fixture(scope="module")
def certified(models: CompiledModels) -> Iterator[list[dict[str, object]]]:
    """The certificate's rows about these filers, a day after the last of their filings."""
    models.empty()
    before, models.as_of = models.as_of, LAST_DAY
    filers = list(kinds.filers())
    for filer in filers:
        models.load(registrant(filer.cik, f"T{filer.cik}") | {FACTS: filer.facts})
    listed = [
        {
            "id": f"c{filer.cik}",
            "name": filer.name,
            "cik": filer.cik,
            "segment": "k12",
            "delivery_model": "B2C",
            "tickers": [{"symbol": f"T{filer.cik}"}],
        }
        for filer in filers
    ]
    store_watchlist(models.warehouse, Watchlist.model_validate({"companies": listed}))
    models.build("mart_accuracy_certificate")
    yield models.rows("mart_accuracy_certificate")
    models.as_of = before
    models.empty()
    with psycopg.connect(models.warehouse.psycopg_dsn()) as connection:
        connection.execute("delete from ops.watchlist_handles; delete from ops.watchlist")


def test_no_cell_of_any_kind_of_filer_is_wrong(certified: list[dict[str, object]]) -> None:
    wrong = [row for row in certified if row["verdict"] in ("wrong", "invented")]
    assert wrong == []


def test_few_cells_are_blank(certified: list[dict[str, object]]) -> None:
    verdicts = Counter(row["verdict"] for row in certified)
    assert verdicts["exact"] > 2_700
    assert verdicts["abstained"] <= 21, verdicts
