"""The watch flow: alerts are looked at, and readers' statements that take too long are ended."""

from prefect import flow

from flows.steps.ending import LOOK_SECONDS, dated_name
from flows.steps.watching import look_around


@flow(name="watch", flow_run_name=dated_name, timeout_seconds=LOOK_SECONDS)
def watch() -> list[str]:
    """Raise, clear and tell alerts, and end what readers run too long; returns which stand."""
    return look_around()
