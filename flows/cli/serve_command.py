"""corpintel serve: the read API on this machine, until Ctrl-C."""

import ipaddress
from typing import Annotated

import typer

from flows.cli.options import to_number
from flows.night.bad_request import BadRequestError
from warehouse.db import open_warehouse
from warehouse.read.connection import require_publication
from warehouse.settings import load_settings

app = typer.Typer(add_completion=False)

_LAST_PORT = 65_535


@app.command(epilog="Example: corpintel serve --port 8080")
def serve(
    host: Annotated[
        str, typer.Option(help="Address to listen on; this machine's own alone.")
    ] = "127.0.0.1",
    port: Annotated[str, typer.Option(metavar="PORT", help="Port to listen on.")] = "8080",
) -> None:
    """Answer questions on the marts over HTTP, read-only, as JSON, CSV, Parquet or Arrow."""
    _require_loopback(host)
    number = to_number("--port", port)
    if not 0 < number <= _LAST_PORT:
        raise BadRequestError(f"--port {port} is no port; give one from 1 to {_LAST_PORT}")
    with open_warehouse(load_settings()) as warehouse:
        require_publication(warehouse)
        from api.serving import serve as answer  # brings much that a refusal does without

        shown = f"[{host}]" if ":" in host else host
        print(f"http://{shown}:{number}/v1/companies, described in /openapi.json", flush=True)
        answer(warehouse, host, number)


def _require_loopback(host: str) -> None:
    if host == "localhost":
        return
    try:
        is_own = ipaddress.ip_address(host).is_loopback
    except ValueError:
        is_own = False
    if not is_own:
        raise BadRequestError(
            f"--host {host}: whoever reaches it may read, since there are no keys yet; give "
            "127.0.0.1, and put a proxy that asks who it is in front for others"
        )
