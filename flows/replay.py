"""The replay flow: dead letters once more through today's parsers and rules, asking nobody."""

from datetime import date
from typing import Literal

from prefect import flow

from flows.steps import tasks
from flows.steps.ending import NIGHT_SECONDS, loaded, run_name, told_night


@flow(name="replay", flow_run_name=run_name, timeout_seconds=NIGHT_SECONDS)
def replay(data: Literal["live", "sample"], as_of: date, source: str, captures: list[int]) -> int:
    """Load again what these captures of a source hold; marts stay. Returns the run.

    Args:
        data: The kind of data that the warehouse holds.
        as_of: The logical date of the night that asked: the source is asked the same again.
        source: The source whose captures they are.
        captures: Their numbers in raw.captures.
    """
    with told_night("replay", data, as_of=as_of, replayed=frozenset(captures)) as night:
        tasks.load_sources(night, [source])
        return loaded(night)
