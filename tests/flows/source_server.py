"""A local server that answers like SEC's hosts: the recorded files, else the bundled sample."""

import re
from collections.abc import Callable
from pathlib import Path

import httpx
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from connectors.sample.addresses import SEC_DATA_URL, SEC_WWW_URL
from connectors.sample.transport import SampleTransport

Override = Callable[[bytes], bytes]


def serve(
    server: HTTPServer, recorded: Path | None, overrides: dict[str, Override] | None = None
) -> None:
    """Answer every GET; `overrides` maps the end of a path to what becomes of its body."""
    sample = SampleTransport()

    def answer(request: Request) -> Response:
        body = _recorded(recorded, request.path) if recorded else None
        if body is None:
            body = _bundled(sample, request.path)
        if body is None:
            return Response(b"", status=404)
        for ending, change in (overrides or {}).items():
            if request.path.endswith(ending):
                body = change(body)
        return Response(body, content_type="application/json")

    server.expect_request(re.compile("/.*"), method="GET").respond_with_handler(answer)


def _recorded(folder: Path, path: str) -> bytes | None:
    places = {
        "/api/xbrl/companyfacts/": (
            "companyfacts",
            "kinds/companyfacts",
            "cases/companyfacts",
        ),
        "/submissions/": ("submissions",),
        "/files/": ("reference",),
    }
    for prefix, names in places.items():
        if path.startswith(prefix):
            files = [folder / name / Path(path).name for name in names]
            return next((file.read_bytes() for file in files if file.is_file()), None)
    return None


def _bundled(sample: SampleTransport, path: str) -> bytes | None:
    base = SEC_WWW_URL if path.startswith("/files/") else SEC_DATA_URL
    response = sample.handle_request(httpx.Request("GET", base + path))
    return response.read() if response.status_code == 200 else None
