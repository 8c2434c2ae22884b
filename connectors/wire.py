"""The wire below the HTTP client: where it may connect, how long it may take, how much it reads.

httpx bounds each read and not a whole answer, connects to whatever a name resolves to, and unpacks
what it is sent without a limit; a hostile or broken server needs no more than that.
"""

import ipaddress
import socket
import threading
import time
import zlib
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import httpcore
import httpx

MAX_CONNECTIONS = 32


class ForbiddenAddressError(Exception):
    """A public name that resolves to an address inside somebody's network."""


class BodyTooLargeError(Exception):
    """A body that is larger than its limit, packed or unpacked."""


class BrokenBodyError(Exception):
    """A body that cannot be unpacked, or ends before its end."""


class _Deadline(threading.local):
    at = float("inf")


_deadline = _Deadline()


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Let no read or write of this thread's requests go on past `seconds` from now."""
    before = _deadline.at
    _deadline.at = min(before, time.monotonic() + seconds)
    try:
        yield
    finally:
        _deadline.at = before


def _left(timeout: float | None, error: type[Exception]) -> float | None:
    left = _deadline.at - time.monotonic()
    if left <= 0:
        raise error("the answer took too long")
    if left == float("inf"):
        return timeout
    return left if timeout is None else min(timeout, left)


class _BoundedStream(httpcore.NetworkStream):
    """A stream whose reads and writes end with the thread's deadline."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = _left(timeout, httpcore.ConnectTimeout)
        return _BoundedStream(self._stream.start_tls(ssl_context, server_hostname, left))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _GuardedBackend(httpcore.SyncBackend):
    """Connects to the very address that was checked, so no second look-up can differ."""

    def __init__(self, trusted_hosts: Collection[str]) -> None:
        self._trusted = frozenset(host.lower() for host in trusted_hosts)

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Any = None,
    ) -> httpcore.NetworkStream:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(str(error)) from None
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        if host.lower() not in self._trusted and not all(map(_is_public, addresses)):
            raise ForbiddenAddressError(host)
        failure: Exception = httpcore.ConnectError(f"{host} has no address")
        for address in addresses:
            try:
                stream = super().connect_tcp(
                    address,
                    port,
                    _left(timeout, httpcore.ConnectTimeout),
                    local_address,
                    socket_options,
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return _BoundedStream(stream)
        raise failure


def _is_public(address: str) -> bool:
    found = ipaddress.ip_address(address.partition("%")[0])
    return found.is_global and not found.is_multicast


class GuardedTransport(httpx.HTTPTransport):
    """httpx's transport over the guarded backend; `trusted_hosts` may have private addresses."""

    def __init__(self, trusted_hosts: Collection[str] = ()) -> None:
        super().__init__()
        # httpx has no parameter for the network backend; its version is pinned.
        self._pool.close()
        self._pool = httpcore.ConnectionPool(
            ssl_context=httpx.create_ssl_context(),
            max_connections=MAX_CONNECTIONS,
            max_keepalive_connections=MAX_CONNECTIONS,
            keepalive_expiry=5.0,
            network_backend=_GuardedBackend(trusted_hosts),
        )


def read_body(packed: Iterable[bytes], encoding: str, max_bytes: int) -> bytes:
    """Join and unpack a body as it came over the wire.

    Raises BodyTooLargeError as soon as it is over `max_bytes`, packed or unpacked, and
    BrokenBodyError for an encoding that was not asked for or a stream that breaks off.
    """
    if encoding in ("", "identity"):
        return _joined(packed, max_bytes)
    if encoding not in ("gzip", "x-gzip"):
        raise BrokenBodyError(f"content-encoding {encoding[:20]!r}")
    body = bytearray()
    # 31 is zlib's name for a gzip stream.
    unpacker = zlib.decompressobj(31)
    size = 0
    try:
        for chunk in packed:
            size += len(chunk)
            if size > max_bytes:
                raise BodyTooLargeError
            if unpacker.eof:
                raise BrokenBodyError("something follows the packed body")
            body += unpacker.decompress(chunk, max_bytes + 1 - len(body))
            if len(body) > max_bytes or unpacker.unconsumed_tail:
                raise BodyTooLargeError
    except zlib.error as error:
        raise BrokenBodyError(str(error)) from None
    if size and not unpacker.eof:
        raise BrokenBodyError("packed body breaks off")
    if unpacker.unused_data:
        raise BrokenBodyError("something follows the packed body")
    return bytes(body)


def _joined(chunks: Iterable[bytes], max_bytes: int) -> bytes:
    body = bytearray()
    for chunk in chunks:
        body += chunk
        if len(body) > max_bytes:
            raise BodyTooLargeError
    return bytes(body)
