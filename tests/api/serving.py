"""The API on a port of its own, and what its answers say."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from decimal import Decimal
from typing import Any

import httpx
import uvicorn

from api.application import application
from tests.limits import seconds
from warehouse.read.pool import ReaderPool


@contextmanager
def serving(pool: ReaderPool) -> Iterator[httpx.Client]:
    """A client of the API, which a thread serves."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        server = uvicorn.Server(uvicorn.Config(application(pool), log_level="warning"))
        thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
        thread.start()
        port = listening.getsockname()[1]
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=seconds(20)) as asking:
            yield asking
        server.should_exit = True
        thread.join(seconds(10))


def exact(answer: httpx.Response) -> Any:
    """JSON with its numbers as they are written."""
    assert answer.status_code == 200, answer.text
    return json.loads(answer.text, parse_float=Decimal)


def problem(answer: httpx.Response) -> Any:
    """What a refusal says; no trace of our code is in it."""
    assert answer.headers["content-type"] == "application/problem+json"
    assert "Traceback" not in answer.text
    assert '.py"' not in answer.text
    told = answer.json()
    assert told["status"] == answer.status_code
    assert told["correlation_id"] == answer.headers["x-request-id"]
    assert told["cure"]
    return told
