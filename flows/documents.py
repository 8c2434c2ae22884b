"""The documents flow: fetch what was filed, read what is unread; marts stay until a marts run."""

from datetime import date
from typing import Literal

from prefect import flow

from flows.night.open import open_night
from flows.sources import DOCUMENT_SOURCES, READING_SOURCES
from flows.steps import tasks


@flow(name="documents")
def documents(
    data: Literal["live", "sample"] = "live",
    tickers: list[str] | None = None,
    as_of: date | None = None,
    reads_only: bool = False,
) -> int:
    """Fetch documents of loaded filings and investor pages, then read what no reader of today has.

    Args:
        data: Ask the live sources, or replay the bundled sample.
        tickers: Ask about these companies only; empty means the whole watchlist.
        as_of: The logical date; empty means today in New York.
        reads_only: Ask nobody, and read what the archive holds: after a better reader came.
    """
    with open_night(data, tickers, as_of) as night:
        if not reads_only:
            tasks.load_sources(night, DOCUMENT_SOURCES)
        return tasks.load_sources(night, READING_SOURCES)
