"""How nights end: in Prefect each looks like what it is, and leaves its summary."""

import json
import socket
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

import migrations
from tests.flows.source_server import serve
from tests.nights import Home
from warehouse.db import open_warehouse
from warehouse.settings import Settings
from warehouse.writer import night_lock


@pytest.fixture
def unreachable() -> Iterator[str]:
    """An address at which nothing listens: its port stays taken, so nobody else's answers."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


# Each process of Python notes whom it connects to or looks up, unless it was started isolated.
SITE = """
import os
import sys


def note(event, arguments):
    if event in ("socket.connect", "socket.sendto", "socket.getaddrinfo"):
        asked = arguments[0] if event == "socket.getaddrinfo" else arguments[1]
        with open(os.environ["SOCKETS_NOTED"], "a") as noted:
            noted.write(f"{asked[0] if isinstance(asked, tuple) else asked}\\n")


sys.addaudithook(note)
"""
HERE = {"127.0.0.1", "localhost", "::1", "None", ""}


def watched(home: Home, folder: Path) -> Home:
    """The same home, with every socket of its commands noted in folder/sockets."""
    (folder / "sitecustomize.py").write_text(SITE)
    noted = {"PYTHONPATH": str(folder), "SOCKETS_NOTED": str(folder / "sockets")}
    return Home(home.path, home.variables | noted)


def in_prefect(home: Home, question: str) -> list[tuple[Any, ...]]:
    """What the home's own Prefect server kept of its runs."""
    with sqlite3.connect(home.path / "prefect" / "prefect.db") as kept:
        return kept.execute(question).fetchall()


def live(home: Home, sec: str, others: str) -> Home:
    urls = dict.fromkeys(("SEC_DATA_URL", "SEC_WWW_URL"), sec)
    urls |= dict.fromkeys(("YAHOO_URL", "YAHOO_COOKIE_URL", "ECB_URL"), others)
    variables = {f"CORPINTEL_{name}": url for name, url in urls.items()}
    return Home(home.path, variables | {"CORPINTEL_SEC_USER_AGENT": "Tests tests@example.com"})


def test_a_first_night_that_cannot_reach_sec_stops_at_once_and_says_so(
    home: Home, unreachable: str
) -> None:
    done = live(home, unreachable, unreachable).run("nightly", "--tickers", "DUOL")
    assert done.returncode == 1, done.stderr
    [told] = [line for line in done.stderr.splitlines() if line.startswith("corpintel:")]
    assert "no fact of any filing was ever loaded, so nothing can be built: sec did not" in told
    assert "readers stay on the last good night" in told
    assert "build marts" not in done.stderr

    tasks = dict(in_prefect(home, "select name, state_name from task_run"))
    assert tasks["collect sec"] == "Failed"
    assert tasks["collect feeds"] == "Completed"
    [(name, state)] = in_prefect(home, "select name, state_name from flow_run")
    assert name.startswith("night 20")
    assert name.endswith(" live")
    assert state == "Failed"
    [(message,)] = in_prefect(
        home,
        "select s.message from task_run_state s join task_run t on s.task_run_id = t.id"
        " where t.name = 'collect sec' and s.name = 'Failed'",
    )
    assert unreachable.removeprefix("http://") in message
    [(summary,)] = in_prefect(home, "select data from artifact where key = 'night-summary'")
    assert "failed" in summary.partition("\\n")[0]
    assert "sec did not answer" in summary


def test_a_night_without_one_source_publishes_and_says_what_it_lacks(
    home: Home, unreachable: str, tmp_path: Path
) -> None:
    """And neither it nor what it uses asks anybody else: no packages' makers, no updates."""
    with HTTPServer() as server:
        serve(server, None)
        asked = watched(live(home, server.url_for("").rstrip("/"), unreachable), tmp_path)
        done = asked.run("nightly", "--tickers", "DUOL")
    assert done.returncode == 0, done.stderr
    tasks = dict(in_prefect(home, "select name, state_name from task_run"))
    assert tasks["collect sec"] == "Completed"
    assert tasks["collect ecb"] == "Failed"
    assert tasks["collect yahoo_chart"] == "Failed"
    [(state,)] = in_prefect(home, "select state_name from flow_run")
    assert state == "CompletedWithWarnings"
    warnings = [
        message
        for (message,) in in_prefect(home, "select message from log where name like 'flows.%'")
    ]
    assert any("ecb" in message for message in warnings)
    [(sources,)] = in_prefect(home, "select data from artifact where key = 'sources'")
    answered = {one["source"]: one["answered"] for one in json.loads(json.loads(sources))}
    assert answered["ecb"] == 0
    assert answered["sec"] > 0
    [(models,)] = in_prefect(home, "select data from artifact where key = 'slowest-models'")
    took = [one["seconds"] for one in json.loads(json.loads(models))]
    assert took == sorted(took, reverse=True)
    assert len(took) == 25
    noted = set((tmp_path / "sockets").read_text().splitlines())
    assert "127.0.0.1" in noted
    # A path is a socket of this machine.
    assert {name for name in noted if not name.startswith("/")} <= HERE


def test_of_two_nights_at_once_one_runs_and_one_reports(home: Home) -> None:
    with open_warehouse(Settings(home=home.path, database_url=None)) as warehouse:
        with warehouse.engine.begin() as connection:
            migrations.upgrade(connection)
        with night_lock(warehouse) as first:
            done = home.run("nightly", "--sample")
    assert done.returncode == 2
    [told] = [line for line in done.stderr.splitlines() if line.startswith("corpintel:")]
    assert f"another night is writing to this warehouse ({first.owner}, since" in told
    [(name, state)] = in_prefect(home, "select name, state_name from flow_run")
    assert (name, state) == ("night 2026-07-10 sample", "Failed")
    [(summary,)] = in_prefect(home, "select data from artifact where key = 'night-summary'")
    assert "A run of nightly was not begun" in summary
    assert "readers stay on the last good night" in summary
