"""The rows that a NewsAPI `everything` document holds."""

from datetime import datetime
from typing import NamedTuple

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
