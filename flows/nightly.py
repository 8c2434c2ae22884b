"""The nightly flow: collect, gate, transform, audit, publish, tell."""

from prefect import flow

from flows.parameters import Data, Day, Full, Tickers
from flows.sources import WAVES
from flows.steps import tasks
from flows.steps.ending import NIGHT_SECONDS, ended, run_name, told_night
from flows.steps.tell import NightReport


@flow(name="nightly", flow_run_name=run_name, timeout_seconds=NIGHT_SECONDS)
def nightly(
    data: Data = "live",
    tickers: Tickers = None,
    as_of: Day = None,
    full: Full = False,
) -> NightReport:
    """Ask every source, load what passes, build the marts and publish them whole or not at all.

    Args:
        data: Ask the live sources, or replay the bundled sample.
        tickers: Ask about these companies only; empty means the whole watchlist.
        as_of: The logical date and knowledge cut; empty means today in New York.
        full: Build every company, changed or not.
    """
    with told_night("nightly", data, tickers, as_of) as night:
        for sources in WAVES:
            tasks.load_sources(night, sources)
            tasks.require_facts(night)
        tasks.build_models(night, full)
        tasks.check_marts(night)
        publication = tasks.publish_marts(night)
        return ended(night, tasks.tell(night, publication))
