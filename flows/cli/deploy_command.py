"""corpintel deploy: the deployments of prefect.yaml, on a given Prefect server or a local one."""

import os
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from flows.bad_request import BadRequestError
from flows.cli import environment
from warehouse.settings import load_settings

PROJECT = Path(__file__).parents[2]
WORK_POOL = "corpintel"
LOCAL_API = "http://127.0.0.1:4200/api"
START_SECONDS = 120


def run(serve: bool) -> None:
    """Register all deployments; with `serve`, run their worker in the foreground too."""
    if not (PROJECT / "prefect.yaml").exists():
        raise BadRequestError(
            f"{PROJECT} has no prefect.yaml; deploy from a clone, where workers find the flows"
        )
    settings = load_settings()
    environment.prepare(settings.home)
    # Workers start elsewhere: what they need of the warehouse goes with the deployment.
    os.environ["CORPINTEL_HOME"] = str(settings.home)
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
            f"PREFECT_API_URL={api}: no Prefect server answers there; start it, or unset the "
            "variable to use a local one"
        )
    _prefect("work-pool", "create", WORK_POOL, "--type", "process", "--overwrite")
    # One writer: a part that is run by hand and the night wait for each other.
    _prefect("work-pool", "set-concurrency-limit", WORK_POOL, "1")
    _prefect("--no-prompt", "deploy", "--all")
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
    done = subprocess.run([sys.executable, "-m", "prefect", *arguments], cwd=PROJECT, check=False)
    if done.returncode:
        raise BadRequestError(
            f"prefect {' '.join(arguments)} ended with code {done.returncode}; see its lines above"
        )
