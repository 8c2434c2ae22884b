"""The filings flow: SEC filings and facts alone, for a rerun or an extra pull during the day."""

from datetime import date
from typing import Literal

from prefect import flow

from flows.night.open import open_night
from flows.sources import FILING_SOURCES
from flows.steps import tasks


@flow(name="filings")
def filings(
    data: Literal["live", "sample"] = "live",
    tickers: list[str] | None = None,
    as_of: date | None = None,
) -> int:
    """Fetch, check and load filings and facts; the marts stay as they are until a marts run.

    Args:
        data: Ask the live sources, or replay the bundled sample.
        tickers: Ask about these companies only; empty means the whole watchlist.
        as_of: The logical date; empty means today in New York.
    """
    with open_night(data, tickers, as_of) as night:
        return tasks.load_sources(night, FILING_SOURCES)
