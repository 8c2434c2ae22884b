"""The client's promises: allow-list, retries, breaker, limits, captures and secrecy."""

import gzip
import logging
import pickle
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from connectors.archive import Archive
from connectors.errors import (
    BadBodyError,
    BreakerOpenError,
    NotFoundError,
    QuotaSpentError,
    RefusedError,
    RetryableError,
    SkipError,
    SourceError,
    StopSourceError,
    TooLargeError,
)
from connectors.request import Answer, request_key
from connectors.retry import RetryPolicy
from tests.unit.connectors.stubs import (
    NO_WAIT,
    NOW,
    CountingLimit,
    DictBreakers,
    ListLog,
    make_client,
)

URL = "https://data.example/facts.json"


class Script:
    """Answers requests with the given answers in turn, the last one for ever."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers = list(answers)
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers[min(len(self.requests), len(self.answers)) - 1]
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    slept: list[float] = []
    monkeypatch.setattr("time.sleep", slept.append)
    return slept


def test_an_answer_is_captured_as_it_came(tmp_path: Path) -> None:
    log = ListLog()
    script = Script(
        httpx.Response(
            200,
            content=gzip.compress(b'{"a":1}'),
            headers={
                "content-encoding": "gzip",
                "content-type": "application/json",
                "etag": '"x"',
                "last-modified": "Fri, 10 Jul 2026 20:00:00 GMT",
            },
        )
    )
    with make_client(tmp_path, script, log=log) as client:
        response = client.get("sec", URL, params={"b": "2", "a": "1"})
    assert response.body == b'{"a":1}'
    assert response.capture_id == 1
    assert log.captures == [response.capture]
    capture = response.capture
    assert capture.request_key == "GET https://data.example/facts.json?a=1&b=2"
    assert (capture.source, capture.status, capture.size) == ("sec", 200, 7)
    assert (capture.etag, capture.content_type) == ('"x"', "application/json")
    assert capture.last_modified == "Fri, 10 Jul 2026 20:00:00 GMT"
    assert capture.fetched_at == NOW
    assert Archive(str(tmp_path)).get(capture.sha256) == b'{"a":1}'
    sent = script.requests[0].headers
    assert sent["user-agent"] == "Example Analytics ops@example.com"
    assert "gzip" in sent["accept-encoding"]


def test_a_replayed_answer_keeps_its_time(tmp_path: Path) -> None:
    recorded_at = datetime(2022, 4, 24, 20, tzinfo=UTC)
    script = Script(httpx.Response(200, extensions={"fetched_at": recorded_at}))
    with make_client(tmp_path, script) as client:
        assert client.get("sec", URL).capture.fetched_at == recorded_at


def test_keep_false_leaves_nothing(tmp_path: Path) -> None:
    log = ListLog()
    with make_client(tmp_path, Script(httpx.Response(200, content=b"x")), log=log) as client:
        assert client.get("sec", URL, keep=False).capture_id == 0
    assert log.captures == []
    assert list(tmp_path.rglob("*.zst")) == []


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (404, NotFoundError),
        (401, StopSourceError),
        (403, StopSourceError),
        (400, SkipError),
        (204, SkipError),
        (304, SkipError),
    ],
)
def test_other_statuses_are_asked_once_and_typed(
    tmp_path: Path, status: int, kind: type[SourceError]
) -> None:
    log = ListLog()
    script = Script(httpx.Response(status))
    with make_client(tmp_path, script, log=log) as client, pytest.raises(kind):
        client.get("sec", URL)
    assert len(script.requests) == 1
    assert log.captures == []


@pytest.mark.parametrize("first", [httpx.Response(503), httpx.Response(429), httpx.ReadTimeout("")])
def test_a_passing_failure_is_retried_and_each_try_draws_from_the_limit(
    tmp_path: Path, first: httpx.Response | Exception
) -> None:
    limits = CountingLimit()
    script = Script(first, httpx.Response(200, content=b"ok"))
    with make_client(tmp_path, script, limits=limits) as client:
        assert client.get("sec", URL).body == b"ok"
    assert limits.sources == ["sec", "sec"]


def test_retries_end(tmp_path: Path) -> None:
    script = Script(httpx.Response(503))
    with make_client(tmp_path, script) as client, pytest.raises(RetryableError, match="status 503"):
        client.get("sec", URL)
    assert len(script.requests) == NO_WAIT.attempts


@pytest.mark.parametrize("given", ["7", "Fri, 10 Jul 2026 22:00:07 GMT"])
def test_retry_after_is_honoured(tmp_path: Path, waits: list[float], given: str) -> None:
    script = Script(httpx.Response(429, headers={"retry-after": given}), httpx.Response(200))
    with make_client(tmp_path, script) as client:
        client.get("sec", URL)
    assert waits == [7.0]


def test_a_retry_after_beyond_the_cap_opens_the_breaker(tmp_path: Path, waits: list[float]) -> None:
    script = Script(httpx.Response(429, headers={"retry-after": "3600"}))
    breakers = DictBreakers()
    with make_client(tmp_path, script, breakers=breakers) as client:
        with pytest.raises(StopSourceError, match="asked to wait 3600 s"):
            client.get("sec", URL)
        with pytest.raises(BreakerOpenError):
            client.get("sec", URL)
    assert (len(script.requests), waits) == (1, [])
    assert breakers.opened["data.example"][1] == 3600


def test_githubs_exhausted_limit_is_read_from_its_own_headers(tmp_path: Path) -> None:
    reset = int(NOW.timestamp()) + 1800
    headers = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(reset)}
    breakers = DictBreakers()
    script = Script(httpx.Response(403, headers=headers))
    with (
        make_client(tmp_path, script, breakers=breakers) as client,
        pytest.raises(StopSourceError, match="asked to wait 1800 s"),
    ):
        client.get("sec", URL)
    assert breakers.opened["data.example"][1] == 1800


def test_a_clock_put_back_does_not_make_the_newer_answer_the_older_one(tmp_path: Path) -> None:
    answers = Script(httpx.Response(200, content=b"{}"), httpx.Response(200, content=b'{"a":1}'))
    times = iter([NOW, NOW - timedelta(hours=2)])
    with make_client(tmp_path, answers, clock=lambda: next(times)) as client:
        first = client.get("sec", URL).capture.fetched_at
        second = client.get("sec", URL).capture.fetched_at
    assert (first, second) == (NOW, NOW + timedelta(microseconds=1))


def test_a_clock_that_had_gone_far_ahead_is_not_followed(tmp_path: Path) -> None:
    answers = Script(httpx.Response(200, content=b"{}"), httpx.Response(200, content=b'{"a":1}'))
    times = iter([NOW + timedelta(days=30), NOW])
    with make_client(tmp_path, answers, clock=lambda: next(times)) as client:
        client.get("sec", URL)
        assert client.get("sec", URL).capture.fetched_at == NOW


def test_an_unchanged_document_is_asked_for_by_condition_and_writes_no_row(tmp_path: Path) -> None:
    log = ListLog()
    headers = {"etag": '"v1"', "last-modified": "Fri, 10 Jul 2026 20:00:00 GMT"}
    script = Script(httpx.Response(200, content=b"{}", headers=headers), httpx.Response(304))
    with make_client(tmp_path, script, log=log) as client:
        first = client.get("sec", URL)
        second = client.get("sec", URL)
    assert script.requests[1].headers["if-none-match"] == '"v1"'
    assert script.requests[1].headers["if-modified-since"] == headers["last-modified"]
    assert (second.body, second.capture_id, second.capture) == (b"{}", 1, first.capture)
    assert (first.is_new, second.is_new, len(log.captures)) == (True, False, 1)


def test_the_same_bytes_without_a_condition_write_no_row_either(tmp_path: Path) -> None:
    log = ListLog()
    script = Script(httpx.Response(200, content=b"{}"))
    with make_client(tmp_path, script, log=log) as client:
        client.get("sec", URL)
        assert client.get("sec", URL).is_new is False
        script.answers.append(httpx.Response(200, content=b'{"a":1}'))
        assert client.get("sec", URL).is_new is True
        assert client.get("sec", URL).capture_id == 2
    assert len(log.captures) == 2


def test_a_body_that_the_archive_lost_is_asked_for_whole(tmp_path: Path) -> None:
    headers = {"etag": '"v1"'}
    whole = httpx.Response(200, content=b"{}", headers=headers)
    script = Script(whole, httpx.Response(304), whole)
    with make_client(tmp_path, script) as client:
        client.get("sec", URL)
        for path in tmp_path.rglob("*.zst"):
            path.unlink()
        assert client.get("sec", URL).body == b"{}"
    assert "if-none-match" not in script.requests[2].headers
    assert len(list(tmp_path.rglob("*.zst"))) == 1


def test_a_page_in_place_of_data_is_refused_before_it_is_kept(tmp_path: Path) -> None:
    log = ListLog()
    page = httpx.Response(200, content=b"<html>", headers={"content-type": "text/html"})
    with make_client(tmp_path, Script(page), log=log) as client:
        with pytest.raises(BadBodyError, match="a page"):
            client.get("sec", URL)
        assert log.captures == []
        assert client.get("sec", URL, kind="page").body == b"<html>"


def test_a_refused_key_latches_the_host_for_the_night_and_tells_the_operators(
    tmp_path: Path,
) -> None:
    breakers = DictBreakers()
    script = Script(httpx.Response(401))
    with make_client(tmp_path, script, breakers=breakers) as client:
        with pytest.raises(RefusedError):
            client.get("sec", URL)
        with pytest.raises(BreakerOpenError):
            client.get("sec", URL)
    assert len(script.requests) == 1
    # Told, and not closed to the next night, which may bring a better key.
    assert breakers.opened == {"data.example": ("refused with status 401", 0.0)}


def test_a_breaker_that_another_process_opened_is_respected(tmp_path: Path) -> None:
    breakers = DictBreakers()
    breakers.open("sec", "data.example", "blocked by SEC", 600)
    script = Script(httpx.Response(200))
    with (
        make_client(tmp_path, script, breakers=breakers) as client,
        pytest.raises(BreakerOpenError, match="blocked by SEC"),
    ):
        client.get("sec", URL)
    assert script.requests == []


def test_a_spent_quota_is_told_without_a_request(tmp_path: Path) -> None:
    script = Script(httpx.Response(200))
    limits = CountingLimit(wait_seconds=7_200)
    with (
        make_client(tmp_path, script, limits=limits) as client,
        pytest.raises(QuotaSpentError, match=r"free again in 2\.0 hours"),
    ):
        client.get("sec", URL)
    assert script.requests == []


def test_a_place_in_the_limits_is_given_up_once_for_each_attempt(tmp_path: Path) -> None:
    limits = CountingLimit()
    script = Script(httpx.ConnectError(""), httpx.Response(503), httpx.Response(200))
    with make_client(tmp_path, script, limits=limits) as client:
        client.get("sec", URL)
    assert limits.left == [1, 2, 3]


def test_a_judge_sees_the_answer_before_it_is_kept(tmp_path: Path) -> None:
    def judge(answer: Answer) -> None:
        if b"error" in answer.body:
            raise SkipError("sec", "error in the body", "code 1", "look at it")

    log = ListLog()
    with (
        make_client(tmp_path, Script(httpx.Response(200, content=b"error")), log=log) as client,
        pytest.raises(SkipError),
    ):
        client.get("sec", URL, judge=judge)
    assert log.captures == []


def test_what_a_judge_calls_retryable_is_tried_again(tmp_path: Path) -> None:
    def judge(answer: Answer) -> None:
        if answer.body == b"busy":
            raise RetryableError("sec", "busy", "200", "wait", 0.0)

    script = Script(httpx.Response(200, content=b"busy"), httpx.Response(200, content=b"{}"))
    with make_client(tmp_path, script) as client:
        assert client.get("sec", URL, judge=judge).body == b"{}"


def test_an_answer_that_is_still_computed_is_asked_again(tmp_path: Path) -> None:
    script = Script(httpx.Response(202), httpx.Response(200, content=b"[]"))
    with make_client(tmp_path, script) as client:
        assert client.get("sec", URL).body == b"[]"


def test_a_key_that_the_vendor_echoes_is_kept_out_of_the_archive(tmp_path: Path) -> None:
    echo = b'{"your key":"hunter2","created_at":"2022-11-28T10:00:00Z"}'
    script = Script(httpx.Response(200, content=echo))
    with make_client(tmp_path, script) as client:
        client.get("sec", URL, secret_params={"key": "hunter2"})
        # A header is more than its key, and not every header is a secret.
        headers = {"Authorization": "Bearer hunter2", "X-Version": "2022-11-28"}
        response = client.get("sec", URL, headers=headers, secrets=("hunter2",))
    assert response.body == echo.replace(b"hunter2", b"(redacted)")
    assert Archive(str(tmp_path)).get(response.capture.sha256) == response.body


@pytest.mark.parametrize(
    "headers",
    [
        {"retry-after": "soon"},
        {"retry-after": "Mon, 01 Jan 99999999999 00:00:00 GMT"},
        {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "\u00b2"},
    ],
)
def test_nonsense_in_retry_after_is_ignored(tmp_path: Path, headers: dict[str, str]) -> None:
    sent = [(name, value.encode("latin-1")) for name, value in headers.items()]
    script = Script(httpx.Response(503, headers=sent), httpx.Response(200))
    with make_client(tmp_path, script) as client:
        assert client.get("sec", URL).body == b""


@pytest.mark.parametrize("error", [httpx.ConnectError(""), httpx.ConnectTimeout("")])
def test_three_failures_to_connect_open_the_breaker(tmp_path: Path, error: Exception) -> None:
    script = Script(error)
    hosts = {"sec": ["data.example", "www.example"]}
    with make_client(tmp_path, script, hosts=hosts) as client:
        with pytest.raises(StopSourceError, match="3 times in a row"):
            client.get("sec", URL)
        assert len(script.requests) == 3
        with pytest.raises(StopSourceError):
            client.get("sec", URL)
        assert len(script.requests) == 3
        script.answers = [httpx.Response(200)]
        assert client.get("sec", "https://www.example/").body == b""


def test_an_answer_resets_the_count(tmp_path: Path) -> None:
    down = httpx.ConnectError("")
    script = Script(down, down, httpx.Response(200), down, down, httpx.Response(200))
    with make_client(tmp_path, script) as client:
        client.get("sec", URL)
        client.get("sec", URL)
    assert len(script.requests) == 6


def test_three_requests_without_any_good_answer_open_the_breaker(tmp_path: Path) -> None:
    script = Script(httpx.Response(503))
    with make_client(tmp_path, script) as client:
        for kind in (RetryableError, RetryableError, StopSourceError):
            with pytest.raises(kind):
                client.get("sec", URL)
    assert len(script.requests) == 3 * NO_WAIT.attempts


def test_only_hosts_on_the_list_are_asked(tmp_path: Path) -> None:
    script = Script(httpx.Response(200))
    with make_client(tmp_path, script, hosts={"sec": ["data.example"], "ecb": []}) as client:
        for source, url in [
            ("sec", "https://evil.example/"),
            ("sec", "https://data.example.evil.example/"),
            ("sec", "file:///etc/passwd"),
            ("ecb", URL),
            ("unknown", URL),
        ]:
            with pytest.raises(StopSourceError, match="allow-list"):
                client.get(source, url)
    assert script.requests == []


def test_a_redirect_is_followed_within_the_list(tmp_path: Path) -> None:
    script = Script(
        httpx.Response(301, headers={"location": "/v2/facts.json"}),
        httpx.Response(200, content=b"moved"),
    )
    limits = CountingLimit()
    with make_client(tmp_path, script, limits=limits) as client:
        response = client.get("sec", URL)
    assert response.body == b"moved"
    assert response.capture.url == URL
    assert str(script.requests[1].url) == "https://data.example/v2/facts.json"
    assert limits.sources == ["sec", "sec"]


@pytest.mark.parametrize(
    ("location", "kind"),
    [
        ("https://evil.example/", StopSourceError),
        ("http://data.example/", SkipError),
        ("https://data.example/loop", SkipError),
        ("https://data.example:99999/", SkipError),
    ],
)
def test_a_redirect_elsewhere_or_in_circles_is_refused(
    tmp_path: Path, location: str, kind: type[SourceError]
) -> None:
    script = Script(httpx.Response(302, headers={"location": location}))
    with make_client(tmp_path, script) as client, pytest.raises(kind):
        client.get("sec", URL)
    assert len(script.requests) <= 6


def test_a_redirect_to_another_host_gets_neither_secret_nor_header(tmp_path: Path) -> None:
    script = Script(
        httpx.Response(302, headers={"location": "https://www.example/"}), httpx.Response(200)
    )
    hosts = {"sec": ["data.example", "www.example"]}
    with make_client(tmp_path, script, hosts=hosts) as client:
        client.get("sec", URL, secret_params={"key": "hunter2"}, headers={"X-Token": "hunter2"})
    first, second = script.requests
    assert first.url.params["key"] == first.headers["x-token"] == "hunter2"
    assert "hunter2" not in f"{second.url} {second.headers}"


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, content=b"x"),
        httpx.Response(404),
        httpx.Response(403),
        httpx.Response(503),
        httpx.Response(302, headers={"location": "https://evil.example/?key=hunter2"}),
        httpx.Response(302, headers={"location": "/loop?key=hunter2"}),
        httpx.ConnectError("https://data.example/?key=hunter2"),
    ],
)
def test_a_secret_is_in_no_key_error_or_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, answer: httpx.Response | Exception
) -> None:
    caplog.set_level(logging.DEBUG)
    log = ListLog()
    shown = ""
    with make_client(tmp_path, Script(answer), log=log) as client:
        try:
            client.get(
                "sec",
                "https://me:hunter2@data.example/facts.json",
                secret_params={"key": "hunter2"},
            )
        except SourceError as error:
            shown = f"{error} {error!r} {error.__cause__} {error.__context__}"
    assert "hunter2" not in f"{shown} {log.captures} {caplog.text}"


def test_a_body_over_the_limit_is_a_typed_error(tmp_path: Path) -> None:
    bomb = gzip.compress(bytes(5_000_000))
    script = Script(httpx.Response(200, content=bomb, headers={"content-encoding": "gzip"}))
    with (
        make_client(tmp_path, script, max_bytes=1_000_000) as client,
        pytest.raises(TooLargeError),
    ):
        client.get("sec", URL)
    assert len(script.requests) == 1


def test_a_body_that_breaks_off_or_cannot_be_unpacked_is_retried(tmp_path: Path) -> None:
    class BreaksOff(httpx.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            yield b"{"
            raise httpx.RemoteProtocolError("peer closed connection")

    script = Script(
        httpx.Response(200, stream=BreaksOff()),
        httpx.Response(
            200,
            stream=httpx.ByteStream(b"not gzip"),
            headers={"content-encoding": "gzip"},
        ),
        httpx.Response(
            200,
            # Two packed bodies in one: the second would be lost without a word.
            stream=httpx.ByteStream(gzip.compress(b"{") + gzip.compress(b"}")),
            headers={"content-encoding": "gzip"},
        ),
        httpx.Response(200, content=b"{}"),
    )
    with make_client(tmp_path, script) as client:
        assert client.get("sec", URL).body == b"{}"


def test_threads_share_one_client(tmp_path: Path) -> None:
    log = ListLog()

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=request.url.params["n"].encode())

    with make_client(tmp_path, answer, log=log) as client, ThreadPoolExecutor(8) as pool:
        bodies = list(
            pool.map(lambda n: client.get("sec", URL, params={"n": str(n)}).body, range(100))
        )
    assert bodies == [str(n).encode() for n in range(100)]
    assert len({capture.request_key for capture in log.captures}) == 100


def test_the_request_key_is_the_same_for_any_order_of_parameters() -> None:
    assert request_key("https://a.example/x?b=2&a=1#top") == "GET https://a.example/x?a=1&b=2"
    assert request_key("https://u:p@a.example/x?") == "GET https://a.example/x"


def test_an_error_says_what_value_and_cure_and_survives_a_process_border() -> None:
    error = NotFoundError("sec", "no such document", "CIK 1", "check the identifier")
    copy = pickle.loads(pickle.dumps(error))
    assert str(copy) == "no such document: CIK 1; check the identifier"
    assert type(copy) is NotFoundError
    assert copy.source == "sec"


def test_the_default_policy_waits_with_jitter() -> None:
    policy = RetryPolicy()
    assert policy.wait_jitter > 0
    assert policy.breaker_failures == 3
