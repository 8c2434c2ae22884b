"""The night's records: its lock, its runs and the watchlist."""

from datetime import date, timedelta
from typing import Any

import pytest

from tests.db.packages import AS_OF, deliver, new_capture, night, query, staged
from warehouse.db import Warehouse
from warehouse.load import abandon
from warehouse.ops import (
    claim_data_kind,
    finish_run,
    record_outcome,
    record_validation,
    require_data_kind,
    start_run,
    store_watchlist,
    summarise_run,
    unfinished_since,
)
from warehouse.watchlist import Watchlist
from warehouse.writer import NightRefusedError


def test_sample_and_live_data_never_share_a_warehouse(warehouse: Warehouse) -> None:
    require_data_kind(warehouse, "live")
    claim_data_kind(warehouse, "sample")
    claim_data_kind(warehouse, "sample")
    for refuse in (claim_data_kind, require_data_kind):
        with pytest.raises(NightRefusedError, match="holds sample data and live data never"):
            refuse(warehouse, "live")
    require_data_kind(warehouse, "sample")


def test_a_new_run_closes_the_one_that_a_killed_night_left_running(warehouse: Warehouse) -> None:
    finished = start_run(warehouse, "sample", AS_OF)
    finish_run(warehouse, finished, "published", timings={"publish": 1.5})
    killed = start_run(warehouse, "sample", AS_OF)
    running = start_run(warehouse, "sample", AS_OF)
    assert finished < killed < running
    kept = query(
        warehouse,
        "select run_id, status, detail, timings, finished_at >= started_at from ops.runs"
        " order by run_id",
    )
    assert kept == [
        (finished, "published", None, {"publish": 1.5}, True),
        (killed, "failed", "was killed", None, True),
        (running, "running", None, None, None),
    ]


def watchlist(*companies: dict[str, Any]) -> Watchlist:
    shared = {"segment": "k12", "delivery_model": "B2C"}
    return Watchlist.model_validate({"companies": [shared | company for company in companies]})


def test_the_watchlist_replaces_the_former_one_whole(warehouse: Warehouse) -> None:
    store_watchlist(
        warehouse,
        watchlist(
            {"id": "gone", "name": "Gone", "cik": 1, "tickers": [{"symbol": "GON"}]},
            {
                "id": "stays",
                "name": "Stays",
                "cik": 2,
                "tickers": [
                    {"symbol": "OLD", "to": "2020-06-30"},
                    {"symbol": "NEW", "from": "2020-07-01"},
                ],
            },
        ),
    )
    assert query(warehouse, "select count(*) from ops.watchlist") == [(3,)]
    store_watchlist(
        warehouse,
        watchlist(
            {"id": "stays", "name": "Stays", "cik": 2, "tickers": [{"symbol": "NEW"}]},
            {"id": "private", "name": "Private", "cik": 3, "tickers": []},
        ),
    )
    kept = query(
        warehouse,
        "select company_id, position, symbol, valid_from, cik, segment_label from ops.watchlist"
        " order by company_id",
    )
    assert kept == [
        ("private", 0, None, None, 3, "K-12"),
        ("stays", 0, "NEW", None, 2, "K-12"),
    ]


def test_the_same_answer_recorded_twice_is_one_capture(warehouse: Warehouse) -> None:
    first = new_capture(warehouse, night(1))
    again = new_capture(warehouse, night(1), number=0)
    assert again != first
    assert new_capture(warehouse, night(1), number=0) == again
    assert new_capture(warehouse, night(2), number=0) != again


def test_the_summary_counts_what_one_run_did_and_not_what_others_did(
    warehouse: Warehouse,
) -> None:
    deliver(warehouse, "ecb_rates", (night(1), [("USD", AS_OF, 1), ("SEK", AS_OF, -1)]))
    before = query(warehouse, "select max(run_id) from ops.runs")[0][0]
    load = staged(warehouse, "ecb_rates", (night(2), [("USD", AS_OF, 2)]))
    verdict = {
        "table_name": "ecb_rates",
        "expectation": "expect_column_values_to_not_be_null",
        "evaluated_rows": 1,
        "failed_rows": 0,
    }
    record_validation(
        warehouse,
        load.load_id,
        [verdict | {"rule": "a", "is_success": True}, verdict | {"rule": "b", "is_success": False}],
    )
    record_outcome(warehouse, load.run_id, "test", "EUR", "parse", "failed", "odd rows", 3)
    record_outcome(warehouse, load.run_id, "test", "EUR", "fetch", "ok")
    abandon(load)
    first, second = summarise_run(warehouse, before), summarise_run(warehouse, load.run_id)
    assert (first.staged, first.new, first.rejected) == (2, 1, 1)
    assert first.rejected_by_rule == [("ecb_rates", "rate_positive", 1)]
    assert (first.expectations, first.problems) == (0, [])
    assert (second.staged, second.new, second.rejected) == (0, 0, 3)
    assert (second.expectations, second.expectations_failed) == (2, 1)
    assert second.problems == [("test", "EUR", "parse", "failed", "odd rows")]
    assert second.rejected_by_rule == []


def test_only_a_night_that_was_cut_short_is_gone_on_with(warehouse: Warehouse) -> None:
    def since(as_of: date = AS_OF) -> object:
        return unfinished_since(warehouse, "live", as_of)

    assert since() is None
    killed = start_run(warehouse, "live", AS_OF)
    began = query(warehouse, "select started_at from ops.runs where run_id = %s", killed)[0][0]
    assert since() == began
    interrupted = start_run(warehouse, "live", AS_OF)
    finish_run(warehouse, interrupted, "failed", "was interrupted")
    assert since() == began
    assert since(AS_OF - timedelta(days=1)) is None
    assert unfinished_since(warehouse, "sample", AS_OF) is None
    # What a refused night had fetched may be why it was refused.
    refused = start_run(warehouse, "live", AS_OF)
    finish_run(warehouse, refused, "failed", "mart_test is empty")
    assert since() is None
    again = start_run(warehouse, "live", AS_OF)
    assert (
        since()
        == query(warehouse, "select started_at from ops.runs where run_id = %s", again)[0][0]
    )
    query(warehouse, "update ops.runs set started_at = started_at - interval '13 hours'")
    assert since() is None
