"""The report flow: the static site, from what readers see."""

from prefect import flow

from flows.steps.commands import run_command
from flows.steps.ending import LOOK_SECONDS, dated_name


@flow(name="report", flow_run_name=dated_name, timeout_seconds=LOOK_SECONDS)
def report() -> str:
    """Write the changed pages of HOME/site; returns the path of the first page."""
    return run_command(["report"], {})[-1]
