"""The drill flow: nights are broken on purpose, in throw-away homes beside the warehouse."""

from prefect import flow

from flows.parameters import Quick
from flows.steps.commands import run_command
from flows.steps.ending import dated_name


@flow(name="drill", flow_run_name=dated_name)
def drill(quick: Quick = True) -> list[str]:
    """Break nights on purpose and keep in ops.drills which promises held; fails where one did not.

    Args:
        quick: A few points of each drill, some minutes; all of them take hours.
    """
    return run_command(["chaos", *(["--quick"] if quick else [])], {})
