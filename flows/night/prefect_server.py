"""Prefect's temporary server as a process that ends with the command, whatever ends that.

Prefect starts one where no PREFECT_API_URL is given, and stops it in the end; a killed command
would leave it for ever.
"""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

from flows.night.apart import stay_with

# What Prefect says to a temporary server of its own.
_TEMPORARY: Final = {
    "PREFECT_UI_ENABLED": "0",
    "PREFECT__SERVER_EPHEMERAL": "1",
    "PREFECT__SERVER_FINAL": "1",
}


def keep_server_with_us() -> None:
    """Have Prefect start its temporary server by this module, where it would start one."""
    from prefect.settings import PREFECT_API_URL

    if PREFECT_API_URL.value():
        return
    from prefect.server.api.server import SubprocessASGIServer

    SubprocessASGIServer._run_uvicorn_command = _begin  # type: ignore[method-assign, assignment]


def _begin(server: Any) -> subprocess.Popen[Any]:
    from prefect.settings import get_current_settings

    settings = get_current_settings().to_environment_variables(exclude_unset=True)
    return subprocess.Popen(
        [sys.executable, "-m", __name__, str(os.getpid()), str(server.port)],
        env=os.environ | _TEMPORARY | settings,
        cwd=Path(__file__).parents[2],
        # Ctrl-C is for the command.
        start_new_session=True,
    )


def serve(parent: int, port: int) -> None:
    """Serve until that process ends, or this one is told to."""
    stay_with(parent)
    import uvicorn

    uvicorn.run(
        "prefect.server.api.server:create_app",
        factory=True,
        host="127.0.0.1",
        port=port,
        log_level="error",
        lifespan="on",
    )


if __name__ == "__main__":
    serve(*map(int, sys.argv[1:]))
