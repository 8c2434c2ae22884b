"""What others say of the made-up company: prices, news, its repository and a funding round."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final

import httpx

from connectors.alpha_vantage import fetch as alpha_vantage
from connectors.crunchbase import fetch as crunchbase
from connectors.github import fetch as github
from connectors.newsapi import fetch as newsapi
from connectors.sample import SAMPLE_AS_OF, SAMPLE_DAY_BEFORE, SAMPLE_FETCHED_AT
from connectors.sample.addresses import (
    ALPHA_VANTAGE_URL,
    CRUNCHBASE_URL,
    GITHUB_URL,
    NEWSAPI_URL,
    NOWHERE_URL,
)
from connectors.sample.document import Document, json_document
from connectors.sample.made_up import CIK, HANDLE, NAME, NOTICE, QUERY, TICKER

PRESS_ROOM_URL: Final = f"{NOWHERE_URL}/press.xml"
_REPOSITORY: Final = f"{HANDLE}/lessons"
_FIRST_PRICE: Final = Decimal(24)
_WEEKS: Final = 52


def price_rows(days: Sequence[str]) -> list[dict[str, str]]:
    """A bar for each of the days on which others were traded, in the form of the figures file.

    The price climbs by two cents a day around a wave of eleven days.
    """
    rows = []
    for place, day in enumerate(days):
        close = _FIRST_PRICE + Decimal(place) / 50 + Decimal(place * 37 % 11) / 10
        rows.append(
            {
                "ticker": TICKER,
                "date": day,
                "open": str(close - Decimal("0.1")),
                "high": str(close + Decimal("0.3")),
                "low": str(close - Decimal("0.4")),
                "close": str(close),
                "adj_close": str(close),
                "volume": str(100_000 + place * 7_919 % 50_000),
            }
        )
    return rows


def told_by_others() -> Iterator[Document]:
    """Documents of the sources beside SEC, as of the sample's last day."""
    yield _json(github.organization_url(GITHUB_URL, HANDLE), {}, _organization())
    yield _json(
        github.repositories_url(GITHUB_URL, HANDLE),
        github.repositories_params(1),
        [_repository()],
    )
    yield _json(github.commit_activity_url(GITHUB_URL, _REPOSITORY), {}, _commits())
    yield _json(github.releases_url(GITHUB_URL, _REPOSITORY), {"per_page": "30"}, [_release()])
    yield _json(
        newsapi.everything_url(NEWSAPI_URL),
        newsapi.everything_params(QUERY, SAMPLE_AS_OF - timedelta(days=7), SAMPLE_AS_OF),
        _articles(),
    )
    yield _press_room()
    yield _json(
        crunchbase.organization_url(CRUNCHBASE_URL, HANDLE),
        crunchbase.organization_params(),
        _profile(),
    )
    yield _json(
        crunchbase.rounds_url(CRUNCHBASE_URL, HANDLE), crunchbase.rounds_params(), _rounds()
    )
    yield _json(
        alpha_vantage.query_url(ALPHA_VANTAGE_URL),
        alpha_vantage.query_params(alpha_vantage.EARNINGS, TICKER),
        _earnings(),
    )


def _json(url: str, params: dict[str, str], document: dict[str, Any] | list[Any]) -> Document:
    return json_document(str(httpx.URL(url, params=params)), document, SAMPLE_FETCHED_AT)


def _organization() -> dict[str, Any]:
    return {
        "login": HANDLE,
        "id": CIK,
        "name": NAME,
        "blog": NOWHERE_URL,
        "public_repos": 1,
        "followers": 12,
        "created_at": "2019-03-01T09:00:00Z",
        "type": "Organization",
    }


def _repository() -> dict[str, Any]:
    return {
        "id": CIK,
        "full_name": _REPOSITORY,
        "fork": False,
        "archived": False,
        "language": "Python",
        "stargazers_count": 240,
        "forks_count": 31,
        "open_issues_count": 9,
        "created_at": "2019-03-02T09:00:00Z",
        "pushed_at": f"{SAMPLE_DAY_BEFORE}T15:00:00Z",
        "private": False,
    }


def _commits() -> list[dict[str, Any]]:
    # GitHub's weeks begin on Sundays.
    last = SAMPLE_AS_OF - timedelta(days=(SAMPLE_AS_OF.weekday() + 1) % 7)
    weeks = []
    for place in range(_WEEKS):
        start = last - timedelta(weeks=_WEEKS - 1 - place)
        days = [0, *((place + day) % 4 for day in range(5)), 0]
        weeks.append({"days": days, "total": sum(days), "week": _seconds(start)})
    return weeks


def _release() -> dict[str, Any]:
    return {
        "tag_name": "v2.0",
        "name": "Lessons without a network",
        "draft": False,
        "prerelease": False,
        "published_at": "2026-06-15T10:00:00Z",
    }


def _articles() -> dict[str, Any]:
    return {
        "status": "ok",
        "totalResults": 1,
        "articles": [
            {
                "source": {"id": None, "name": "Sample Times"},
                "author": None,
                "title": f"{NAME} wins schools with strong growth in lessons",
                "description": NOTICE,
                "url": f"{NOWHERE_URL}/articles/1",
                "publishedAt": f"{SAMPLE_DAY_BEFORE}T12:00:00Z",
                "content": None,
            }
        ],
    }


def _press_room() -> Document:
    body = (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel>'
        f"<title>{NAME}</title><item><guid>made-up-1</guid>"
        f"<title>{NAME} lets learners study without a network</title>"
        f"<link>{NOWHERE_URL}/press/1</link><description>{NOTICE}</description>"
        "<pubDate>Mon, 15 Jun 2026 10:00:00 GMT</pubDate></item></channel></rss>"
    )
    return Document(PRESS_ROOM_URL, body.encode(), "application/rss+xml", SAMPLE_FETCHED_AT)


def _profile() -> dict[str, Any]:
    return {
        "properties": {
            "identifier": {"uuid": "made-up", "permalink": HANDLE, "value": NAME},
            "founded_on": {"precision": "year", "value": "2015-01-01"},
            "num_employees_enum": "c_00251_00500",
            "funding_total": {"value": 40_000_000, "currency": "USD", "value_usd": 40_000_000},
            "num_funding_rounds": 1,
            "last_funding_type": "series_b",
            "last_funding_at": "2019-09-10",
            "updated_at": "2026-07-01T00:00:00Z",
        }
    }


def _rounds() -> dict[str, Any]:
    return {
        "cards": {
            "raised_funding_rounds": [
                {
                    "identifier": {
                        "uuid": "made-up-b",
                        "permalink": "made-up-series-b",
                        "value": "Series B",
                    },
                    "announced_on": "2019-09-10",
                    "investment_type": "series_b",
                    "money_raised": {
                        "value": 40_000_000,
                        "currency": "USD",
                        "value_usd": 40_000_000,
                    },
                    "num_investors": 3,
                }
            ]
        }
    }


def _earnings() -> dict[str, Any]:
    return {
        "symbol": TICKER,
        "annualEarnings": [{"fiscalDateEnding": "2025-11-30", "reportedEPS": "0.98"}],
        "quarterlyEarnings": [
            {
                "fiscalDateEnding": "2026-02-28",
                "reportedDate": "2026-04-08",
                "reportedEPS": "0.26",
                "estimatedEPS": "0.25",
                "surprise": "0.01",
                "surprisePercentage": "4.0",
                "reportTime": "post-market",
            }
        ],
    }


def _seconds(day: date) -> int:
    return int(datetime.combine(day, time(), UTC).timestamp())
