"""The marts flow: build, audit and publish from what is already loaded."""

from prefect import flow

from flows.parameters import Data, Day, Force, Full
from flows.steps import tasks
from flows.steps.ending import NIGHT_SECONDS, ended, run_name, told_night
from flows.steps.tell import NightReport


@flow(name="marts", flow_run_name=run_name, timeout_seconds=NIGHT_SECONDS)
def marts(
    data: Data = "live",
    as_of: Day = None,
    force: Force = None,
    full: Full = False,
) -> NightReport:
    """Build the marts from the raw tables as they are and publish them whole or not at all.

    Args:
        data: The kind of data in this warehouse.
        as_of: The logical date and knowledge cut; empty means today in New York.
        force: Why to publish although the gates refuse it; kept with the publication.
        full: Build every company, changed or not.
    """
    with told_night("marts", data, None, as_of) as night:
        tasks.require_facts(night)
        tasks.build_models(night, full, force)
        tasks.check_marts(night)
        publication = tasks.publish_marts(night, force)
        return ended(night, tasks.tell(night, publication))
