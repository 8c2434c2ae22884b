"""corpintel deploy: the deployments of prefect.yaml, on a given Prefect server or a local one."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Annotated
from urllib.error import URLError
from urllib.request import urlopen

import httpx
import typer

from flows.cli import environment
from flows.cli.automations import make_automations
from flows.cli.ending import tidied
from flows.cli.options import to_number
from flows.cli.prefect_checks import WORK_POOL
from flows.night.bad_request import BadRequestError
from warehouse.settings import load_settings, without_login

PROJECT = Path(__file__).parents[2]
# Nights and parts wait for each other in the one; what only looks goes beside them in the other.
QUEUES = ("default", "watch")
PORT = 4200
ANSWER_SECONDS = 10.0
START_SECONDS = 120


app = typer.Typer(add_completion=False)


@app.command(epilog="Example: corpintel deploy")
def deploy(
    serve: Annotated[
        bool,
        typer.Option("--serve", help="Run a worker in the foreground afterwards."),
    ] = False,
    port: Annotated[
        str, typer.Option("--port", metavar="N", help="Of the local server, where one is started.")
    ] = str(PORT),
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
        number = to_number("--port", port)
        local = f"http://127.0.0.1:{number}/api"
        os.environ["PREFECT_API_URL"] = local
        if not _answers(local):
            _start_server(settings.home / "logs" / "prefect-server.log", number)
    api = os.environ["PREFECT_API_URL"]
    if not _answers(api):
        raise BadRequestError(
            f"PREFECT_API_URL={without_login(api)}: no Prefect server answers there; start it, or "
            "unset the variable to use a local one"
        )
    _quietly("work-pool", "create", WORK_POOL, "--type", "process", "--overwrite")
    _make_queues()
    _quietly("--no-prompt", "deploy", "--all")
    count = make_automations()
    api = without_login(api)
    print(
        f"{count} deployments are registered at {api}. The nightly run starts at 23:15 New York "
        f"time once a worker runs:\n"
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


def _make_queues() -> None:
    """One writer: a part that is run by hand and the night wait for each other in their queue."""
    # An earlier release had the pool as the place to wait.
    _quietly("work-pool", "clear-concurrency-limit", WORK_POOL)
    for queue in QUEUES:
        known = ["--pool", WORK_POOL]
        if not _is_queue(queue):
            _quietly("work-queue", "create", queue, *known)
        _quietly("work-queue", "set-concurrency-limit", queue, "1", *known)


def _is_queue(name: str) -> bool:
    api = os.environ["PREFECT_API_URL"]
    address = f"{api}/work_pools/{WORK_POOL}/queues/{name}"
    return httpx.get(address, timeout=ANSWER_SECONDS).status_code == httpx.codes.OK


def _start_server(log: Path, port: int) -> None:
    """Start a Prefect server that outlives this command, and wait until it answers.

    Prefect's own --background writes to a pipe of its parent and dies with the first line after
    the parent is gone.
    """
    with socket.socket() as trial:
        try:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(("127.0.0.1", port))
        except (OSError, OverflowError) as error:
            raise BadRequestError(
                f"--port {port}: no Prefect server answers there, and none can be started "
                f"({error}); name a free port, like --port {PORT + 1}, or set PREFECT_API_URL"
            ) from None
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        server = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "prefect",
                *["server", "start", "--host", "127.0.0.1", "--port", str(port)],
            ],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    print(
        f"No PREFECT_API_URL is set: a Prefect server starts on 127.0.0.1:{port} as process "
        f"{server.pid}, with its log in {log}"
    )
    # Its first start creates its database.
    deadline = time.monotonic() + START_SECONDS
    while (
        not _answers(f"http://127.0.0.1:{port}/api")
        and server.poll() is None
        and time.monotonic() < deadline
    ):
        time.sleep(0.5)


def _answers(api: str) -> bool:
    try:
        with urlopen(f"{api}/health", timeout=5) as answer:  # noqa: S310  # the operator's own URL
            return bool(answer.status == 200)
    except (URLError, OSError, ValueError):
        return False


def _quietly(*arguments: str) -> None:
    """Run one of Prefect's commands; what it says is told where it fails."""
    done = subprocess.run(
        [sys.executable, "-m", "prefect", *arguments],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        said = " ".join(f"{done.stdout} {done.stderr}".split())[-500:]
        raise BadRequestError(f"prefect {' '.join(arguments)} failed: {said}")


def _prefect(*arguments: str) -> None:
    command = [sys.executable, "-m", "prefect", *arguments]
    with tidied():
        done = subprocess.run(command, cwd=PROJECT, check=False)
    if done.returncode:
        raise BadRequestError(
            f"prefect {' '.join(arguments)} ended with code {done.returncode}; see its lines above"
        )
