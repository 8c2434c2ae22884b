"""NewsAPI in a night: the articles of the last days that name a company of the watchlist."""

from collections.abc import Iterator
from datetime import timedelta

from connectors.newsapi import SERVICE, fetch, parse
from flows.night.open import Night
from flows.sources.planned import planned
from flows.sources.subject import Source, Subject

# The free plan shows an article a day late and for a month.
WINDOW = timedelta(days=7)
MAX_AGE = timedelta(days=1)


def _subjects(night: Night) -> Iterator[Subject]:
    asked = [
        (_articles(night, query), (target.cik,) if target.cik else (), 1)
        for target in night.targets
        for query in target.known_as("newsapi")
    ]
    yield from planned(night, "newsapi", asked, MAX_AGE)


def _articles(night: Night, query: str) -> Subject:
    base_url, key = night.url("newsapi_url"), night.key(SERVICE.key)
    return Subject(
        f"{query} articles",
        lambda client: [
            fetch.fetch_articles(client, base_url, key, query, night.as_of - WINDOW, night.as_of)
        ],
        lambda response: parse.parse_articles(response.body, query),
    )


SOURCE = Source(
    "newsapi",
    "alternative",
    (),
    _subjects,
    lambda night: sum(len(target.known_as("newsapi")) for target in night.targets),
    service=SERVICE,
    is_bundled=True,
)
