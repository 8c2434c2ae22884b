"""The report flow: the page of companies and segments, from what readers see."""

from prefect import flow

from flows.steps.ending import dated_name
from flows.steps.pages import write_report


@flow(name="report", flow_run_name=dated_name)
def report() -> str:
    """Write HOME/report.html anew from the current publication; returns its path."""
    return str(write_report())
