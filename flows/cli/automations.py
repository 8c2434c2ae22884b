"""What the Prefect server does by itself: lost runs are closed, bad ends looked after.

Prefect is imported by the functions, since each of its imports takes a second.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from uuid import UUID

    from prefect.events.schemas.automations import AutomationCore

# Of every deployment in prefect.yaml, and of the night's.
TAG: Final = "corpintel"
NIGHT_TAG: Final = "night"
WATCH: Final = "watch/watch"
# prefect.yaml asks for a heartbeat in 30 seconds; a run that starts is given as long.
LOST_SECONDS: Final = 120


def make_automations() -> int:
    """Make our automations anew; return how many deployments of ours there are."""
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterTags

    with get_client(sync_client=True) as client:
        watch = client.read_deployment_by_name(WATCH)
        for automation in (_close_lost_runs(), _look_after_bad_ends(watch.id)):
            for known in client.read_automations_by_name(automation.name):
                client.delete_automation(known.id)
            client.create_automation(automation)
        tagged = DeploymentFilter(tags=DeploymentFilterTags(all_=[TAG]))
        return len(client.read_deployments(deployment_filter=tagged))


def _look_after_bad_ends(watch: UUID) -> AutomationCore:
    """Have alerts looked at when a night failed, was lost or is late: it may not tell itself."""
    from prefect.events.actions import RunDeployment
    from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture
    from prefect.events.schemas.events import ResourceSpecification

    bad = ("Failed", "Crashed", "TimedOut", "Late")
    return AutomationCore(
        name="corpintel: look after nights that end badly or begin late",
        description="The deployment watch tells the alerts that a night could not tell.",
        trigger=EventTrigger(
            expect={f"prefect.flow-run.{state}" for state in bad},
            match=ResourceSpecification({"prefect.resource.id": ["prefect.flow-run.*"]}),
            match_related=ResourceSpecification(
                {"prefect.resource.id": [f"prefect.tag.{NIGHT_TAG}"]}
            ),
            posture=Posture.Reactive,
            threshold=1,
        ),
        actions=[RunDeployment(source="selected", deployment_id=watch)],
    )


def _close_lost_runs() -> AutomationCore:
    """Have the server crash runs of ours that are no longer heard of.

    A run whose worker died with it would stay Running for ever and hold its queue's only place.
    """
    from prefect.client.schemas.objects import StateType
    from prefect.events.actions import ChangeFlowRunState
    from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture
    from prefect.events.schemas.events import ResourceSpecification

    beat = "prefect.flow-run.heartbeat"
    begins = {f"prefect.flow-run.{state}" for state in ("Pending", "Running")}
    # A run that waits for its place is not lost either.
    rests = {
        f"prefect.flow-run.{state}"
        for state in (
            *("Completed", "Failed", "Cancelled", "Crashed"),
            *("Scheduled", "Late", "AwaitingConcurrencySlot", "AwaitingRetry"),
        )
    }
    return AutomationCore(
        name="corpintel: close lost runs",
        description="Runs that send no heartbeat any more are crashed, and free their place.",
        trigger=EventTrigger(
            after={beat, *begins},
            expect={beat, *rests},
            match=ResourceSpecification({"prefect.resource.id": ["prefect.flow-run.*"]}),
            match_related=ResourceSpecification({"prefect.resource.id": [f"prefect.tag.{TAG}"]}),
            for_each={"prefect.resource.id"},
            posture=Posture.Proactive,
            threshold=1,
            within=timedelta(seconds=LOST_SECONDS),
        ),
        actions=[
            ChangeFlowRunState(
                state=StateType.CRASHED, message=f"No heartbeat for {LOST_SECONDS} seconds."
            )
        ],
    )
