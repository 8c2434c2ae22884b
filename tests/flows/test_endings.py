"""How nights end: in Prefect each looks like what it is, and leaves its summary."""

import json
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

import migrations
from tests.flows.source_server import serve
from tests.nights import ROOT, Home
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


class Collector:
    """What OpenTelemetry's collector would get: spans by name, and measures with their labels."""

    def __init__(self, server: HTTPServer) -> None:
        self.spans: dict[str, Span] = {}
        self.measures: dict[tuple[str, str], float] = {}
        self.url = server.url_for("/collector")
        server.expect_request("/collector/v1/traces").respond_with_handler(self._traces)
        server.expect_request("/collector/v1/metrics").respond_with_handler(self._metrics)

    def _traces(self, request: Request) -> Response:
        asked = ExportTraceServiceRequest.FromString(request.data)
        for scope in (scope for one in asked.resource_spans for scope in one.scope_spans):
            self.spans |= {span.name: span for span in scope.spans}
        return Response()

    def _metrics(self, request: Request) -> Response:
        asked = ExportMetricsServiceRequest.FromString(request.data)
        for scope in (scope for one in asked.resource_metrics for scope in one.scope_metrics):
            for metric in scope.metrics:
                for point in metric.gauge.data_points:
                    label = "".join(label.value.string_value for label in point.attributes)
                    self.measures[metric.name, label] = point.as_double
        return Response()


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
        collector = Collector(server)
        asked = watched(live(home, server.url_for("").rstrip("/"), unreachable), tmp_path)
        asked.variables["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.url
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
    # One trace: the night's span has its run, and each task's belongs to it.
    [night] = [span for name, span in collector.spans.items() if name.startswith("night ")]
    assert ("corpintel.run", 1) in [(one.key, one.value.int_value) for one in night.attributes]
    parts = [span for span in collector.spans.values() if span is not night]
    assert {span.name for span in parts} == set(tasks)
    assert {(span.trace_id, span.parent_span_id) for span in parts} == {
        (night.trace_id, night.span_id)
    }
    failed = {span.name for span in parts if span.status.code == span.status.STATUS_CODE_ERROR}
    assert failed == {name for name, state in tasks.items() if state == "Failed"}
    assert collector.measures["corpintel.nights_down", "ecb"] == 1
    assert collector.measures["corpintel.nights_down", "sec"] == 0
    shown = in_prefect(home, "select key, data from artifact where type = 'progress'")
    assert ("progress-build-marts", 100) in shown
    noted = set((tmp_path / "sockets").read_text().splitlines())
    assert "127.0.0.1" in noted
    # A path is a socket of this machine.
    assert {name for name in noted if not name.startswith("/")} <= HERE


# A night takes seconds and its limit is hours.
SHORT = """
from pathlib import Path
from flows.cli.environment import prepare
prepare(Path({home!r}))
from flows.nightly import nightly
nightly.with_options(timeout_seconds=1)(data="sample", return_state=True)
"""


def test_a_night_that_takes_too_long_is_ended_and_leaves_its_summary(home: Home) -> None:
    subprocess.run(
        [sys.executable, "-c", SHORT.format(home=str(home.path))],
        cwd=ROOT,
        env=home.environment(),
        check=True,
        capture_output=True,
    )
    assert in_prefect(home, "select state_name from flow_run") == [("TimedOut",)]
    [(summary,)] = in_prefect(home, "select data from artifact where key = 'night-summary'")
    assert "cancelled, or ended after 20 hours" in summary


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
    # A new home begins with the sample's last day but one.
    assert (name, state) == ("night 2026-07-09 sample", "Failed")
    [(summary,)] = in_prefect(home, "select data from artifact where key = 'night-summary'")
    assert "A run of nightly was not begun" in summary
    assert "readers stay on the last good night" in summary
