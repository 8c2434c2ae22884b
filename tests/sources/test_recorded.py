"""Recorded answers of the services, errors too: read whole, with values checked by hand."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal

import httpx
import pytest

from chaos.scripted_server import BLOCK_PAGE
from connectors.alpha_vantage import fetch as alpha_vantage
from connectors.alpha_vantage.parse import parse_function
from connectors.errors import (
    NotFoundError,
    RefusedError,
    RetryableError,
    SourceError,
    StopSourceError,
)
from connectors.feeds.parse import parse_feed
from connectors.github import parse as github
from connectors.newsapi import fetch as newsapi
from connectors.newsapi.parse import parse_articles
from connectors.records import UNMAPPED, Parsed
from connectors.request import Answer
from connectors.sec.fetch import refuse_block
from connectors.sec.index import parse_daily_index
from connectors.twelve_data import fetch as twelve_data
from connectors.twelve_data.parse import parse_series
from tests.recorded import recorded


def body(*parts: str) -> bytes:
    return recorded(*parts).read_bytes()


def whole(parsed: Parsed) -> Parsed:
    assert parsed.rejects == []
    assert UNMAPPED not in parsed.rows
    return parsed


@pytest.mark.parametrize("ticker", ["DDOG", "DUOL", "META", "NVDA", "PLUG"])
def test_twelve_data_series(ticker: str) -> None:
    parsed = whole(parse_series(body("market", "twelve_data", f"{ticker}.json"), ticker))
    assert len(parsed.rows["twelve_data_prices"]) == 754


def test_twelve_data_keeps_the_sources_own_digits() -> None:
    parsed = parse_series(body("market", "twelve_data", "DUOL.json"), "DUOL")
    last = parsed.rows["twelve_data_prices"][-1]
    assert (last[1], str(last[5]), last[6]) == (date(2026, 7, 10), "124.76000", 634_700)


def test_twelve_data_leaves_out_a_session_that_may_not_have_closed() -> None:
    series = body("market", "twelve_data", "DUOL.json")
    noon, evening = (datetime(2026, 7, 10, hour, tzinfo=UTC) for hour in (16, 23))
    early = parse_series(series, "DUOL", noon)
    assert [reject.rule for reject in early.rejects] == ["session_open"]
    assert len(early.rows["twelve_data_prices"]) == 753
    assert len(parse_series(series, "DUOL", evening).rows["twelve_data_prices"]) == 754


def test_alpha_vantage_overview() -> None:
    recorded_body = body("market", "alpha_vantage", "mock_company_overview.json")
    [row] = whole(parse_function("OVERVIEW", recorded_body, "IBM")).rows["alpha_vantage_overviews"]
    assert (row[1], row[4], row[8]) == (
        "International Business Machines Corporation",
        "USD",
        date(2020, 6, 30),
    )
    assert row[11] == Decimal("75499003904")


def test_alpha_vantage_statements_leave_out_what_is_none() -> None:
    recorded_body = body("market", "alpha_vantage", "mock_fundamental_data.json")
    parsed = whole(parse_function("INCOME_STATEMENT", recorded_body, "IBM"))
    rows = {(row[2], row[4], row[5]): row[6] for row in parsed.rows["alpha_vantage_statements"]}
    assert rows["annual", date(2019, 12, 31), "totalRevenue"] == 77_147_000_000
    assert rows["annual", date(2019, 12, 31), "operatingIncome"] == 10_543_000_000
    # The document has "None" there.
    assert ("annual", date(2019, 12, 31), "nonRecurring") not in rows


def test_alpha_vantage_earnings() -> None:
    recorded_body = body("market", "alpha_vantage", "mock_earnings_data.json")
    rows = whole(parse_function("EARNINGS", recorded_body, "IBM")).rows["alpha_vantage_earnings"]
    # The newest "annual" row is half a year.
    assert (rows[0][1], rows[0][2], rows[0][4]) == ("annual", date(2021, 6, 30), Decimal("4.1"))


def test_github_organization_and_repositories() -> None:
    organization = body("market", "github", "github_org__200__orgs_codeforamerica.json")
    [row] = whole(github.parse_organization(organization, "codeforamerica")).rows[
        "github_organizations"
    ]
    assert (row[1], row[3]) == ("Code for America", 353)
    page = body("market", "github", "github_repo_list__200__orgs_codeforamerica_repos.json")
    parsed = whole(github.parse_repositories(page, "codeforamerica"))
    assert len(parsed.rows["github_repositories"]) == 30


def test_github_commits_and_release() -> None:
    name = "other__200__repos_pengwynn_pingwynn_stats_commit_activity.json"
    weeks = whole(github.parse_commit_activity(body("market", "github", name), "pengwynn/pingwynn"))
    assert len(weeks.rows["github_commit_weeks"]) == 52
    release = body("market", "github", "other__200__repos_octokit_octokit_rb_releases_latest.json")
    parsed = whole(github.parse_releases(b"[" + release + b"]", "octokit/octokit.rb"))
    assert parsed.rows["github_releases"][0][1] == "v3.7.1"


def test_newsapi_page() -> None:
    page = body("market", "newsapi", "top_headlines_2022-09-28_trimmed.json")
    rows = whole(parse_articles(page, "x")).rows["newsapi_articles"]
    assert [row[2] for row in rows] == ["CNBC", "CBS News", "Bloomberg", "Google News"]


def test_an_atom_feed_in_latin_1() -> None:
    parsed = parse_feed(body("reference", "edgar_getcurrent_1.atom"), "https://a.example/")
    # A filing that concerns two parties is listed twice under one id.
    assert {reject.rule for reject in parsed.rejects} == {"duplicate_entry"}
    assert len(parsed.rows["feed_entries"]) + len(parsed.rejects) == 100


@pytest.mark.parametrize(
    ("name", "count"),
    [("form.20200318.idx", 4_084), ("badform.idx.txt", 10), ("empty-form.idx", 0)],
)
def test_daily_indexes(name: str, count: int) -> None:
    parsed = parse_daily_index(
        body("reference", "edgar_index", name), date(2020, 3, 18), range(10**7)
    )
    assert len(whole(parsed).rows["sec_index_filings"]) == count


def judged(
    judge: Callable[[Answer], None], status: int, content: bytes
) -> type[SourceError] | None:
    try:
        judge(Answer(status, httpx.Headers(), content))
    except SourceError as error:
        return type(error)
    return None


@pytest.mark.parametrize(
    ("judge", "status", "name", "kind"),
    [
        (alpha_vantage.refuse_error, 200, "alpha_vantage_error_invalid_call", NotFoundError),
        (
            alpha_vantage.refuse_error,
            200,
            "alpha_vantage_information_25_per_day",
            StopSourceError,
        ),
        (alpha_vantage.refuse_error, 200, "alpha_vantage_note_5_per_minute", RetryableError),
        (newsapi.refuse_error, 429, "newsapi_rateLimited", StopSourceError),
        (twelve_data.refuse_error, 200, "twelve_data_404_symbol", NotFoundError),
        (twelve_data.refuse_error, 200, "twelve_data_429_day", StopSourceError),
        (twelve_data.refuse_error, 200, "twelve_data_429_minute", RetryableError),
    ],
)
def test_an_error_in_a_body_is_an_error(
    judge: Callable[[Answer], None], status: int, name: str, kind: type[SourceError]
) -> None:
    assert judged(judge, status, body("market", "error_bodies", f"{name}.json")) is kind


@pytest.mark.parametrize(
    ("judge", "status", "content", "kind"),
    [
        (alpha_vantage.refuse_error, 200, b"{}", NotFoundError),
        (alpha_vantage.refuse_error, 200, b'{"Note": "the apikey is invalid"}', RefusedError),
        (newsapi.refuse_error, 401, b'{"status":"error","code":"apiKeyInvalid"}', RefusedError),
        (twelve_data.refuse_error, 200, b'{"status":"error","code":401}', RefusedError),
        (twelve_data.refuse_error, 200, b'{"status":"ok","values":[]}', None),
        (refuse_block, 403, BLOCK_PAGE, RefusedError),
        (refuse_block, 403, b"<html>forbidden</html>", None),
        (refuse_block, 200, BLOCK_PAGE, None),
    ],
)
def test_further_errors_written_from_the_vendors_documentation(
    judge: Callable[[Answer], None], status: int, content: bytes, kind: type[SourceError] | None
) -> None:
    assert judged(judge, status, content) is kind


def test_sec_says_403_for_a_document_it_does_not_have() -> None:
    name = "403_1_Archives_edgar_full_index_2099_QTR1_form.gz.body"
    assert judged(refuse_block, 403, body("reference", "sec_error_bodies", name)) is NotFoundError


def test_secs_block_page_pauses_everyone_for_ten_minutes() -> None:
    with pytest.raises(RefusedError) as caught:
        refuse_block(Answer(403, {}, BLOCK_PAGE))
    assert caught.value.pause == 600
