"""corpintel backup: the warehouse in a folder."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from connectors.archive import Archive
from connectors.errors import ArchiveError
from flows.cli.ending import tidied
from flows.night.bad_request import BadRequestError
from warehouse.backup import BackupError, Manifest, back_up
from warehouse.db import open_warehouse
from warehouse.embedded import EmbeddedError
from warehouse.settings import Settings, load_settings

app = typer.Typer(add_completion=False)


@app.command(epilog="Example: corpintel backup /mnt/backups/2026-11-25")
def backup(
    folder: Annotated[Path, typer.Argument(help="A new folder; the archive stays.")],
) -> None:
    """Write the warehouse to a folder, also while a night runs, and check the archive."""
    settings = load_settings()
    with open_warehouse(settings) as warehouse:
        try:
            with tidied():
                manifest = back_up(warehouse, settings, folder, has_body(settings))
        except (BackupError, EmbeddedError) as error:
            raise BadRequestError(str(error)) from None
    print(f"{folder}: {told(manifest)}.")
    print(f"Keep the archive too: {settings.archive_url}")


def has_body(settings: Settings) -> Callable[[str], bool]:
    """Tells of a sha256 whether the archive has that body, unharmed."""
    archive = Archive(settings.archive_url)

    def has(sha256: str) -> bool:
        try:
            archive.get(sha256)
        except ArchiveError:
            return False
        return True

    return has


def told(manifest: Manifest) -> str:
    """What a backup holds, for the person at the terminal."""
    published = (
        f"run {manifest.current_run}, content hash {manifest.content_hash}"
        if manifest.current_run is not None
        else "nothing published"
    )
    return f"{manifest.data_kind} data with {manifest.captures:,} captured bodies, {published}"
