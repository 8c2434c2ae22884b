"""The server of the API."""

from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from api.application import application
from api.guard import LOOPBACK
from warehouse.db import Warehouse
from warehouse.read.pool import ReaderPool


class _Server(uvicorn.Server):
    """Leaves signals to whoever runs it."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


def serve(warehouse: Warehouse, host: str, port: int) -> None:
    """Answer until a signal ends the process; SystemExit where the address is in use."""
    pool = ReaderPool(warehouse)
    named = f"[{host}]" if ":" in host else host
    app = application(pool, (*LOOPBACK, named.lower()))
    config = uvicorn.Config(app, host=host, port=port, log_level="warning", server_header=False)
    _Server(config).run()
