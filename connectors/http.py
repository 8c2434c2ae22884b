"""The only HTTP client: allow-listed hosts, retries, rate limits, breakers and captures."""

import hashlib
import logging
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Protocol, Self

import httpx
import stamina

from connectors.archive import Archive, Capture
from connectors.errors import (
    NotFoundError,
    RetryableError,
    SkipError,
    StopSourceError,
    TooLargeError,
)

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MAX_REDIRECTS = 5
_TIMEOUT = httpx.Timeout(connect=5.0, read=30.0, write=30.0, pool=None)


def _is_warning(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.WARNING


# httpx writes each full address, secret parameters too, to this logger at level INFO.
logging.getLogger("httpx").addFilter(_is_warning)


class CaptureLog(Protocol):
    """Where captures are recorded."""

    def record(self, capture: Capture) -> int:
        """Record a capture and return its id."""


class RateLimit(Protocol):
    """The quota that every wire attempt of a source draws from."""

    def acquire(self, source: str) -> None:
        """Return when one request may go out; raise StopSourceError when none may tonight."""


@dataclass(frozen=True)
class RetryPolicy:
    """How often and how long one request is tried; all times in seconds.

    A `Retry-After` longer than `retry_after_cap` is not sat out: the request ends as retryable.
    """

    attempts: int = 4
    wait_initial: float = 0.5
    wait_max: float = 20.0
    wait_jitter: float = 1.0
    total: float = 120.0
    retry_after_cap: float = 60.0
    breaker_failures: int = 3


@dataclass
class Response:
    """A body with its capture; `capture_id` is 0 where nothing was kept."""

    body: bytes
    capture: Capture
    capture_id: int


@dataclass(frozen=True)
class _Answer:
    body: bytes
    headers: httpx.Headers
    fetched_at: datetime


class _TransientError(Exception):
    def __init__(
        self, what: str, retry_after: float | None = None, *, is_counted: bool = False
    ) -> None:
        super().__init__(what)
        self.what = what
        self.retry_after = retry_after
        self.is_counted = is_counted


def utc_now() -> datetime:
    """The current time in UTC."""
    return datetime.now(UTC)


def public_url(url: httpx.URL | str) -> httpx.URL:
    """The address without user name, password and fragment, its parameters sorted."""
    bare = httpx.URL(url).copy_with(userinfo=b"", fragment=None)
    items = sorted(bare.params.multi_items())
    return bare.copy_with(params=items) if items else bare.copy_with(query=None)


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def request_key(url: httpx.URL | str) -> str:
    """The name under which captures of this address are found again."""
    return f"GET {public_url(url)}"


class HttpClient:
    """GET with retries, limits and captures; one instance serves all sources and threads."""

    def __init__(
        self,
        *,
        archive: Archive,
        log: CaptureLog,
        limits: RateLimit,
        user_agent: str,
        allowed_hosts: Mapping[str, Collection[str]],
        transport: httpx.BaseTransport | None = None,
        clock: Callable[[], datetime] = utc_now,
        max_bytes: int = 200_000_000,
        retry: RetryPolicy | None = None,
    ) -> None:
        self._archive = archive
        self._log = log
        self._limits = limits
        self._allowed_hosts = {
            source: frozenset(host.lower() for host in hosts)
            for source, hosts in allowed_hosts.items()
        }
        self._clock = clock
        self._max_bytes = max_bytes
        self._retry = retry or RetryPolicy()
        self._lock = threading.Lock()
        self._failures: Counter[str] = Counter()
        self._client = httpx.Client(
            transport=transport,
            timeout=_TIMEOUT,
            follow_redirects=False,
            headers={"User-Agent": user_agent, "Accept-Encoding": "gzip, deflate"},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections."""
        self._client.close()

    def get(
        self,
        source: str,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        secret_params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        keep: bool = True,
    ) -> Response:
        """Fetch one document of a source; only a status of 200 comes back, and is captured.

        `secret_params` and `headers` go to the asked host only, and into no key, log or error;
        `keep=False` leaves no capture. Raises NotFoundError (404), StopSourceError (401, 403, host
        not allowed, breaker open), RetryableError (retries spent), SkipError (any other status).
        """
        address = httpx.URL(url)
        if params:
            address = address.copy_merge_params(dict(params))
        answer = self._fetch(source, address, dict(secret_params or {}), dict(headers or {}))
        shown = public_url(address)
        capture = Capture(
            source=source,
            request_key=request_key(address),
            url=str(shown),
            fetched_at=answer.fetched_at,
            status=200,
            etag=answer.headers.get("etag"),
            last_modified=answer.headers.get("last-modified"),
            content_type=answer.headers.get("content-type"),
            sha256=hashlib.sha256(answer.body).hexdigest(),
            size=len(answer.body),
        )
        if not keep:
            return Response(answer.body, capture, 0)
        self._archive.put(answer.body)
        return Response(answer.body, capture, self._log.record(capture))

    def _fetch(
        self,
        source: str,
        address: httpx.URL,
        secret_params: dict[str, str],
        headers: dict[str, str],
    ) -> _Answer:
        shown = str(public_url(address))
        try:
            for attempt in stamina.retry_context(
                on=self._backoff,
                attempts=self._retry.attempts,
                timeout=self._retry.total,
                wait_initial=self._retry.wait_initial,
                wait_max=self._retry.wait_max,
                wait_jitter=self._retry.wait_jitter,
            ):
                with attempt:
                    return self._attempt(source, address, secret_params, headers)
        except _TransientError as error:
            spent = error
        if not spent.is_counted:
            # A busy answer counts once for a request, not for each try: parallel requests that
            # are all told to slow down would otherwise close the source for the night.
            self._note_failure(source, address.host)
        raise RetryableError(source, f"no answer ({spent.what})", shown, "ask again later")

    def _backoff(self, error: Exception) -> bool | float:
        if not isinstance(error, _TransientError):
            return False
        if error.retry_after is None:
            return True
        if error.retry_after > self._retry.retry_after_cap:
            return False
        jitter = random.uniform(0.0, self._retry.wait_jitter)  # noqa: S311 - spreads load, no secret
        return error.retry_after + jitter

    def _attempt(
        self,
        source: str,
        address: httpx.URL,
        secret_params: dict[str, str],
        headers: dict[str, str],
    ) -> _Answer:
        shown = str(public_url(address))
        target = address
        for hop in range(_MAX_REDIRECTS + 1):
            self._check_host(source, target)
            self._check_breaker(source, target.host)
            self._limits.acquire(source)
            wire = target
            if secret_params and hop == 0:
                wire = target.copy_merge_params(secret_params)
            sent_headers = headers if _origin(target) == _origin(address) else {}
            answer = self._send(source, wire, sent_headers, shown)
            if isinstance(answer, _Answer):
                return answer
            if address.scheme == "https" and answer.scheme != "https":
                raise SkipError(
                    source,
                    "redirect leaves https",
                    f"{answer.scheme}://{answer.host}",
                    "check the base address of the source",
                )
            target = answer
        raise SkipError(
            source,
            f"more than {_MAX_REDIRECTS} redirects",
            shown,
            "check the base address of the source",
        )

    def _send(
        self, source: str, wire: httpx.URL, headers: dict[str, str], shown: str
    ) -> _Answer | httpx.URL:
        try:
            response = self._client.send(
                self._client.build_request("GET", wire, headers=headers), stream=True
            )
            try:
                return self._read(source, wire, response, shown)
            finally:
                response.close()
        except httpx.RequestError as error:
            what = type(error).__name__
            is_unreachable = isinstance(error, httpx.TimeoutException | httpx.NetworkError)
        # Raised outside the handler: an httpx error holds the request, with its secrets.
        if is_unreachable:
            self._note_failure(source, wire.host)
        raise _TransientError(what, is_counted=is_unreachable)

    def _read(
        self, source: str, wire: httpx.URL, response: httpx.Response, shown: str
    ) -> _Answer | httpx.URL:
        # `shown` is the asked address: a redirect's target may echo a secret.
        deadline = time.monotonic() + self._retry.total
        status = response.status_code
        if status == 429 or status >= 500:
            raise _TransientError(f"status {status}", self._retry_after(response.headers))
        self._note_success(wire.host)
        if status in _REDIRECTS:
            try:
                return wire.join(response.headers.get("location", ""))
            except httpx.InvalidURL:
                pass
            raise SkipError(
                source, "redirect to no valid address", shown, "check the source's base address"
            )
        if status == 404:
            raise NotFoundError(source, "no such document", shown, "check the identifier")
        if status in (401, 403):
            raise StopSourceError(
                source,
                f"refused with status {status}",
                shown,
                "check the key or the declared User-Agent, and wait before asking again",
            )
        if status != 200:
            raise SkipError(source, f"status {status}", shown, "look at the request's parameters")
        stamp = response.extensions.get("fetched_at")
        fetched_at = stamp if isinstance(stamp, datetime) else self._clock()
        body = bytearray()
        for chunk in response.iter_bytes():
            body += chunk
            if len(body) > self._max_bytes:
                raise TooLargeError(
                    source, f"body is over {self._max_bytes} bytes", shown, "raise the limit"
                )
            if time.monotonic() > deadline:
                raise _TransientError(f"body took over {self._retry.total:g} s")
        return _Answer(bytes(body), response.headers, fetched_at)

    def _check_host(self, source: str, target: httpx.URL) -> None:
        allowed = self._allowed_hosts.get(source, frozenset())
        if target.scheme not in ("http", "https") or target.host.lower() not in allowed:
            raise StopSourceError(
                source,
                "host is not on the source's allow-list",
                f"{target.scheme}://{target.host}",
                f"allowed: {', '.join(sorted(allowed)) or 'none'}",
            )

    def _check_breaker(self, source: str, host: str) -> None:
        with self._lock:
            is_open = self._failures[host] >= self._retry.breaker_failures
        if is_open:
            raise StopSourceError(
                source,
                f"host failed {self._retry.breaker_failures} times in a row",
                host,
                "it is left alone for tonight",
            )

    def _note_failure(self, source: str, host: str) -> None:
        with self._lock:
            self._failures[host] += 1
        self._check_breaker(source, host)

    def _note_success(self, host: str) -> None:
        with self._lock:
            # An open breaker stays open, whatever a request still under way brings.
            if self._failures[host] < self._retry.breaker_failures:
                self._failures[host] = 0

    def _retry_after(self, headers: httpx.Headers) -> float | None:
        text = headers.get("retry-after", "").strip()
        if text.isascii() and text.isdigit():
            return float(text)
        try:
            until = parsedate_to_datetime(text)
        except ValueError:
            return None
        # A date in the zone -0000 comes without one, and means UTC.
        if until.tzinfo is None:
            until = until.replace(tzinfo=UTC)
        seconds: float = (until - self._clock()).total_seconds()
        return max(0.0, seconds)
