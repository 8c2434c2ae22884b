"""A proxy between a night and PostgreSQL that counts statements and strikes at a chosen one.

Written by hand: no library of TCP faults knows where in the protocol a statement begins.
"""

import contextlib
import socket
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

# Simple queries, executions of prepared ones, and the pieces and the end of a COPY.
_COUNTED: Final = frozenset(b"QEdc")
_ENCRYPTION_REQUESTS: Final = frozenset({80877103, 80877104})
_CHUNK: Final = 1 << 16


@dataclass
class _Strike:
    at: int
    is_before: bool
    action: Callable[[], None]


class FaultProxy:
    """Listens on `port` and passes everything on to `upstream`, which may change."""

    def __init__(self, upstream: tuple[str, int]) -> None:
        self.upstream = upstream
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port: int = self._listener.getsockname()[1]
        self._lock = threading.Lock()
        self._count = 0
        self._strike: _Strike | None = None
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def count(self) -> int:
        """Statements since the last `arm`."""
        return self._count

    def arm(
        self,
        at: int | None = None,
        action: Callable[[], None] | None = None,
        *,
        before: bool = True,
    ) -> None:
        """Count from 0; at statement `at` act, before it is passed on or right after."""
        with self._lock:
            self._count = 0
            self._strike = (
                _Strike(at, before, action) if at is not None and action is not None else None
            )

    def close(self) -> None:
        """Take no more connections."""
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(self.upstream, timeout=10)
            except OSError:
                client.close()
                continue
            server.settimeout(None)
            pump = threading.Thread(target=self._pump, args=(client, server), daemon=True)
            pump.start()
            threading.Thread(target=_copy, args=(server, client), daemon=True).start()

    def _pump(self, client: socket.socket, server: socket.socket) -> None:
        """Pass on what the client says, message by message."""
        waiting = b""
        is_started = False
        try:
            while chunk := client.recv(_CHUNK):
                waiting += chunk
                ready = 0
                while (end := _message_end(waiting, ready, is_started)) is not None:
                    if not is_started:
                        (code,) = struct.unpack_from("!i", waiting, ready + 4)
                        is_started = code not in _ENCRYPTION_REQUESTS
                    elif waiting[ready] in _COUNTED:
                        strike = self._due()
                        if strike is not None:
                            server.sendall(waiting[: ready if strike.is_before else end])
                            strike.action()
                            # Nothing more of it arrives, whatever was under way.
                            return
                    ready = end
                server.sendall(waiting[:ready])
                waiting = waiting[ready:]
        except OSError:
            pass
        finally:
            _close(client, server)

    def _due(self) -> _Strike | None:
        with self._lock:
            self._count += 1
            strike = self._strike
            if strike is None or self._count != strike.at:
                return None
            self._strike = None
            return strike


def _message_end(waiting: bytes, start: int, is_started: bool) -> int | None:
    """Where the message that begins at `start` ends; None where it is not there whole."""
    # The first messages of a connection have no type byte.
    place = start + 1 if is_started else start
    if len(waiting) < place + 8 - 4 * is_started:
        return None
    (length,) = struct.unpack_from("!i", waiting, place)
    end = place + length
    return int(end) if end <= len(waiting) else None


def _copy(source: socket.socket, target: socket.socket) -> None:
    try:
        while chunk := source.recv(_CHUNK):
            target.sendall(chunk)
    except OSError:
        pass
    finally:
        _close(source, target)


def _close(*sockets: socket.socket) -> None:
    for one in sockets:
        with contextlib.suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
        one.close()
