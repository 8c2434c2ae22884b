"""The restore drill flow: a backup is made and restored elsewhere, and must show the same."""

from prefect import flow

from flows.steps.ending import dated_name
from flows.steps.restoring import restore_elsewhere


@flow(name="restore-drill", flow_run_name=dated_name)
def restore_drill() -> str:
    """Back up, restore into a throw-away server, and compare what readers would see.

    Returns the content hash of both; fails where they differ, or a body is not in the archive.
    """
    return restore_elsewhere()
