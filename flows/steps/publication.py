"""Publishing the built marts as the run's publication."""

import subprocess

from flows.night.open import Night
from flows.steps.transform import PROJECT
from warehouse.publishing.publications import Publication
from warehouse.publishing.publish import publish


def publish_marts(night: Night, forced_reason: str | None = None) -> Publication:
    """Publish what was built, whole or not at all; `forced_reason` is why gates were overridden."""
    built = night.built
    assert built is not None, "what is published was built before"
    reason = None
    if forced_reason is not None and built.result.overridden:
        reason = f"{forced_reason} [{'; '.join(built.result.overridden)}]"
    publication = publish(
        night.owner,
        night.run_id,
        night.as_of,
        built.project.marts,
        built.rules_hash,
        git_revision(),
        reason,
        night.writer.hold,
        night.timer.seconds,
        built.result.coverage.losses(),
        night.settings.view_notice_days,
    )
    night.published = True
    return publication


def git_revision() -> str | None:
    """The commit of this checkout; None where the project runs from an installed package."""
    try:
        answer = subprocess.run(
            ["git", "rev-parse", "HEAD"],  # noqa: S607  # git is wherever PATH says
            cwd=PROJECT,
            capture_output=True,
            text=True,
            check=True,
            timeout=10,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return answer.stdout.strip()
