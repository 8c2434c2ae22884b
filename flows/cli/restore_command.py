"""corpintel restore: a backup into an empty warehouse, brought to this version's schema."""

from pathlib import Path
from typing import Annotated

import typer

import migrations
from flows.cli.backup_command import has_body, told
from flows.cli.ending import tidied
from flows.night.bad_request import BadRequestError
from warehouse.backup import BackupError
from warehouse.backup import restore as fill
from warehouse.db import open_warehouse
from warehouse.embedded import EmbeddedError
from warehouse.roles import ensure_roles
from warehouse.settings import load_settings

app = typer.Typer(add_completion=False)


@app.command(epilog="Example: corpintel restore /mnt/backups/2026-11-25")
def restore(
    folder: Annotated[Path, typer.Argument(help="A folder that corpintel backup wrote.")],
) -> None:
    """Fill an empty warehouse from a backup, whole or not at all."""
    settings = load_settings()
    with open_warehouse(settings) as warehouse:
        try:
            with tidied():
                manifest = fill(warehouse, settings, folder, has_body(settings))
        except (BackupError, EmbeddedError) as error:
            raise BadRequestError(str(error)) from None
        with warehouse.engine.begin() as connection:
            migrations.upgrade(connection)
        ensure_roles(warehouse)
    print(f"Restored {told(manifest)}. Readers see what they saw.")
