"""Deployments on loopback: a server, `corpintel deploy`, a worker, and a run that publishes."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from tests.flows.deployments import declared
from tests.limits import seconds, wait_for
from tests.nights import ROOT, Home

START_SECONDS = 120.0
RUN_SECONDS = 480.0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def _background(
    arguments: list[str], environment: dict[str, str], log: Path
) -> Iterator["subprocess.Popen[bytes]"]:
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "prefect", *arguments],
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            # A worker of Prefect that is told to end while a run closes may never do so; what it
            # leaves is nothing that is looked at.
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=seconds(2))
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _is_healthy(api: str) -> bool:
    try:
        return httpx.get(f"{api}/health").is_success
    except httpx.TransportError:
        return False


def _final_state(api: str, run_id: str) -> str:
    def final() -> str | None:
        run = httpx.get(f"{api}/flow_runs/{run_id}").raise_for_status().json()
        is_final = run["state_type"] in {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}
        return str(run["state_type"]) if is_final else None

    return wait_for(final, RUN_SECONDS, f"run {run_id} has not ended")


@pytest.fixture
def server(home: Home, tmp_path: Path) -> Iterator[str]:
    """The API of a Prefect server of its own."""
    port = _free_port()
    environment = home.environment() | {
        "PREFECT_HOME": str(home.path / "prefect"),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
    }
    arguments = ["server", "start", "--host", "127.0.0.1", "--port", str(port)]
    with _background(arguments, environment, tmp_path / "server.log"):
        api = f"http://127.0.0.1:{port}/api"
        wait_for(lambda: _is_healthy(api), START_SECONDS, "the server never answered")
        yield api


def _running(api: str, run_ids: set[str]) -> str:
    """The run that is in its first step and has been heard of."""

    def running() -> str | None:
        for run_id in sorted(run_ids):
            tasks = httpx.post(
                f"{api}/task_runs/filter", json={"flow_runs": {"id": {"any_": [run_id]}}}
            ).json()
            if tasks:
                return run_id
        return None

    return wait_for(running, START_SECONDS, "no run has begun")


def _is_pending(api: str, run_id: str) -> bool:
    """Whether a worker took the run, whose process has not said that it runs."""
    run = httpx.get(f"{api}/flow_runs/{run_id}").raise_for_status().json()
    assert run["state_type"] in {"SCHEDULED", "PENDING"}, run["state_type"]
    return bool(run["state_type"] == "PENDING")


def _places_taken(api: str, deployment: str) -> int:
    found = httpx.get(f"{api}/deployments/{deployment}").raise_for_status().json()
    taken: int = found["global_concurrency_limit"]["active_slots"]
    return taken


def _ordered(api: str, deployment: str, **parameters: str) -> dict[str, Any]:
    """A run of a deployment, which a server whose database is busy takes at another asking."""

    def order() -> dict[str, Any] | None:
        answer = httpx.post(
            f"{api}/deployments/{deployment}/create_flow_run", json={"parameters": parameters}
        )
        if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:
            return None
        assert answer.is_success, answer.text
        ordered: dict[str, Any] = answer.json()
        return ordered

    return wait_for(order, START_SECONDS, "no run was taken")


def test_a_deployed_night_publishes_though_runs_before_it_were_lost_with_their_worker(
    home: Home, server: str, tmp_path: Path
) -> None:
    deployer = Home(home.path, {"PREFECT_API_URL": server})
    done = deployer.run("deploy")
    assert done.returncode == 0, done.stdout + done.stderr

    # Short enough to be read: what was done, and how to go on.
    assert len(done.stdout.splitlines()) < 8, done.stdout
    deployments = httpx.post(f"{server}/deployments/filter", json={}).json()
    by_name = {deployment["name"]: deployment for deployment in deployments}
    assert set(by_name) == {deployment["name"] for deployment in declared()}
    night = by_name["nightly"]
    assert night["global_concurrency_limit"]["limit"] == 1
    assert night["job_variables"]["env"]["CORPINTEL_HOME"] == str(home.path)
    automations = httpx.post(f"{server}/automations/filter", json={}).json()
    assert {automation["name"] for automation in automations} == {
        "corpintel: close lost runs",
        "corpintel: look after nights that end badly or begin late",
    }

    watch = by_name["watch"]
    lost, run = (_ordered(server, night["id"], data="sample") for _ in range(2))
    environment = deployer.environment() | {"PREFECT_HOME": str(home.path / "worker")}
    arguments = ["worker", "start", "--pool", "corpintel"]
    with _background(arguments, environment, tmp_path / "lost.log") as worker:
        first = _running(server, {lost["id"], run["id"]})
        pending = _ordered(server, watch["id"])["id"]
        wait_for(lambda: _is_pending(server, pending), START_SECONDS, "no worker took the look")
        # The machine goes, with the worker and the night: nobody tells the server.
        for process in [*psutil.Process(worker.pid).children(recursive=True), worker]:
            process.kill()
    second = ({lost["id"], run["id"]} - {first}).pop()
    with _background(arguments, environment, tmp_path / "worker.log"):
        state = _final_state(server, second)
        assert state == "COMPLETED", (tmp_path / "worker.log").read_text()[-4000:]
        # Neither lost run, of which one ran and one was about to, keeps its place.
        assert _final_state(server, first) == "CRASHED"
        assert _final_state(server, pending) == "CRASHED"
        looked = _ordered(server, watch["id"])["id"]
        assert _final_state(server, looked) == "COMPLETED"
    assert [_places_taken(server, one["id"]) for one in (night, watch)] == [0, 0]

    tasks = httpx.post(
        f"{server}/task_runs/filter",
        json={"flow_runs": {"id": {"any_": [second]}}, "limit": 200},
    ).json()
    names = {task["name"] for task in tasks}
    assert {"collect sec", "collect ecb"} <= names
    # A step is a task; what each domain of models cost is in an artifact, not in a task for each.
    assert any(name.startswith("build marts") for name in names)
    assert not any("mart_company_performance" in name for name in names)
    artifacts = httpx.post(f"{server}/artifacts/filter", json={}).json()
    assert {"night-summary", "build-by-domain"} <= {artifact["key"] for artifact in artifacts}
    published = home.query("select count(*) as n from mart_company_performance")
    assert published == [{"n": "22"}]
