"""The request ledger: rates by the server's own clock, quotas over months and restarts."""

import random

import pytest
from pydantic import SecretStr

from connectors.service import limits
from tests.bench.rate import PROCESSES, ask_together
from tests.db.packages import query
from warehouse.db import Warehouse
from warehouse.quotas import QuotaError, RequestLedger
from warehouse.settings import Settings

REQUESTS = 12


def busiest_second(moments: list[float]) -> int:
    """The fullest window of one second, both of its ends included."""
    return max(sum(start <= other <= start + 1 for other in moments) for start in moments)


def test_four_processes_stay_below_the_limit_by_the_servers_clock(warehouse: Warehouse) -> None:
    """How much of the limit they use is a question of the clock, for `tests.bench.rate`."""
    url = warehouse.engine.url.render_as_string(hide_password=False)
    ask_together(REQUESTS, Settings(database_url=SecretStr(url)))
    granted = query(
        warehouse, "select extract(epoch from granted_at)::float from ops.request_grants order by 1"
    )
    assert len(granted) == PROCESSES * REQUESTS
    [limit] = limits()["sec"]
    assert busiest_second([at for (at,) in granted]) <= limit.units


@pytest.mark.parametrize(
    ("source", "calls"), [("alpha_vantage", 60), ("twelve_data", 60), ("newsapi", 60)]
)
def test_nights_and_restarts_of_many_days_overspend_no_quota(
    warehouse: Warehouse, source: str, calls: int, pytestconfig: pytest.Config
) -> None:
    """Time passes by moving the ledger's past further back; each night is another process."""
    chance = random.Random(source)
    # Moment and units of what was granted, on a clock that goes on while the ledger's is put back.
    spent: list[tuple[float, int]] = []
    now = 0.0
    refused = False
    while now < pytestconfig.option.quota_days * 86_400:
        # A restarted night: everything it knows is in the database.
        ledger = RequestLedger(warehouse, limits())
        for _ in range(chance.randrange(1, calls)):
            units = chance.choice([1, 1, 1, 2]) if source == "twelve_data" else 1
            ticket, wait = ledger.ask(source, units)
            if ticket is None:
                # Sleep as a client would, or give up as one would on a spent quota.
                refused = True
                if wait > 600:
                    break
                now += wait
                _let_pass(warehouse, wait)
                continue
            if chance.random() < 0.9:
                ledger.leave(ticket)
        pause = chance.choice([300.0, 3_600.0, 40_000.0, 86_400.0])
        now += pause
        _let_pass(warehouse, pause)
        # What no window holds any more is put aside, or each move would take longer than the last.
        spent += _put_aside(warehouse, now, 5)
    spent += _put_aside(warehouse, now, 0)
    spent.sort()
    for limit in limits()[source]:
        assert _most_in(spent, limit.seconds) <= limit.units
    # Calls were refused, or this would have proved nothing.
    assert refused


def _put_aside(warehouse: Warehouse, now: float, days: int) -> list[tuple[float, int]]:
    """Take what was granted more than so many days ago out of the ledger."""
    return query(
        warehouse,
        "delete from ops.request_grants"
        " where granted_at <= clock_timestamp() - make_interval(days => %s)"
        " returning extract(epoch from granted_at)::float + %s, units",
        days,
        now,
    )


def _let_pass(warehouse: Warehouse, seconds: float) -> None:
    query(
        warehouse,
        "update ops.request_grants set granted_at = granted_at - make_interval(secs => %s),"
        " answered_at = answered_at - make_interval(secs => %s)",
        seconds,
        seconds,
    )


def _most_in(spent: list[tuple[float, int]], seconds: float) -> int:
    most = held = first = 0
    for at, units in spent:
        held += units
        while at - spent[first][0] >= seconds:
            held -= spent[first][1]
            first += 1
        most = max(most, held)
    return most


def test_a_killed_requests_place_is_free_again_after_its_lease(warehouse: Warehouse) -> None:
    ledger = RequestLedger(warehouse, limits())
    tickets = [ledger.ask("sec")[0] for _ in range(8)]
    assert None not in tickets
    assert ledger.ask("sec")[0] is None
    _let_pass(warehouse, 250)
    # Whoever holds the places may still be under way.
    assert ledger.ask("sec")[0] is None
    _let_pass(warehouse, 60)
    assert ledger.ask("sec")[1] == 0.0


def test_a_place_is_held_until_a_window_after_the_answer(warehouse: Warehouse) -> None:
    ledger = RequestLedger(warehouse, limits())
    tickets = [ledger.ask("sec")[0] for _ in range(8)]
    _let_pass(warehouse, 30)
    for ticket in tickets:
        assert ticket is not None
        ledger.leave(ticket)
    ticket, wait = ledger.ask("sec")
    assert ticket is None
    assert 0.5 < wait <= 1.0


def test_a_source_without_a_limit_costs_nothing(warehouse: Warehouse) -> None:
    ledger = RequestLedger(warehouse, limits())
    assert ledger.wait("nobody") == 0.0
    assert ledger.ask("nobody") == (0, 0.0)
    assert ledger.left_today("nobody") is None
    assert query(warehouse, "select * from ops.request_grants") == []


def test_a_request_that_never_fits_is_refused(warehouse: Warehouse) -> None:
    with pytest.raises(QuotaError, match="9 units never fits into 8"):
        RequestLedger(warehouse, limits()).ask("twelve_data", 9)


def test_what_is_left_for_tonight_counts_what_is_free_again_in_minutes(
    warehouse: Warehouse,
) -> None:
    ledger = RequestLedger(warehouse, limits())
    ledger.ask("newsapi")
    assert ledger.left_today("newsapi") == 99
    _let_pass(warehouse, 86_400 - 300)
    assert ledger.left_today("newsapi") == 100


def test_the_ledger_forgets_what_no_window_holds(warehouse: Warehouse) -> None:
    ledger = RequestLedger(warehouse, limits())
    ledger.ask("newsapi")
    ledger.sweep()
    assert query(warehouse, "select count(*) from ops.request_grants") == [(1,)]
    _let_pass(warehouse, 4 * 86_400)
    ledger.sweep()
    assert query(warehouse, "select count(*) from ops.request_grants") == [(0,)]
