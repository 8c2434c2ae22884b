"""The only HTTP client: one polite way to ask for a document and keep the answer.

The layers of a request, from the outside in: allow-list, quota ledger, breaker, retry, rate limit,
conditional request, wire, capture. Each wire attempt draws from quota and rate limit in one step,
so a retry that the quota cannot pay for is not made.
"""

import hashlib
import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from types import TracebackType
from typing import Protocol, Self

import httpx
import stamina

from connectors.admission import Limits, admitted, check_quota
from connectors.archive import Archive, Capture
from connectors.errors import (
    ArchiveError,
    BadBodyError,
    RetryableError,
    SkipError,
    StopSourceError,
    TooLargeError,
)
from connectors.hosts import Breakers, Hosts
from connectors.request import Answer, Judge, Kind, Request, origin, request_key
from connectors.retry import RetryPolicy, TransientError, backoff
from connectors.statuses import refusal
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


def _is_warning(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.WARNING


# httpx writes each full address, secret parameters too, to this logger at level INFO, and httpcore
# each header at level DEBUG.
for _name in ("httpx", "httpcore.connection", "httpcore.http11", "httpcore.proxy"):
    logging.getLogger(_name).addFilter(_is_warning)


class CaptureLog(Protocol):
    """Where captures are recorded."""

    def record(self, capture: Capture) -> int:
        """Record a capture and return its id."""

    def latest(self, request_key: str) -> tuple[int, Capture] | None:
        """The newest capture of that request, with its id."""


@dataclass
class Response:
    """A body with its capture; `capture_id` is 0 where nothing was kept.

    `is_new` is false for a body that did not change since its last capture, which then stands.
    """

    body: bytes
    capture: Capture
    capture_id: int
    is_new: bool = True


@dataclass(frozen=True)
class _Received:
    body: bytes
    headers: httpx.Headers
    fetched_at: datetime
    is_unchanged: bool = False


# PostgreSQL tells instants apart by no less.
_TICK = timedelta(microseconds=1)
_CLOCK_SLIP = timedelta(days=1)


def utc_now() -> datetime:
    """The current time in UTC."""
    return datetime.now(UTC)


def _is_telling(secret: str) -> bool:
    """Whether a secret is long enough to be cut out without cutting up what is none."""
    return len(secret) >= _SECRET_LENGTH


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
        self._clock = clock
        self._max_bytes = max_bytes
        self._retry = retry or RetryPolicy()
        self._hosts = Hosts(
            allowed_hosts, breakers, self._retry.breaker_failures, self._retry.breaker_pause
        )
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
        request = Request(
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
            self._hosts.latch(request.source, request.address, error)
            raise
        return self._capture(request, received, keep)

    def _kept(self, request: Request) -> Response | None:
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
        request = Request(
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

    def _capture(self, request: Request, received: _Received, keep: bool) -> Response:
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

    def _fetch(self, request: Request) -> _Received:
        self._hosts.check_allowed(request.source, request.address)
        wait = self._limits.wait(request.source, request.units)
        check_quota(request.source, wait, self._retry.quota_patience)
        self._hosts.check_breaker(request.source, request.address)
        try:
            for attempt in stamina.retry_context(
                on=partial(backoff, self._retry),
                attempts=self._retry.attempts,
                timeout=self._retry.total,
                wait_initial=self._retry.wait_initial,
                wait_max=self._retry.wait_max,
                wait_jitter=self._retry.wait_jitter,
            ):
                with attempt:
                    return self._attempt(request)
        except TransientError as error:
            spent = error
        if not spent.is_counted:
            # A busy answer counts once for a request, not for each try: parallel requests that
            # are all told to slow down would otherwise close the source for the night.
            self._hosts.note_failure(request.source, request.address)
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

    def _attempt(self, request: Request) -> _Received:
        target = request.address
        for hop in range(_MAX_REDIRECTS + 1):
            if hop:
                self._hosts.check_allowed(request.source, target)
            self._hosts.check_breaker(request.source, target)
            place = admitted(
                self._limits, request.source, request.units, self._retry.quota_patience
            )
            with place as answered, deadline(self._retry.attempt):
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

    def _wire_request(self, request: Request, target: httpx.URL, hop: int) -> httpx.Request:
        headers = dict(request.headers) if origin(target) == origin(request.address) else {}
        if request.known is not None and hop == 0:
            headers |= _conditions(request.known[1])
        wire = target
        if request.secret_params and hop == 0:
            wire = target.copy_merge_params(request.secret_params)
        return self._client.build_request("GET", wire, headers=headers)

    def _send(
        self, request: Request, target: httpx.URL, hop: int, answered: Callable[[], None]
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
            self._hosts.note_failure(request.source, target)
        raise TransientError(what, is_counted=is_unreachable)

    def _read(
        self, request: Request, target: httpx.URL, response: httpx.Response
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
            self._hosts.note_success(target)
            return self._unchanged(request, response)
        if status in _REDIRECTS:
            self._hosts.note_success(target)
            return _redirected(request, target, response)
        self._judge(request, Answer(status, response.headers, body))
        if not is_good:
            refused = refusal(
                request.source, request.shown, status, response.headers, self._clock()
            )
            if not isinstance(refused, TransientError):
                self._hosts.note_success(request.address)
            raise refused
        self._hosts.note_success(target)
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

    def _judge(self, request: Request, answer: Answer) -> None:
        if request.judge is None:
            return
        try:
            request.judge(answer)
        except RetryableError as error:
            busy = TransientError(error.what, error.retry_after)
        else:
            return
        raise busy

    def _unchanged(self, request: Request, response: httpx.Response) -> _Received:
        assert request.known is not None
        capture = request.known[1]
        try:
            body = self._archive.get(capture.sha256)
        except ArchiveError:
            # The archive lost it: the next attempt asks for the whole body.
            request.known = None
            raise TransientError("unchanged, but no longer in the archive", 0.0) from None
        return _Received(body, response.headers, capture.fetched_at, is_unchanged=True)


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


def _redirected(request: Request, target: httpx.URL, response: httpx.Response) -> httpx.URL:
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
