"""NewsAPI `everything`: articles that mention a company; a day late and 100 requests a day."""

from datetime import datetime
from typing import NamedTuple

from connectors.service import DAY, SECOND, Limit, Service

SERVICE = Service(
    "newsapi",
    limits=(Limit(1, SECOND), Limit(100, DAY)),
    base_urls={"newsapi_url": "https://newsapi.org"},
    key="newsapi_api_key",
    key_example="the key of your NewsAPI account",
)
SOURCE = SERVICE.name

ARTICLES = "newsapi_articles"


class NewsArticle(NamedTuple):
    """One article found by one query; the publisher's own words stay in the capture."""

    query: str
    url: str
    publisher: str | None
    author: str | None
    title: str
    description: str | None
    published_at: datetime
