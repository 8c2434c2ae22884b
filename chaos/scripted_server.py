"""A server on a real socket that misbehaves as it is told: the first part of a path is the script.

`/<behaviour>/<anything>` answers by that behaviour; what it counts is when each request arrived, by
its own clock. httpx cannot be trusted to test httpx, so this writes bytes.
"""

import gzip
import socket
import socketserver
import struct
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Good = Callable[[str], tuple[str, bytes]]
Behaviour = Callable[["_Handler", str], None]

BLOCK_PAGE = (
    b"<html><title>SEC.gov | Your Request Originates from an Undeclared Automated Tool</title>"
)
ACCESS_DENIED = b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"
VENDOR_ERROR = (
    b'{"status":"error","code":500,"message":"broken","Information":"rate limit per minute",'
    b'"chart":{"result":null,"error":{"code":"Internal","description":"x"}},'
    b'"quoteSummary":{"result":null,"error":{"code":"Internal","description":"x"}}}'
)
_BOMB = gzip.compress(bytes(40_000_000))


class ScriptedServer(socketserver.ThreadingTCPServer):
    """`good` gives (content type, body) for the rest of a path."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, good: Good) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.good = good
        self.arrivals: list[tuple[float, str]] = []
        self.seen: dict[str, int] = defaultdict(int)
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


@contextmanager
def scripted(good: Good) -> Iterator[ScriptedServer]:
    """Run a server for the time of the block."""
    server = ScriptedServer(good)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(socketserver.BaseRequestHandler):
    server: ScriptedServer

    def handle(self) -> None:
        head = self._head()
        if not head:
            return
        path = head.split(b" ", 2)[1].decode()
        with self.server.lock:
            self.server.arrivals.append((time.monotonic(), path))
            self.server.seen[path] += 1
        behaviour, _, rest = path.lstrip("/").partition("/")
        try:
            BEHAVIOURS[behaviour](self, rest)
        except KeyError:
            # `good` knows no such document.
            self.answer("404 Not Found", b"")
        except (BrokenPipeError, ConnectionResetError):
            return

    def _head(self) -> bytes:
        head = b""
        self.request.settimeout(5)
        while b"\r\n\r\n" not in head:
            try:
                chunk = self.request.recv(65_536)
            except (TimeoutError, ConnectionResetError):
                return b""
            if not chunk:
                return b""
            head += chunk
        return head

    def answer(self, status: str, body: bytes, *headers: str, length: int | None = None) -> None:
        lines = [
            f"HTTP/1.1 {status}",
            f"Content-Length: {len(body) if length is None else length}",
            "Connection: close",
            *headers,
        ]
        self.request.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + body)

    def good_answer(self, rest: str) -> tuple[str, bytes]:
        content_type, body = self.server.good(rest)
        return f"Content-Type: {content_type}", body


def _ok(handler: _Handler, rest: str) -> None:
    header, body = handler.good_answer(rest)
    handler.answer("200 OK", body, header)


def _packed(handler: _Handler, rest: str) -> None:
    header, body = handler.good_answer(rest)
    handler.answer("200 OK", gzip.compress(body), header, "Content-Encoding: gzip")


def _encoded(handler: _Handler, rest: str) -> None:
    """What `good` gives is the packed form itself."""
    header, body = handler.good_answer(rest)
    handler.answer("200 OK", body, header, "Content-Encoding: gzip")


def _then_ok(first: Behaviour) -> Behaviour:
    """Misbehave at the first request of a path, and be good from the second on."""

    def behave(handler: _Handler, rest: str) -> None:
        path = next(path for _, path in reversed(handler.server.arrivals) if path.endswith(rest))
        (first if handler.server.seen[path] == 1 else _ok)(handler, rest)

    return behave


def _status(status: str, body: bytes = b"", *headers: str) -> Behaviour:
    return lambda handler, rest: handler.answer(status, body, *headers)


def _drip(handler: _Handler, rest: str) -> None:
    handler.request.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    _trickle(handler, b"{")


def _drip_head(handler: _Handler, rest: str) -> None:
    handler.request.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    _trickle(handler, b"a")


def _trickle(handler: _Handler, byte: bytes) -> None:
    stop = time.monotonic() + 3
    while time.monotonic() < stop:
        handler.request.sendall(byte)
        time.sleep(0.02)


def _half_close(handler: _Handler, rest: str) -> None:
    header, body = handler.good_answer(rest)
    handler.answer("200 OK", body[: len(body) // 2], header, length=len(body))


def _reset(handler: _Handler, rest: str) -> None:
    handler.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.request.close()


def _torn_gzip(handler: _Handler, rest: str) -> None:
    header, body = handler.good_answer(rest)
    handler.answer("200 OK", gzip.compress(body)[:-9], header, "Content-Encoding: gzip")


BEHAVIOURS: dict[str, Behaviour] = {
    "ok": _ok,
    "packed": _packed,
    "encoded": _encoded,
    "busy-then-ok": _then_ok(_status("503 Service Unavailable")),
    "limited-then-ok": _then_ok(_status("429 Too Many Requests", b"", "Retry-After: 0")),
    "reset-then-ok": _then_ok(_reset),
    "torn-then-ok": _then_ok(_torn_gzip),
    "429": _status("429 Too Many Requests"),
    "503": _status("503 Service Unavailable", b"<html>busy</html>", "Content-Type: text/html"),
    "drip": _drip,
    "drip-head": _drip_head,
    "half-close": _half_close,
    "reset": _reset,
    "silence": lambda handler, rest: None,
    "nonsense": lambda handler, rest: handler.request.sendall(b"\x00\xffhello\r\n\r\n"),
    "torn": _torn_gzip,
    "loop": lambda handler, rest: handler.answer("302 Found", b"", f"Location: /loop/{rest}"),
    "elsewhere": _status("302 Found", b"", "Location: http://localhost.example.com/"),
    "metadata": _status("302 Found", b"", "Location: http://169.254.169.254/latest/"),
    "block": _status("403 Forbidden", BLOCK_PAGE, "Content-Type: text/html"),
    "denied": _status("403 Forbidden", ACCESS_DENIED, "Content-Type: application/xml"),
    "401": _status("401 Unauthorized"),
    # Says what it was asked, keys in the address among it.
    "echo": lambda handler, rest: handler.answer("400 Bad Request", rest.encode()),
    "404": _status("404 Not Found"),
    "400": _status("400 Bad Request"),
    "page": _status("200 OK", b"<html>consent</html>", "Content-Type: text/html; charset=utf-8"),
    "error": _status("200 OK", VENDOR_ERROR, "Content-Type: application/json"),
    "empty": _status("200 OK", b"{}", "Content-Type: application/json"),
    "nothing": _status("200 OK", b"", "Content-Type: application/json"),
    "bomb": _status("200 OK", _BOMB, "Content-Encoding: gzip", "Content-Type: application/json"),
    "zstd": _status("200 OK", b"x", "Content-Encoding: zstd", "Content-Type: application/json"),
}
