"""The report flow: the page of companies and segments, from what readers see."""

from prefect import flow

from flows.steps.commands import run_command
from flows.steps.ending import LOOK_SECONDS, dated_name


@flow(name="report", flow_run_name=dated_name, timeout_seconds=LOOK_SECONDS)
def report() -> str:
    """Write HOME/report.html anew from the current publication; returns its path."""
    return run_command(["report"], {})[-1]
