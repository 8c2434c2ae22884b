"""The alternative-data flow: news, press rooms, code and funding alone."""

from datetime import date
from typing import Literal

from prefect import flow

from flows.night.open import open_night
from flows.sources import ALTERNATIVE_SOURCES
from flows.steps import tasks


@flow(name="alternative")
def alternative(
    data: Literal["live", "sample"] = "live",
    tickers: list[str] | None = None,
    as_of: date | None = None,
) -> int:
    """Fetch, check and load news, activity and funding; the marts stay as they are.

    Args:
        data: Ask the live sources, or replay the bundled sample.
        tickers: Ask about these companies only; empty means the whole watchlist.
        as_of: The logical date; empty means today in New York.
    """
    with open_night(data, tickers, as_of) as night:
        return tasks.load_sources(night, ALTERNATIVE_SOURCES)
