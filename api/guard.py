"""What is refused before it is a question, and what browsers are told of each answer.

The API asks nobody who he is, so that a page of another site must not reach it: neither under a
name of its own that leads to this machine (DNS rebinding), nor as a frame or a script.
"""

from collections.abc import Sequence
from typing import Final

from fastapi import FastAPI, Request, Response
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import refusal

LOOPBACK: Final = ("127.0.0.1", "localhost", "[::1]")
MOST_URL_BYTES: Final = 8_192
_SHOWN_CHARACTERS: Final = 60
_FEWEST_GZIPPED_BYTES: Final = 1_024
_HEADERS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
)


def install(app: FastAPI, hosts: Sequence[str]) -> None:
    """Guard the application, which answers to these hosts' names."""
    app.add_middleware(GZipMiddleware, minimum_size=_FEWEST_GZIPPED_BYTES)
    app.add_middleware(Guarded, hosts=hosts)


class Guarded:
    """Refuses other hosts, long addresses and bodies; adds headers of security to each answer."""

    def __init__(self, app: ASGIApp, hosts: Sequence[str]) -> None:
        self._app = app
        self._hosts = frozenset(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a refusal, or what the application answers."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *_HEADERS]
            await send(message)

        refused = self._refused(Request(scope))
        await (refused or self._app)(scope, receive, send_guarded)

    def _refused(self, request: Request) -> Response | None:
        host = request.headers.get("host", "")
        name = host if host.endswith("]") else host.rpartition(":")[0] or host
        if name.lower() not in self._hosts:
            shown = host[:_SHOWN_CHARACTERS]
            known = ", ".join(sorted(self._hosts))
            return refusal(
                request,
                421,
                f"{shown!r} is no host of this API",
                f"ask it as one of {known}",
            )
        size = len(request.scope["raw_path"]) + len(request.scope["query_string"])
        if size > MOST_URL_BYTES:
            return refusal(
                request,
                414,
                f"the address has {size:,} bytes, and {MOST_URL_BYTES:,} are the most",
                "ask for less at once",
            )
        length = request.headers.get("content-length", "0")
        if length != "0" or "transfer-encoding" in request.headers:
            return refusal(
                request, 413, "a question has no body", "put parameters into the address"
            )
        return None
