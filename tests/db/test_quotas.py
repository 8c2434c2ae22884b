"""The request ledger: rates by the server's own clock, quotas over months and restarts."""

import multiprocessing
import random
import time
from pathlib import Path

import pytest
from pydantic import SecretStr

from chaos.scripted_server import scripted
from connectors.archive import Archive, Capture
from connectors.http import HttpClient
from tests.db.packages import query
from warehouse.breakers import SharedBreakers
from warehouse.db import Warehouse, open_warehouse
from warehouse.ops import CaptureTable
from warehouse.quotas import LIMITS, QuotaError, RequestLedger
from warehouse.settings import Settings

PROCESSES = 4
SECONDS = 6.0
LEAST_SHARE = 0.85
DAYS = 30


def ask_for(seconds: float, url: str, database_url: str, folder: str, number: int) -> None:
    """One process of several that ask SEC's stand-in as fast as they are let."""
    settings = Settings(database_url=SecretStr(database_url))
    with (
        open_warehouse(settings) as warehouse,
        HttpClient(
            archive=Archive(folder),
            log=CaptureTable(warehouse, Capture),
            limits=RequestLedger(warehouse),
            breakers=SharedBreakers(warehouse),
            user_agent="Tests tests@example.com",
            allowed_hosts={"sec": {"127.0.0.1"}},
            trusted_hosts={"127.0.0.1"},
        ) as client,
    ):
        until = time.monotonic() + seconds
        asked = 0
        while time.monotonic() < until:
            client.get("sec", f"{url}/ok/{number}/{asked}", keep=False)
            asked += 1


def busiest_second(moments: list[float]) -> int:
    """The fullest window of one second, both of its ends included."""
    return max(sum(start <= other <= start + 1 for other in moments) for start in moments)


def test_four_processes_stay_below_the_limit_by_the_servers_clock_and_use_most_of_it(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    # Fresh processes: a forked one would share this one's database connections.
    context = multiprocessing.get_context("spawn")
    with scripted(lambda _: ("application/json", b"{}")) as server:
        database_url = warehouse.engine.url.render_as_string(hide_password=False)
        processes = [
            context.Process(
                target=ask_for, args=(SECONDS, server.url, database_url, str(tmp_path), number)
            )
            for number in range(PROCESSES)
        ]
        for process in processes:
            process.start()
        for process in processes:
            process.join(60)
            assert process.exitcode == 0
        moments = sorted(at for at, _ in server.arrivals)
    [limit] = LIMITS["sec"]
    assert busiest_second(moments) <= limit.units
    # Between the moment when all of them were at work and the moment when the first one stopped.
    began = max(
        min(at for at, path in server.arrivals if path.split("/")[2] == str(number))
        for number in range(PROCESSES)
    )
    ended = min(
        max(at for at, path in server.arrivals if path.split("/")[2] == str(number))
        for number in range(PROCESSES)
    )
    whole_seconds = int(ended - began)
    assert whole_seconds >= 3
    used = sum(began <= at < began + whole_seconds for at in moments)
    assert used >= LEAST_SHARE * limit.units * whole_seconds


@pytest.mark.parametrize(
    ("source", "calls"), [("alpha_vantage", 60), ("twelve_data", 60), ("newsapi", 60)]
)
def test_thirty_days_of_nights_and_restarts_overspend_no_quota(
    warehouse: Warehouse, source: str, calls: int
) -> None:
    """Time passes by moving the ledger's past further back; each night is another process."""
    chance = random.Random(source)
    now = 0.0
    refused = False
    while now < DAYS * 86_400:
        # A restarted night: everything it knows is in the database.
        ledger = RequestLedger(warehouse)
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
    spent = query(
        warehouse,
        "select extract(epoch from granted_at)::float, units from ops.request_grants order by 1",
    )
    for limit in LIMITS[source]:
        assert _most_in(spent, limit.seconds) <= limit.units
    # Calls were refused, or this would have proved nothing.
    assert refused


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
    ledger = RequestLedger(warehouse)
    tickets = [ledger.ask("sec")[0] for _ in range(8)]
    assert None not in tickets
    assert ledger.ask("sec")[0] is None
    _let_pass(warehouse, 250)
    # Whoever holds the places may still be under way.
    assert ledger.ask("sec")[0] is None
    _let_pass(warehouse, 60)
    assert ledger.ask("sec")[1] == 0.0


def test_a_place_is_held_until_a_window_after_the_answer(warehouse: Warehouse) -> None:
    ledger = RequestLedger(warehouse)
    tickets = [ledger.ask("sec")[0] for _ in range(8)]
    _let_pass(warehouse, 30)
    for ticket in tickets:
        assert ticket is not None
        ledger.leave(ticket)
    ticket, wait = ledger.ask("sec")
    assert ticket is None
    assert 0.5 < wait <= 1.0


def test_a_source_without_a_limit_costs_nothing(warehouse: Warehouse) -> None:
    ledger = RequestLedger(warehouse)
    assert ledger.wait("nobody") == 0.0
    assert ledger.ask("nobody") == (0, 0.0)
    assert ledger.left_today("nobody") is None
    assert query(warehouse, "select * from ops.request_grants") == []


def test_a_request_that_never_fits_is_refused(warehouse: Warehouse) -> None:
    with pytest.raises(QuotaError, match="9 units never fits into 8"):
        RequestLedger(warehouse).ask("twelve_data", 9)


def test_what_is_left_for_tonight_counts_what_is_free_again_in_minutes(
    warehouse: Warehouse,
) -> None:
    ledger = RequestLedger(warehouse)
    ledger.ask("newsapi")
    assert ledger.left_today("newsapi") == 99
    _let_pass(warehouse, 86_400 - 300)
    assert ledger.left_today("newsapi") == 100


def test_the_ledger_forgets_what_no_window_holds(warehouse: Warehouse) -> None:
    ledger = RequestLedger(warehouse)
    ledger.ask("newsapi")
    ledger.sweep()
    assert query(warehouse, "select count(*) from ops.request_grants") == [(1,)]
    _let_pass(warehouse, 4 * 86_400)
    ledger.sweep()
    assert query(warehouse, "select count(*) from ops.request_grants") == [(0,)]
