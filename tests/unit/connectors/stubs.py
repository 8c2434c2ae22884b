"""Stand-ins for what a flow hands to the HTTP client."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import httpx

from connectors.archive import Archive, Capture
from connectors.http import HttpClient, RetryPolicy

NOW = datetime(2026, 7, 10, 22, 0, tzinfo=UTC)
NO_WAIT = RetryPolicy(attempts=4, wait_initial=0.0, wait_max=0.0, wait_jitter=0.0)


class ListLog:
    def __init__(self) -> None:
        self.captures: list[Capture] = []

    def record(self, capture: Capture) -> int:
        self.captures.append(capture)
        return len(self.captures)


class CountingLimit:
    def __init__(self) -> None:
        self.sources: list[str] = []

    def acquire(self, source: str) -> None:
        self.sources.append(source)


def make_client(
    folder: Path,
    answer: Callable[[httpx.Request], httpx.Response] | httpx.BaseTransport,
    *,
    log: ListLog | None = None,
    limits: CountingLimit | None = None,
    hosts: dict[str, list[str]] | None = None,
    retry: RetryPolicy = NO_WAIT,
    max_bytes: int = 10_000_000,
) -> HttpClient:
    transport = answer if isinstance(answer, httpx.BaseTransport) else httpx.MockTransport(answer)
    return HttpClient(
        archive=Archive(str(folder)),
        log=log or ListLog(),
        limits=limits or CountingLimit(),
        user_agent="Example Analytics ops@example.com",
        allowed_hosts=hosts or {"sec": ["data.example"]},
        transport=transport,
        clock=lambda: NOW,
        max_bytes=max_bytes,
        retry=retry,
    )
