"""The bulk flow: years of filings and facts from SEC's archives, not by thousands of requests."""

from pathlib import Path

from prefect import flow

from flows.parameters import ArchivePath, Everyone, Tickers
from flows.steps import tasks
from flows.steps.ending import loaded, run_name, told_night


@flow(name="bulk", flow_run_name=run_name)
def bulk(path: ArchivePath, tickers: Tickers = None, everyone: Everyone = False) -> int:
    """Load companies from companyfacts.zip or submissions.zip; the marts stay.

    A run that ended early is taken up where it stopped, when the same archive is given again.

    Args:
        path: Where the worker finds the archive.
        tickers: Load these companies only; empty means the whole watchlist.
        everyone: Load every filer of the archive, whether the watchlist names it or not.
    """
    with told_night("bulk", "live", tickers) as night:
        loads = [tasks.collect_archive(night, Path(path), everyone)]
        tasks.load_packages(night, loads)
        return loaded(night)
