"""Room on the disk: a night neither begins nor goes on where what it writes may not fit."""

import shutil
from pathlib import Path

from warehouse.settings import Settings


class NoSpaceError(RuntimeError):
    """Less is free than a night may need; the message has the place, both numbers and the cure."""


def require_space(settings: Settings) -> None:
    """Raise NoSpaceError where HOME or a local archive has less room than is set."""
    places = {settings.home}
    if "://" not in settings.archive_url:
        places.add(Path(settings.archive_url))
    for place in sorted(places):
        # A folder that is not there yet is made on the disk of the one above.
        there = next(above for above in (place, *place.parents) if above.exists())
        free = shutil.disk_usage(there).free / 1e9
        if free < settings.least_free_gb:
            raise NoSpaceError(
                f"{place} has {free:.2f} GB free, less than CORPINTEL_LEAST_FREE_GB="
                f"{settings.least_free_gb:g}: free some space, or set it lower"
            )
