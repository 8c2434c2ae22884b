"""The bulk flow: years of filings and facts from SEC's archives, not by thousands of requests."""

from pathlib import Path

from prefect import flow

from flows.night.open import open_night
from flows.steps import tasks


@flow(name="bulk")
def bulk(path: str, tickers: list[str] | None = None) -> int:
    """Load the watchlist's companies from companyfacts.zip or submissions.zip; marts stay.

    Args:
        path: Where the worker finds the archive.
        tickers: Load these companies only; empty means the whole watchlist.
    """
    with open_night("live", tickers) as night:
        loads = [tasks.collect_archive(night, Path(path))]
        tasks.load_packages(night, loads)
        return night.run_id
