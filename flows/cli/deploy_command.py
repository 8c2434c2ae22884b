"""corpintel deploy: the deployments of prefect.yaml, on a given Prefect server or a local one."""

import os
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Annotated
from urllib.error import URLError
from urllib.request import urlopen

import typer

from flows.cli import environment
from flows.cli.ending import tidied
from flows.night.bad_request import BadRequestError
from warehouse.settings import load_settings, without_login

PROJECT = Path(__file__).parents[2]
WORK_POOL = "corpintel"
LOCAL_API = "http://127.0.0.1:4200/api"
# Of every deployment in prefect.yaml.
TAG = "corpintel"
START_SECONDS = 120
# Of which prefect.yaml asks for one in 30 seconds; a run that starts is given as long.
LOST_SECONDS = 120


app = typer.Typer(add_completion=False)


@app.command(epilog="Example: corpintel deploy")
def deploy(
    serve: Annotated[
        bool,
        typer.Option("--serve", help="Run a worker in the foreground afterwards."),
    ] = False,
) -> None:
    """Register the deployments of prefect.yaml with the Prefect server in use."""
    if not (PROJECT / "prefect.yaml").exists():
        raise BadRequestError(
            f"{PROJECT} has no prefect.yaml; deploy from a clone, where workers find the flows"
        )
    settings = load_settings()
    environment.prepare(settings.home)
    # Workers start elsewhere: what they need of the warehouse goes with the deployment.
    os.environ["CORPINTEL_HOME"] = str(settings.home)
    if without_login(settings.archive_url) != settings.archive_url:
        raise BadRequestError(
            f"CORPINTEL_ARCHIVE_URL={without_login(settings.archive_url)} has a login in it, which "
            "would go into Prefect's database; give the login by the store's own variables"
        )
    os.environ["CORPINTEL_ARCHIVE_URL"] = settings.archive_url
    os.environ["CORPINTEL_WATCHLIST"] = str(settings.watchlist or "")
    os.environ["CORPINTEL_SEC_USER_AGENT"] = settings.sec_user_agent or ""
    if not os.environ.get("PREFECT_API_URL"):
        os.environ["PREFECT_API_URL"] = LOCAL_API
        if not _answers(LOCAL_API):
            _start_server(settings.home / "logs" / "prefect-server.log")
    api = os.environ["PREFECT_API_URL"]
    if not _answers(api):
        raise BadRequestError(
            f"PREFECT_API_URL={without_login(api)}: no Prefect server answers there; start it, or "
            "unset the variable to use a local one"
        )
    _prefect("work-pool", "create", WORK_POOL, "--type", "process", "--overwrite")
    # One writer: a part that is run by hand and the night wait for each other.
    _prefect("work-pool", "set-concurrency-limit", WORK_POOL, "1")
    _prefect("--no-prompt", "deploy", "--all")
    _close_lost_runs()
    api = without_login(api)
    print(
        f"\nDeployed to {api}. The nightly run starts at 23:15 New York time once a worker runs:\n"
        f"  PREFECT_API_URL={api} prefect worker start --pool {WORK_POOL}\n"
        f"  PREFECT_API_URL={api} prefect deployment run nightly/nightly\n"
        f"The UI is at {api.removesuffix('/api')}."
    )
    if settings.database_url is not None:
        print(
            "CORPINTEL_DATABASE_URL is a secret and not part of the deployments: set it for the "
            "worker too, or its runs use an embedded server."
        )
    if serve:
        _prefect("worker", "start", "--pool", WORK_POOL)


def _close_lost_runs() -> None:
    """Have the server crash runs of ours that are no longer heard of.

    A run whose worker died with it would stay Running for ever and hold the pool's only place.
    """
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.objects import StateType
    from prefect.events.actions import ChangeFlowRunState
    from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture
    from prefect.events.schemas.events import ResourceSpecification

    name = "corpintel: close lost runs"
    beat = "prefect.flow-run.heartbeat"
    begins = {f"prefect.flow-run.{state}" for state in ("Pending", "Running")}
    # A run that waits for its place is not lost either.
    rests = {
        f"prefect.flow-run.{state}"
        for state in (
            *("Completed", "Failed", "Cancelled", "Crashed"),
            *("Scheduled", "Late", "AwaitingConcurrencySlot", "AwaitingRetry"),
        )
    }
    automation = AutomationCore(
        name=name,
        description="Runs that send no heartbeat any more are crashed, and free their place.",
        trigger=EventTrigger(
            after={beat, *begins},
            expect={beat, *rests},
            match=ResourceSpecification({"prefect.resource.id": ["prefect.flow-run.*"]}),
            match_related=ResourceSpecification({"prefect.resource.id": [f"prefect.tag.{TAG}"]}),
            for_each={"prefect.resource.id"},
            posture=Posture.Proactive,
            threshold=1,
            within=timedelta(seconds=LOST_SECONDS),
        ),
        actions=[
            ChangeFlowRunState(
                state=StateType.CRASHED, message=f"No heartbeat for {LOST_SECONDS} seconds."
            )
        ],
    )
    with get_client(sync_client=True) as client:
        for known in client.read_automations_by_name(name):
            client.delete_automation(known.id)
        client.create_automation(automation)


def _start_server(log: Path) -> None:
    """Start a Prefect server that outlives this command, and wait until it answers.

    Prefect's own --background writes to a pipe of its parent and dies with the first line after
    the parent is gone.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        server = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "prefect",
                *["server", "start", "--host", "127.0.0.1", "--port", "4200"],
            ],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    print(
        f"No PREFECT_API_URL is set: a Prefect server starts on 127.0.0.1:4200 as process "
        f"{server.pid}, with its log in {log}"
    )
    # Its first start creates its database.
    deadline = time.monotonic() + START_SECONDS
    while not _answers(LOCAL_API) and server.poll() is None and time.monotonic() < deadline:
        time.sleep(0.5)


def _answers(api: str) -> bool:
    try:
        with urlopen(f"{api}/health", timeout=5) as answer:  # noqa: S310  # the operator's own URL
            return bool(answer.status == 200)
    except (URLError, OSError, ValueError):
        return False


def _prefect(*arguments: str) -> None:
    command = [sys.executable, "-m", "prefect", *arguments]
    with tidied():
        done = subprocess.run(command, cwd=PROJECT, check=False)
    if done.returncode:
        raise BadRequestError(
            f"prefect {' '.join(arguments)} ended with code {done.returncode}; see its lines above"
        )
