"""Thousands of scripted calls over real sockets: typed errors, no row invented, limits kept."""

import contextlib
import hashlib
import logging
import random
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from chaos.scripted_server import BEHAVIOURS, VENDOR_ERROR, scripted
from connectors.archive import Archive, Capture
from connectors.errors import SourceError
from connectors.hosts import Hosts
from connectors.http import HttpClient, Response
from connectors.replay import NoBreakers
from connectors.retry import RetryPolicy
from connectors.service import Limit
from flows.steps.gate import SUITES
from tests.db.packages import new_run, query
from tests.db.test_migrations import publish_something
from tests.limits import seconds
from tests.sources.examples import EXAMPLES, KEY, Example
from warehouse.breakers import SharedBreakers
from warehouse.db import Warehouse
from warehouse.load import merge, open_load, stage_rows
from warehouse.ops import CaptureTable
from warehouse.quotas import RequestLedger

THREADS = 16
SEED = 20_260_710
GOOD = {"ok", "packed", "busy-then-ok", "limited-then-ok", "reset-then-ok", "torn-then-ok"}
# Slow ones are rare, or the storm would take an hour.
WEIGHTS = {"ok": 30, "drip": 0.15, "drip-head": 0.15, "bomb": 0.2}
WINDOW = Limit(60, 0.2)
POLICY = RetryPolicy(
    attempts=3,
    wait_initial=0.0,
    wait_max=0.0,
    wait_jitter=0.0,
    # Long enough for a good answer on a busy machine, far shorter than a drip.
    attempt=seconds(1.5),
    # Breakers have tests of their own; here they would end the storm.
    breaker_failures=10**9,
    retry_after_cap=1.0,
)


def _good(path: str) -> tuple[str, bytes]:
    """The example that the path names; its number makes each address one of its own."""
    example = EXAMPLES[int(path.split("/")[0])]
    return example.content_type, example.body


def _base(url: str, behaviour: str, number: int) -> str:
    return f"{url}/{behaviour}/{number % len(EXAMPLES)}/{number}"


def _client(warehouse: Warehouse, folder: Path) -> HttpClient:
    sources = {example.source for example in EXAMPLES}
    return HttpClient(
        archive=Archive(str(folder)),
        log=CaptureTable(warehouse, Capture),
        limits=RequestLedger(warehouse, dict.fromkeys(sources, (WINDOW,))),
        breakers=NoBreakers(),
        user_agent="Tests tests@example.com",
        allowed_hosts={source: {"127.0.0.1"} for source in sources},
        trusted_hosts={"127.0.0.1"},
        max_bytes=1_000_000,
        retry=POLICY,
    )


def test_thousands_of_scripted_calls(
    warehouse: Warehouse,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    pytestconfig: pytest.Config,
) -> None:
    calls = pytestconfig.option.storm_calls
    # No refusal latches here, since the storm goes on at the same host.
    monkeypatch.setattr(Hosts, "latch", lambda *_: None)
    publish_something(warehouse)
    marts_before = query(warehouse, "select * from marts.mart_test")
    chance = random.Random(SEED)
    names = sorted(BEHAVIOURS)
    script = chance.choices(names, [WEIGHTS.get(name, 2.0) for name in names], k=calls)
    lock = threading.Lock()
    outcomes: Counter[str] = Counter()
    untyped: list[str] = []
    arrived: list[tuple[Example, Response]] = []

    def call(number: int) -> None:
        behaviour, example = script[number], EXAMPLES[number % len(EXAMPLES)]
        kind = "good" if behaviour in GOOD else "bad"
        try:
            found = example.fetch(client, _base(server.url, behaviour, number))
            responses = found if isinstance(found, list) else [found]
            count = sum(_rows(example, response) for response in responses)
            told = "gave rows" if count else "gave no row"
        except SourceError as error:
            responses, told = [], type(error).__name__ if error.what and error.cure else "silent"
        except BaseException as error:
            with lock:
                untyped.append(f"{behaviour} {example.name}: {error!r}")
            return
        with lock:
            outcomes[f"{kind} {told}"] += 1
            if told == "gave rows":
                arrived.extend((example, response) for response in responses)

    with (
        scripted(_good) as server,
        _client(warehouse, tmp_path) as client,
        ThreadPoolExecutor(THREADS) as pool,
    ):
        list(pool.map(call, range(calls)))
        busiest = {
            source: _busiest(server.arrivals, source, WINDOW.seconds)
            for source in {example.source for example in EXAMPLES}
        }

    assert untyped == []
    # Every good answer came through, and no other gave a row.
    assert {told for told in outcomes if told.startswith("good")} == {"good gave rows"}
    assert outcomes["good gave rows"] == sum(name in GOOD for name in script)
    assert outcomes["bad gave rows"] == 0
    assert outcomes["bad silent"] == 0
    assert max(busiest.values()) <= WINDOW.units
    _load(warehouse, arrived)
    _assert_raw_holds_the_examples_alone(warehouse)
    # What only its parser can refuse is kept, to be looked at; what is told to be an error is not.
    kept = {
        sha for (sha,) in query(warehouse, "select sha256 from raw.captures where source <> 'test'")
    }
    looked_at = {VENDOR_ERROR, b"{}", b"", b"<html>consent</html>"}
    assert kept <= _hashes({example.body for example in EXAMPLES} | looked_at)
    assert query(warehouse, "select * from marts.mart_test") == marts_before


def _rows(example: Example, response: Response) -> int:
    return sum(len(rows) for rows in example.parse(response.body).rows.values())


def _hashes(bodies: set[bytes]) -> set[str]:
    return {hashlib.sha256(body).hexdigest() for body in bodies}


def _busiest(arrivals: list[tuple[float, str]], source: str, seconds: float) -> int:
    times = sorted(
        at for at, path in arrivals if EXAMPLES[int(path.split("/")[2])].source == source
    )
    most = first = 0
    for last, at in enumerate(times):
        while at - times[first] > seconds:
            first += 1
        most = max(most, last - first + 1)
    return most


def _load(warehouse: Warehouse, arrived: list[tuple[Example, Response]]) -> None:
    """Load one answer of each example: the others hold the same bytes."""
    first = {example.name: (example, response) for example, response in arrived}
    assert first.keys() == {example.name for example in EXAMPLES}
    load = open_load(warehouse, new_run(warehouse), "storm")
    for example, response in first.values():
        for table, rows in example.parse(response.body).rows.items():
            stage_rows(load, table, rows, response.capture_id, datetime(2026, 7, 10, tzinfo=UTC))
    merge(load, SUITES)


def _assert_raw_holds_the_examples_alone(warehouse: Warehouse) -> None:
    tables: dict[str, set[str]] = {}
    for example in EXAMPLES:
        for table, rows in example.parse(example.body).rows.items():
            tables.setdefault(table, set()).update(str(row[0]) for row in rows)
    for table, keys in tables.items():
        [first] = query(
            warehouse,
            "select column_name from information_schema.columns where table_schema = 'raw'"
            " and table_name = %s and ordinal_position = 1",
            table,
        )[0]
        stored = query(warehouse, f"select {first}::text from raw.{table}")  # type: ignore[arg-type]
        assert {row[0] for row in stored} == keys, table


def test_the_layers_refuse_in_their_declared_order(warehouse: Warehouse, tmp_path: Path) -> None:
    """Allow-list, quota, breaker, then the wire: each refusal comes before the next layer acts."""
    with scripted(_good) as server:
        host = urlsplit(server.url).netloc
        breakers = SharedBreakers(warehouse)
        ledger = RequestLedger(warehouse, {"sec": (Limit(2, 86_400.0),)})

        def client(hosts: set[str]) -> HttpClient:
            return HttpClient(
                archive=Archive(str(tmp_path)),
                log=CaptureTable(warehouse, Capture),
                limits=ledger,
                breakers=breakers,
                user_agent="Tests tests@example.com",
                allowed_hosts={"sec": hosts},
                trusted_hosts=hosts,
                retry=POLICY,
            )

        def told(ask: Callable[[], object]) -> str:
            try:
                ask()
            except SourceError as error:
                return error.what
            return "answered"

        grants = "select count(*) from ops.request_grants"
        url = f"{server.url}/ok/0/1"
        with client(set()) as stranger, client({"127.0.0.1"}) as known:
            assert told(lambda: stranger.get("sec", url)).startswith("host is not on the source's")
            breakers.open("sec", host, "blocked", 600)
            assert told(lambda: known.get("sec", url)).startswith("blocked, left alone until")
            assert (query(warehouse, grants), server.arrivals) == ([(0,)], [])
            query(warehouse, "update ops.breakers set open_until = clock_timestamp()")
            assert told(lambda: known.get("sec", url)) == "answered"
            assert query(warehouse, "select closed_at is not null from ops.breakers") == [(True,)]
            # A retry draws too, so two attempts are the whole quota.
            assert told(lambda: known.get("sec", f"{server.url}/503/0/2")) == "the quota is spent"
            breakers.open("sec", host, "blocked", 600)
            assert told(lambda: known.get("sec", url)) == "the quota is spent"
            assert (query(warehouse, grants), len(server.arrivals)) == ([(2,)], 2)


def test_a_private_address_behind_a_public_name_is_refused(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    """`localhost` stands for any name that resolves into somebody's network."""
    with scripted(_good) as server:
        address = server.url.replace("127.0.0.1", "localhost") + "/ok/0/1"
        for trusted, says in ((set(), "not public"), ({"localhost"}, "answered")):
            with HttpClient(
                archive=Archive(str(tmp_path)),
                log=CaptureTable(warehouse, Capture),
                limits=RequestLedger(warehouse, {}),
                breakers=SharedBreakers(warehouse),
                user_agent="Tests tests@example.com",
                allowed_hosts={"sec": {"localhost"}},
                trusted_hosts=trusted,
                retry=POLICY,
            ) as client:
                try:
                    client.get("sec", address)
                    told = "answered"
                except SourceError as error:
                    told = error.what
                assert says in told


def test_no_key_is_in_a_log_whatever_the_server_does(
    warehouse: Warehouse, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with scripted(_good) as server, _client(warehouse, tmp_path) as client:
        for number, example in enumerate(EXAMPLES):
            for behaviour in ("ok", "401", "503", "error", "elsewhere", "reset"):
                base = f"{server.url}/{behaviour}/{number}/{number}"
                with contextlib.suppress(SourceError):
                    example.fetch(client, base)
        sent = [path for _, path in server.arrivals if KEY in path]
    # Alpha Vantage takes its key in the address alone, so it was there to be leaked.
    assert sent
    assert KEY not in caplog.text
