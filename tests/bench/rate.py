"""How much of SEC's limit four processes use, over a real socket: `python -m tests.bench.rate`.

A share of what the clock would allow depends on what else the machine does: run it on an idle one.
Ends with code 1 below the share that is wanted. That the limit is never exceeded is shown by the
tests, from the times at which the ledger gave its places.
"""

import multiprocessing
import sys
import tempfile
from pathlib import Path

import migrations
from chaos.scripted_server import scripted
from connectors.archive import Archive, Capture
from connectors.http import HttpClient
from connectors.service import limits
from tests.nights import make_home
from warehouse.breakers import SharedBreakers
from warehouse.db import open_warehouse
from warehouse.ops import CaptureTable
from warehouse.quotas import RequestLedger
from warehouse.settings import Settings

PROCESSES = 4
REQUESTS = 20
LEAST_SHARE = 0.85


def ask(requests: int, url: str, settings: Settings, folder: str, number: int) -> None:
    """One process of several that ask SEC's stand-in as fast as they are let."""
    with (
        open_warehouse(settings) as warehouse,
        HttpClient(
            archive=Archive(folder),
            log=CaptureTable(warehouse, Capture),
            limits=RequestLedger(warehouse, limits()),
            breakers=SharedBreakers(warehouse),
            user_agent="Tests tests@example.com",
            allowed_hosts={"sec": {"127.0.0.1"}},
            trusted_hosts={"127.0.0.1"},
        ) as client,
    ):
        for asked in range(requests):
            client.get("sec", f"{url}/ok/{number}/{asked}", keep=False)


def ask_together(requests: int, settings: Settings) -> list[tuple[float, str]]:
    """All processes ask so often each; moment and path of every request as the server saw it."""
    # Fresh processes: a forked one would share this one's database connections.
    context = multiprocessing.get_context("spawn")
    with (
        scripted(lambda _: ("application/json", b"{}")) as server,
        tempfile.TemporaryDirectory() as folder,
    ):
        processes = [
            context.Process(target=ask, args=(requests, server.url, settings, folder, number))
            for number in range(PROCESSES)
        ]
        for process in processes:
            process.start()
        for process in processes:
            process.join()
        assert [process.exitcode for process in processes] == [0] * PROCESSES
        return sorted(server.arrivals)


def share_used(arrivals: list[tuple[float, str]]) -> float:
    """The share of the limit's places used while all processes were at work."""
    by_process = [
        [at for at, path in arrivals if path.split("/")[2] == str(number)]
        for number in range(PROCESSES)
    ]
    began, ended = max(map(min, by_process)), min(map(max, by_process))
    [limit] = limits()["sec"]
    whole_seconds = int(ended - began)
    used = sum(began <= at < began + whole_seconds for at, _ in arrivals)
    return used / (limit.units * whole_seconds)


def main() -> int:
    home = make_home()
    settings = Settings(home=Path(home))
    with open_warehouse(settings) as warehouse:
        with warehouse.engine.begin() as connection:
            migrations.upgrade(connection)
        share = share_used(ask_together(REQUESTS, settings))
    print(f"{share:.0%} of SEC's limit used, at least {LEAST_SHARE:.0%} wanted")
    return 0 if share >= LEAST_SHARE else 1


if __name__ == "__main__":
    sys.exit(main())
