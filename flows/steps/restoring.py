"""A restore that is tried: a backup into an embedded server of its own, which then goes."""

import json
import tempfile
from pathlib import Path

from flows.steps.commands import CommandFailedError, run_command
from warehouse.settings import load_settings

_SHOWN = "select content_hash from publications where is_current"


def restore_elsewhere() -> str:
    """Return the content hash that readers see here and, restored, there."""
    settings = load_settings()
    settings.home.mkdir(parents=True, exist_ok=True)
    # Beside the warehouse, where there is room for it; as its folder, not for others to look into.
    with tempfile.TemporaryDirectory(prefix="restore-drill-", dir=settings.home) as folder:
        place = Path(folder)
        place.chmod(0o755)
        backup = place / "backup"
        there = {
            "CORPINTEL_HOME": str(place / "home"),
            "CORPINTEL_DATABASE_URL": None,
            "CORPINTEL_ARCHIVE_URL": settings.archive_url,
        }
        run_command(["backup", str(backup)], {})
        try:
            run_command(["restore", str(backup)], there)
            here, restored = (_shown(changes) for changes in ({}, there))
        finally:
            run_command(["db", "stop"], there)
    if here != restored:
        raise CommandFailedError(
            f"the restored warehouse shows {restored}, and this one {here}; no night may run "
            "meanwhile: repeat the drill, then look at the backup"
        )
    return here


def _shown(changes: dict[str, str | None]) -> str:
    said = run_command(["sql", _SHOWN, "--format", "json"], changes)
    [row] = json.loads("\n".join(said))
    return str(row["content_hash"])
