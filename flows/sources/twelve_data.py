"""Twelve Data in a night: daily bars per ticker, a second witness to Yahoo's."""

from collections.abc import Iterator
from datetime import timedelta

from connectors.twelve_data import fetch, parse
from flows.night.open import Night
from flows.sources.planned import planned
from flows.sources.subject import Source, Subject

KEY = "twelve_data_api_key"
WINDOW = timedelta(days=3 * 366)
MAX_AGE = timedelta(days=1)


def _subjects(night: Night) -> Iterator[Subject]:
    asked = [
        (_series(night, target.ticker), (target.cik,) if target.cik else (), fetch.CREDITS)
        for target in night.targets
        if target.ticker is not None
    ]
    yield from planned(night, "twelve_data", asked, MAX_AGE)


def _series(night: Night, ticker: str) -> Subject:
    base_url, key = night.url("twelve_data_url"), night.key(KEY)
    start = night.plan.prices_from or night.as_of - WINDOW
    return Subject(
        f"{ticker} series",
        lambda client: [fetch.fetch_series(client, base_url, key, ticker, start, night.as_of)],
        lambda response: parse.parse_series(response.body, ticker, response.capture.fetched_at),
    )


SOURCE = Source(
    "twelve_data",
    ("twelve_data_prices",),
    _subjects,
    lambda night: len(night.targets),
    key=KEY,
    is_bundled=True,
)
