"""Stand-ins for what a flow hands to the HTTP client."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import httpx

from connectors.archive import Archive, Capture
from connectors.http import HttpClient
from connectors.retry import RetryPolicy

NOW = datetime(2026, 7, 10, 22, 0, tzinfo=UTC)
NO_WAIT = RetryPolicy(attempts=4, wait_initial=0.0, wait_max=0.0, wait_jitter=0.0)


class ListLog:
    def __init__(self) -> None:
        self.captures: list[Capture] = []

    def record(self, capture: Capture) -> int:
        self.captures.append(capture)
        return len(self.captures)

    def latest(self, request_key: str) -> tuple[int, Capture] | None:
        for number, capture in reversed(list(enumerate(self.captures, start=1))):
            if capture.request_key == request_key:
                return number, capture
        return None


class CountingLimit:
    """Lets every request out, or none for `wait_seconds`, and keeps what it was asked."""

    def __init__(self, wait_seconds: float = 0.0) -> None:
        self.sources: list[str] = []
        self.left: list[int] = []
        self.wait_seconds = wait_seconds

    def wait(self, source: str, units: int) -> float:
        return self.wait_seconds

    def ask(self, source: str, units: int) -> tuple[int | None, float]:
        if self.wait_seconds:
            return None, self.wait_seconds
        self.sources.append(source)
        return len(self.sources), 0.0

    def leave(self, ticket: int) -> None:
        self.left.append(ticket)


class DictBreakers:
    """Breakers by host, with the seconds for which they were opened."""

    def __init__(self) -> None:
        self.opened: dict[str, tuple[str, float]] = {}
        self.closed: list[str] = []

    def reason(self, host: str) -> str | None:
        reason, seconds = self.opened.get(host, ("", 0.0))
        return reason if seconds else None

    def open(self, source: str, host: str, reason: str, seconds: float) -> None:
        self.opened[host] = (reason, seconds)

    def close(self, host: str) -> None:
        self.closed.append(host)


def make_client(
    folder: Path,
    answer: Callable[[httpx.Request], httpx.Response] | httpx.BaseTransport,
    *,
    log: ListLog | None = None,
    limits: CountingLimit | None = None,
    breakers: DictBreakers | None = None,
    hosts: dict[str, list[str]] | None = None,
    retry: RetryPolicy = NO_WAIT,
    max_bytes: int = 10_000_000,
    clock: Callable[[], datetime] = lambda: NOW,
) -> HttpClient:
    transport = answer if isinstance(answer, httpx.BaseTransport) else httpx.MockTransport(answer)
    return HttpClient(
        archive=Archive(str(folder)),
        log=log or ListLog(),
        limits=limits or CountingLimit(),
        breakers=breakers or DictBreakers(),
        user_agent="Example Analytics ops@example.com",
        allowed_hosts=hosts or {"sec": ["data.example"]},
        transport=transport,
        clock=clock,
        max_bytes=max_bytes,
        retry=retry,
    )
