"""Publishing the built marts as the run's publication."""

import subprocess

from flows.night.open import Night
from flows.steps.transform import PROJECT, manifest_hash, read_manifest
from warehouse.publishing.declared import marts_from_manifest
from warehouse.publishing.publications import Publication
from warehouse.publishing.publish import publish


def publish_marts(night: Night, forced_reason: str | None = None) -> Publication:
    """Audit and publish, whole or not at all; `forced_reason` overrides the gates."""
    manifest = read_manifest(night)
    publication = publish(
        night.owner,
        night.run_id,
        night.as_of,
        marts_from_manifest(manifest),
        manifest_hash(manifest),
        git_revision(),
        forced_reason,
        night.writer.hold,
        night.timer.seconds,
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
