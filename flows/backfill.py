"""The backfill flow: history of some companies, from a date on."""

from prefect import flow

from flows.parameters import Companies, Data, Day, FirstDay
from flows.sources import WAVES
from flows.steps import tasks
from flows.steps.ending import loaded, run_name, told_night


@flow(name="backfill", flow_run_name=run_name)
def backfill(
    tickers: Companies,
    start: FirstDay,
    data: Data = "live",
    as_of: Day = None,
) -> int:
    """Fetch and load some companies with prices from a date on; the next marts run shows them.

    Filings and facts always come whole, because SEC serves their full history in one answer.

    Args:
        tickers: The companies to ask about.
        start: The first day of prices, splits and dividends.
        data: Ask the live sources, or replay the bundled sample.
        as_of: The last day; empty means today in New York.
    """
    with told_night("backfill", data, tickers, as_of, prices_from=start) as night:
        for sources in WAVES:
            tasks.load_sources(night, sources)
        return loaded(night)
