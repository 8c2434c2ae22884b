"""The market flow: prices, vendors' statements and currency rates alone."""

from datetime import date
from typing import Literal

from prefect import flow

from flows.night.open import open_night
from flows.sources import MARKET_SOURCES
from flows.steps import tasks


@flow(name="market")
def market(
    data: Literal["live", "sample"] = "live",
    tickers: list[str] | None = None,
    as_of: date | None = None,
) -> int:
    """Fetch, check and load prices, statements and rates; the marts stay as they are.

    Args:
        data: Ask the live sources, or replay the bundled sample.
        tickers: Ask about these companies only; empty means the whole watchlist.
        as_of: The logical date; empty means today in New York.
    """
    with open_night(data, tickers, as_of) as night:
        return tasks.load_sources(night, MARKET_SOURCES)
