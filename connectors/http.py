"""The only HTTP client: one polite way to ask for a document and keep the answer.

The layers of a request, from the outside in: allow-list, quota ledger, breaker, retry, rate limit,
conditional request, wire, capture. Each wire attempt draws from quota and rate limit in one step,
so a retry that the quota cannot pay for is not made.
"""

import hashlib
import logging
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Literal, NamedTuple, Protocol, Self

import httpx
import stamina

from connectors.archive import Archive, Capture
from connectors.errors import (
    ArchiveError,
    BadBodyError,
    BreakerOpenError,
    NotFoundError,
    QuotaSpentError,
    RefusedError,
    RetryableError,
    SkipError,
    StopSourceError,
    TooLargeError,
)
from connectors.wire import (
    BodyTooLargeError,
    BrokenBodyError,
    ForbiddenAddressError,
    GuardedTransport,
    deadline,
    read_body,
)

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MAX_REDIRECTS = 5
_TIMEOUT = httpx.Timeout(connect=5.0, read=30.0, write=30.0, pool=None)
# Enough of an error page to tell which one it is.
_ERROR_BYTES = 65_536
_WRONG_TYPES = ("text/html", "application/xhtml+xml")
_REDACTED = b"(redacted)"
_SECRET_LENGTH = 6
_LONGEST_SLEEP = 5.0


def _is_warning(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.WARNING


# httpx writes each full address, secret parameters too, to this logger at level INFO, and httpcore
# each header at level DEBUG.
for _name in ("httpx", "httpcore.connection", "httpcore.http11", "httpcore.proxy"):
    logging.getLogger(_name).addFilter(_is_warning)

Kind = Literal["data", "page"]


class CaptureLog(Protocol):
    """Where captures are recorded."""

    def record(self, capture: Capture) -> int:
        """Record a capture and return its id."""

    def latest(self, request_key: str) -> tuple[int, Capture] | None:
        """The newest capture of that request, with its id."""


class Limits(Protocol):
    """The quotas and rate limits that all processes of a warehouse share."""

    def wait(self, source: str, units: int) -> float:
        """Seconds until the source's quota has so many units; 0 when it has."""

    def ask(self, source: str, units: int) -> tuple[int | None, float]:
        """Draw the units and return (ticket, 0.0), or (None, the seconds to wait)."""

    def leave(self, ticket: int) -> None:
        """The request of that ticket has been answered, or never will be."""


class Breakers(Protocol):
    """The breakers that all processes of a warehouse share, one for each host."""

    def reason(self, host: str) -> str | None:
        """Why the host is to be left alone now, and until when; None when it may be asked."""

    def open(self, source: str, host: str, reason: str, seconds: float) -> None:
        """Let nobody ask the host for so long; with 0 it is only told to the operators."""

    def close(self, host: str) -> None:
        """The host answers again."""


@dataclass(frozen=True)
class RetryPolicy:
    """How often and how long one request is tried; all times in seconds.

    A `Retry-After` longer than `retry_after_cap` is not sat out: it opens the host's breaker.
    `attempt` bounds one wire attempt whole, from connecting to the body's last byte. A quota that
    is free again within `quota_patience` is waited for.
    """

    attempts: int = 4
    wait_initial: float = 0.5
    wait_max: float = 20.0
    wait_jitter: float = 1.0
    total: float = 240.0
    attempt: float = 120.0
    retry_after_cap: float = 60.0
    breaker_failures: int = 3
    breaker_pause: float = 60.0
    quota_patience: float = 600.0


class Answer(NamedTuple):
    """What came over the wire, for a source's judge; an error's body may be cut short."""

    status: int
    headers: Mapping[str, str]
    body: bytes


# Raises a SourceError for an answer that its source means as an error, whatever its status says.
Judge = Callable[[Answer], None]


@dataclass
class Response:
    """A body with its capture; `capture_id` is 0 where nothing was kept.

    `is_new` is false for a body that did not change since its last capture, which then stands.
    """

    body: bytes
    capture: Capture
    capture_id: int
    is_new: bool = True


@dataclass
class _Request:
    source: str
    address: httpx.URL
    secret_params: dict[str, str]
    headers: dict[str, str]
    secrets: tuple[str, ...]
    units: int
    judge: Judge | None
    kind: Kind
    known: tuple[int, Capture] | None
    shown: str = field(init=False)

    def __post_init__(self) -> None:
        self.shown = str(public_url(self.address))


@dataclass(frozen=True)
class _Received:
    body: bytes
    headers: httpx.Headers
    fetched_at: datetime
    is_unchanged: bool = False


class _TransientError(Exception):
    def __init__(
        self, what: str, retry_after: float | None = None, *, is_counted: bool = False
    ) -> None:
        super().__init__(what)
        self.what = what
        self.retry_after = retry_after
        self.is_counted = is_counted


# PostgreSQL tells instants apart by no less.
_TICK = timedelta(microseconds=1)
_CLOCK_SLIP = timedelta(days=1)


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


def breaker_host(url: httpx.URL) -> str:
    """The host as breakers name it: with its port where that is not the usual one."""
    return url.host if url.port is None else f"{url.host}:{url.port}"


def _is_telling(secret: str) -> bool:
    """Whether a secret is long enough to be cut out without cutting up what is none."""
    return len(secret) >= _SECRET_LENGTH


def request_key(url: httpx.URL | str) -> str:
    """The name under which captures of this address are found again."""
    return f"GET {public_url(url)}"


class HttpClient:
    """GET with limits, retries and captures; one instance serves all sources and threads."""

    def __init__(
        self,
        *,
        archive: Archive,
        log: CaptureLog,
        limits: Limits,
        breakers: Breakers,
        user_agent: str,
        allowed_hosts: Mapping[str, Collection[str]],
        trusted_hosts: Collection[str] = (),
        transport: httpx.BaseTransport | None = None,
        clock: Callable[[], datetime] = utc_now,
        max_bytes: int = 200_000_000,
        retry: RetryPolicy | None = None,
        reuse_since: datetime | None = None,
    ) -> None:
        """`reuse_since` lets captures of that time or later answer, as after a killed night."""
        self._reuse_since = reuse_since
        self._archive = archive
        self._log = log
        self._limits = limits
        self._breakers = breakers
        self._allowed_hosts = {
            source: frozenset(host.lower() for host in hosts)
            for source, hosts in allowed_hosts.items()
        }
        self._clock = clock
        self._max_bytes = max_bytes
        self._retry = retry or RetryPolicy()
        self._lock = threading.Lock()
        self._failures: Counter[str] = Counter()
        self._latched: dict[str, str] = {}
        self._answering: set[str] = set()
        self._client = httpx.Client(
            transport=transport or GuardedTransport(trusted_hosts),
            timeout=_TIMEOUT,
            follow_redirects=False,
            headers={"User-Agent": user_agent, "Accept-Encoding": "gzip"},
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
        secrets: Collection[str] = (),
        units: int = 1,
        judge: Judge | None = None,
        kind: Kind = "data",
        keep: bool = True,
    ) -> Response:
        """Fetch one document of a source; only a good answer comes back, and is captured.

        `secret_params` and `headers` go to the asked host only, and into no key, log, capture or
        error; `secrets` are what an answer must not be kept with, as the values of `secret_params`
        are. `units` is what the request costs of the source's quota. `judge` sees each final
        answer before it is kept; a document of kind `page` may be HTML, `data` may not.
        `keep=False` leaves no capture.

        Raises NotFoundError (404, 410), RefusedError (401, 403), StopSourceError (host not allowed,
        breaker open, quota spent), RetryableError (retries spent), BadBodyError (not what it
        should be), SkipError (any other status).
        """
        address = httpx.URL(url)
        if params:
            address = address.copy_merge_params(dict(params))
        request = _Request(
            source,
            address,
            dict(secret_params or {}),
            dict(headers or {}),
            (*secrets, *(secret_params or {}).values()),
            units,
            judge,
            kind,
            self._log.latest(request_key(address)) if keep else None,
        )
        kept = self._kept(request)
        if kept is not None:
            return kept
        try:
            received = self._fetch(request)
        except StopSourceError as error:
            self._latch(request, error)
            raise
        return self._capture(request, received, keep)

    def _kept(self, request: _Request) -> Response | None:
        """What was captured since `reuse_since`, where the archive still has it."""
        if self._reuse_since is None or request.known is None:
            return None
        capture_id, capture = request.known
        if capture.fetched_at < self._reuse_since:
            return None
        try:
            body = self._archive.get(capture.sha256)
        except ArchiveError:
            return None
        return Response(body, capture, capture_id, is_new=False)

    def recall(self, capture_id: int, capture: Capture) -> Response:
        """A kept answer from the archive, asking nobody; ArchiveError where it cannot be had."""
        return Response(self._archive.get(capture.sha256), capture, capture_id, is_new=False)

    def keep(self, source: str, url: str, body: bytes, fetched_at: datetime) -> Response:
        """Keep a document that came another way as if `url` had given it at that time."""
        request = _Request(
            source,
            httpx.URL(url),
            {},
            {},
            (),
            0,
            None,
            "data",
            self._log.latest(request_key(url)),
        )
        return self._capture(request, _Received(body, httpx.Headers(), fetched_at), keep=True)

    def _capture(self, request: _Request, received: _Received, keep: bool) -> Response:
        if received.is_unchanged and request.known is not None:
            return Response(received.body, request.known[1], request.known[0], is_new=False)
        body = received.body
        # A vendor that greets us by our key would put it into the archive.
        for secret in filter(_is_telling, request.secrets):
            body = body.replace(secret.encode(), _REDACTED)
        capture = Capture(
            source=request.source,
            request_key=request_key(request.address),
            url=request.shown,
            fetched_at=received.fetched_at,
            status=200,
            etag=received.headers.get("etag"),
            last_modified=received.headers.get("last-modified"),
            content_type=received.headers.get("content-type"),
            sha256=hashlib.sha256(body).hexdigest(),
            size=len(body),
        )
        if not keep:
            return Response(body, capture, 0)
        # Even where the row exists: a copy that went bad is replaced.
        self._archive.put(body)
        if request.known is not None and request.known[1].sha256 == capture.sha256:
            return Response(body, request.known[1], request.known[0], is_new=False)
        return Response(body, capture, self._log.record(capture))

    def _latch(self, request: _Request, error: StopSourceError) -> None:
        """What stops a source is told to everyone, and its host is left alone for tonight."""
        if not isinstance(error, RefusedError) and not error.pause:
            return
        host = breaker_host(request.address)
        with self._lock:
            self._latched.setdefault(host, error.what)
        self._breakers.open(request.source, host, error.what, error.pause)

    def _fetch(self, request: _Request) -> _Received:
        self._check_host(request, request.address)
        self._check_quota(request, self._limits.wait(request.source, request.units))
        self._check_breaker(request, request.address)
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
                    return self._attempt(request)
        except _TransientError as error:
            spent = error
        if not spent.is_counted:
            # A busy answer counts once for a request, not for each try: parallel requests that
            # are all told to slow down would otherwise close the source for the night.
            self._note_failure(request, request.address)
        asked_for = spent.retry_after
        if asked_for is not None and asked_for > self._retry.retry_after_cap:
            raise StopSourceError(
                request.source,
                f"asked to wait {asked_for:.0f} s ({spent.what})",
                request.shown,
                "it is left alone until then",
                pause=asked_for,
            )
        raise RetryableError(
            request.source, f"no answer ({spent.what})", request.shown, "ask again later", asked_for
        )

    def _backoff(self, error: Exception) -> bool | float:
        if not isinstance(error, _TransientError):
            return False
        if error.retry_after is None:
            return True
        if error.retry_after > self._retry.retry_after_cap:
            return False
        jitter = random.uniform(0.0, self._retry.wait_jitter)  # noqa: S311 - spreads load, no secret
        return error.retry_after + jitter

    def _attempt(self, request: _Request) -> _Received:
        target = request.address
        for hop in range(_MAX_REDIRECTS + 1):
            if hop:
                self._check_host(request, target)
            self._check_breaker(request, target)
            with self._admitted(request) as answered, deadline(self._retry.attempt):
                received = self._send(request, target, hop, answered)
            if isinstance(received, _Received):
                return received
            if request.address.scheme == "https" and received.scheme != "https":
                raise SkipError(
                    request.source,
                    "redirect leaves https",
                    f"{received.scheme}://{received.host}",
                    "check the base address of the source",
                )
            target = received
        raise SkipError(
            request.source,
            f"more than {_MAX_REDIRECTS} redirects",
            request.shown,
            "check the base address of the source",
        )

    def _wire_request(self, request: _Request, target: httpx.URL, hop: int) -> httpx.Request:
        headers = dict(request.headers) if _origin(target) == _origin(request.address) else {}
        if request.known is not None and hop == 0:
            headers |= _conditions(request.known[1])
        wire = target
        if request.secret_params and hop == 0:
            wire = target.copy_merge_params(request.secret_params)
        return self._client.build_request("GET", wire, headers=headers)

    @contextmanager
    def _admitted(self, request: _Request) -> Iterator[Callable[[], None]]:
        """A place within the limits, given up once: when the answer begins, or when none will."""
        ticket, wait = self._limits.ask(request.source, request.units)
        while ticket is None:
            self._check_quota(request, wait)
            time.sleep(min(wait, _LONGEST_SLEEP))
            ticket, wait = self._limits.ask(request.source, request.units)
        held = ticket
        is_held = True

        def answered() -> None:
            nonlocal is_held
            if is_held:
                is_held = False
                self._limits.leave(held)

        try:
            yield answered
        finally:
            answered()

    def _send(
        self, request: _Request, target: httpx.URL, hop: int, answered: Callable[[], None]
    ) -> _Received | httpx.URL:
        is_unreachable = False
        try:
            response = self._client.send(self._wire_request(request, target, hop), stream=True)
            try:
                answered()
                return self._read(request, target, response)
            finally:
                response.close()
        except httpx.RequestError as error:
            what = type(error).__name__
            is_unreachable = isinstance(error, httpx.TimeoutException | httpx.NetworkError)
        except BrokenBodyError as error:
            what = f"broken body: {error}"
        except ForbiddenAddressError:
            what = ""
        # Raised outside the handler: an httpx error holds the request, with its secrets.
        if not what:
            raise StopSourceError(
                request.source,
                "host resolves to an address that is not public",
                target.host,
                "set the source's base address if it is meant",
            )
        if is_unreachable:
            self._note_failure(request, target)
        raise _TransientError(what, is_counted=is_unreachable)

    def _read(
        self, request: _Request, target: httpx.URL, response: httpx.Response
    ) -> _Received | httpx.URL:
        # `request.shown` is the asked address: a redirect's target may echo a secret.
        status = response.status_code
        is_good = status == 200
        try:
            body = _body(response, self._max_bytes if is_good else _ERROR_BYTES)
        except BodyTooLargeError:
            if is_good:
                raise TooLargeError(
                    request.source,
                    f"body is over {self._max_bytes} bytes",
                    request.shown,
                    "raise the limit",
                ) from None
            body = b""
        if status == 304 and request.known is not None:
            self._note_success(target)
            return self._unchanged(request, response)
        if status in _REDIRECTS:
            self._note_success(target)
            return _redirected(request, target, response)
        self._judge(request, Answer(status, response.headers, body))
        if not is_good:
            raise self._refusal(request, status, response.headers)
        self._note_success(target)
        content_type = response.headers.get("content-type", "").lower()
        if request.kind == "data" and content_type.startswith(_WRONG_TYPES):
            raise BadBodyError(
                request.source,
                f"a page ({content_type[:40]}) in place of data",
                request.shown,
                "open the address: the source may ask for consent or be down",
            )
        stamp = response.extensions.get("fetched_at")
        if isinstance(stamp, datetime):
            return _Received(body, response.headers, stamp)
        fetched_at = self._clock()
        if request.known is not None:
            # A clock that was put back must not make the newer answer the older one. Where it had
            # gone days ahead, what it stamped is not yet known to anybody, and hides nothing.
            previous = request.known[1].fetched_at
            if fetched_at <= previous < fetched_at + _CLOCK_SLIP:
                fetched_at = previous + _TICK
        return _Received(body, response.headers, fetched_at)

    def _judge(self, request: _Request, answer: Answer) -> None:
        if request.judge is None:
            return
        try:
            request.judge(answer)
        except RetryableError as error:
            busy = _TransientError(error.what, error.retry_after)
        else:
            return
        raise busy

    def _refusal(self, request: _Request, status: int, headers: httpx.Headers) -> Exception:
        """The error for a status other than 200; a transient one is tried again."""
        source, shown = request.source, request.shown
        wait = self._retry_after(headers)
        if status == 202:
            return _TransientError("the source is still computing the answer", wait)
        if status == 429 or status >= 500:
            return _TransientError(f"status {status}", wait)
        if status == 403 and wait is not None:
            # GitHub says 403 where others say 429.
            return _TransientError("status 403, a rate limit", wait)
        self._note_success(request.address)
        if status in (404, 410):
            return NotFoundError(source, "no such document", shown, "check the identifier")
        if status in (401, 403):
            return RefusedError(
                source,
                f"refused with status {status}",
                shown,
                "check the key or the declared User-Agent, and wait before asking again",
            )
        return SkipError(source, f"status {status}", shown, "look at the request's parameters")

    def _unchanged(self, request: _Request, response: httpx.Response) -> _Received:
        assert request.known is not None
        capture = request.known[1]
        try:
            body = self._archive.get(capture.sha256)
        except ArchiveError:
            # The archive lost it: the next attempt asks for the whole body.
            request.known = None
            raise _TransientError("unchanged, but no longer in the archive", 0.0) from None
        return _Received(body, response.headers, capture.fetched_at, is_unchanged=True)

    def _check_host(self, request: _Request, target: httpx.URL) -> None:
        allowed = self._allowed_hosts.get(request.source, frozenset())
        if target.scheme not in ("http", "https") or target.host.lower() not in allowed:
            raise StopSourceError(
                request.source,
                "host is not on the source's allow-list",
                f"{target.scheme}://{target.host}",
                f"allowed: {', '.join(sorted(allowed)) or 'none'}",
            )

    def _check_quota(self, request: _Request, wait: float) -> None:
        if wait > self._retry.quota_patience:
            raise QuotaSpentError(
                request.source,
                "the quota is spent",
                f"free again in {wait / 3600:.1f} hours",
                "what is left out is asked first another night",
            )

    def _check_breaker(self, request: _Request, target: httpx.URL) -> None:
        host = breaker_host(target)
        with self._lock:
            reason = self._latched.get(host)
        if reason is None:
            reason = self._breakers.reason(host)
            cure = "it is left alone until then"
        else:
            cure = "it is left alone for tonight"
        if reason is not None:
            raise BreakerOpenError(request.source, reason, host, cure)

    def _note_failure(self, request: _Request, target: httpx.URL) -> None:
        host = breaker_host(target)
        limit = self._retry.breaker_failures
        with self._lock:
            self._failures[host] += 1
            if self._failures[host] < limit:
                return
            reason = f"host failed {limit} times in a row"
            is_first = host not in self._latched
            self._latched.setdefault(host, reason)
        if is_first:
            self._breakers.open(request.source, host, reason, self._retry.breaker_pause)
        self._check_breaker(request, target)

    def _note_success(self, target: httpx.URL) -> None:
        host = breaker_host(target)
        with self._lock:
            # An open breaker stays open, whatever a request still under way brings.
            if host in self._latched:
                return
            self._failures[host] = 0
            is_first = host not in self._answering
            self._answering.add(host)
        if is_first:
            self._breakers.close(host)

    def _retry_after(self, headers: httpx.Headers) -> float | None:
        """Seconds that the source asks to be left alone, from whichever header it says it in."""
        text = headers.get("retry-after", "").strip()
        if text.isascii() and text.isdigit():
            return min(float(text), 86_400.0)
        try:
            until = parsedate_to_datetime(text)
        except (ValueError, OverflowError):
            return self._reset_after(headers)
        # A date in the zone -0000 comes without one, and means UTC.
        if until.tzinfo is None:
            until = until.replace(tzinfo=UTC)
        seconds: float = (until - self._clock()).total_seconds()
        return min(max(0.0, seconds), 86_400.0)

    def _reset_after(self, headers: httpx.Headers) -> float | None:
        # GitHub's primary limit: nothing left, and when (in epoch seconds) there will be.
        reset = headers.get("x-ratelimit-reset", "")
        is_number = reset.isascii() and reset.isdigit()
        if headers.get("x-ratelimit-remaining") != "0" or not is_number:
            return None
        return min(max(0.0, float(reset) - self._clock().timestamp()), 86_400.0)


def _conditions(known: Capture) -> dict[str, str]:
    conditions = {}
    if known.etag:
        conditions["If-None-Match"] = known.etag
    if known.last_modified:
        conditions["If-Modified-Since"] = known.last_modified
    return conditions


def _body(response: httpx.Response, max_bytes: int) -> bytes:
    """The body as it was meant; httpx's own decoder knows no limit and forgives a torn end."""
    stream = response.stream
    assert isinstance(stream, httpx.SyncByteStream)
    encoding = response.headers.get("content-encoding", "").strip().lower()
    return read_body(stream, encoding, max_bytes)


def _redirected(request: _Request, target: httpx.URL, response: httpx.Response) -> httpx.URL:
    try:
        return target.join(response.headers.get("location", ""))
    except httpx.InvalidURL:
        pass
    raise SkipError(
        request.source,
        "redirect to no valid address",
        request.shown,
        "check the source's base address",
    )
