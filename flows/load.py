"""The load flow: one part of a night alone, for a rerun or an extra pull during the day."""

from typing import Final

from prefect import flow

from flows.parameters import Data, Day, NightPart, Tickers
from flows.sources import (
    ALTERNATIVE_SOURCES,
    DOCUMENT_SOURCES,
    FILING_SOURCES,
    MARKET_SOURCES,
    READING_SOURCES,
)
from flows.sources.subject import Part
from flows.steps import tasks
from flows.steps.ending import NIGHT_SECONDS, loaded, run_name, told_night

# The sources of a part, wave by wave; documents are read once they are there.
PARTS: Final[dict[Part, tuple[tuple[str, ...], ...]]] = {
    "filings": (FILING_SOURCES,),
    "market": (MARKET_SOURCES,),
    "alternative": (ALTERNATIVE_SOURCES,),
    "documents": (DOCUMENT_SOURCES, READING_SOURCES),
    "readings": (READING_SOURCES,),
}


@flow(name="load", flow_run_name=run_name, timeout_seconds=NIGHT_SECONDS)
def load(
    part: NightPart,
    data: Data = "live",
    tickers: Tickers = None,
    as_of: Day = None,
) -> int:
    """Fetch, check and load one part; the marts stay as they are until a marts run.

    Args:
        part: Filings and facts; prices, statements and rates; news, activity and funding; documents
            with their reading; or the reading alone, which asks nobody, after a better reader came.
        data: Ask the live sources, or replay the bundled sample.
        tickers: Ask about these companies only; empty means the whole watchlist.
        as_of: The logical date; empty means today in New York.
    """
    with told_night("load", data, tickers, as_of) as night:
        for sources in PARTS[part]:
            tasks.load_sources(night, sources)
        return loaded(night)
