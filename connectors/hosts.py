"""Which hosts may be asked: those on a source's allow-list that no breaker leaves alone."""

import threading
from collections import Counter
from collections.abc import Collection, Mapping
from typing import Protocol

import httpx

from connectors.errors import BreakerOpenError, RefusedError, StopSourceError


class Breakers(Protocol):
    """The breakers that all processes of a warehouse share, one for each host."""

    def reason(self, host: str) -> str | None:
        """Why the host is to be left alone now, and until when; None when it may be asked."""

    def open(self, source: str, host: str, reason: str, seconds: float) -> None:
        """Let nobody ask the host for so long; with 0 it is only told to the operators."""

    def close(self, host: str) -> None:
        """The host answers again."""


def breaker_host(url: httpx.URL) -> str:
    """The host as breakers name it: with its port where that is not the usual one."""
    return url.host if url.port is None else f"{url.host}:{url.port}"


class Hosts:
    """What is known of each host tonight, by all threads of a client."""

    def __init__(
        self,
        allowed: Mapping[str, Collection[str]],
        breakers: Breakers,
        failures: int,
        pause: float,
    ) -> None:
        """So many `failures` in a row open a host's breaker for `pause` seconds."""
        self._allowed = {
            source: frozenset(host.lower() for host in hosts) for source, hosts in allowed.items()
        }
        self._breakers = breakers
        self._limit = failures
        self._pause = pause
        self._lock = threading.Lock()
        self._failures: Counter[str] = Counter()
        self._latched: dict[str, str] = {}
        self._answering: set[str] = set()

    def check_allowed(self, source: str, url: httpx.URL) -> None:
        """Raise StopSourceError for a host that is not on the source's allow-list."""
        allowed = self._allowed.get(source, frozenset())
        if url.scheme not in ("http", "https") or url.host.lower() not in allowed:
            raise StopSourceError(
                source,
                "host is not on the source's allow-list",
                f"{url.scheme}://{url.host}",
                f"allowed: {', '.join(sorted(allowed)) or 'none'}",
            )

    def check_breaker(self, source: str, url: httpx.URL) -> None:
        """Raise BreakerOpenError for a host that is to be left alone."""
        host = breaker_host(url)
        with self._lock:
            reason = self._latched.get(host)
        if reason is None:
            reason = self._breakers.reason(host)
            cure = "it is left alone until then"
        else:
            cure = "it is left alone for tonight"
        if reason is not None:
            raise BreakerOpenError(source, reason, host, cure)

    def latch(self, source: str, url: httpx.URL, error: StopSourceError) -> None:
        """What stops a source is told to everyone, and its host is left alone for tonight."""
        if not isinstance(error, RefusedError) and not error.pause:
            return
        host = breaker_host(url)
        with self._lock:
            self._latched.setdefault(host, error.what)
        self._breakers.open(source, host, error.what, error.pause)

    def note_failure(self, source: str, url: httpx.URL) -> None:
        """Count a failure; the one too many raises BreakerOpenError."""
        host = breaker_host(url)
        with self._lock:
            self._failures[host] += 1
            if self._failures[host] < self._limit:
                return
            reason = f"host failed {self._limit} times in a row"
            is_first = host not in self._latched
            self._latched.setdefault(host, reason)
        if is_first:
            self._breakers.open(source, host, reason, self._pause)
        self.check_breaker(source, url)

    def note_success(self, url: httpx.URL) -> None:
        """The host answered, whatever it said."""
        host = breaker_host(url)
        with self._lock:
            # An open breaker stays open, whatever a request still under way brings.
            if host in self._latched:
                return
            self._failures[host] = 0
            is_first = host not in self._answering
            self._answering.add(host)
        if is_first:
            self._breakers.close(host)
