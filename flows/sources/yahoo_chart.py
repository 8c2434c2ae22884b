"""Yahoo's chart in a night: three years of daily bars, splits and dividends per ticker."""

from collections.abc import Iterator
from datetime import timedelta

from connectors.yahoo_chart import fetch, parse
from flows.night.open import Night
from flows.sources.subject import Source, Subject

WINDOW = timedelta(days=3 * 366)


def _subjects(night: Night) -> Iterator[Subject]:
    for target in night.targets:
        if target.ticker is not None:
            yield _chart(night, target.ticker)


def _chart(night: Night, ticker: str) -> Subject:
    start = night.plan.prices_from or night.as_of - WINDOW
    return Subject(
        f"{ticker} chart",
        lambda client: [
            fetch.fetch_chart(client, night.url("yahoo_url"), ticker, start, night.as_of)
        ],
        lambda response: parse.parse_chart(response.body, ticker, response.capture.fetched_at),
    )


SOURCE = Source(
    "yahoo_chart",
    ("yahoo_prices",),
    _subjects,
    lambda night: len(night.targets),
    is_bundled=True,
)
