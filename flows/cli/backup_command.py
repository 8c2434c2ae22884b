"""corpintel backup and restore: the warehouse in a folder, and back."""

from collections.abc import Callable
from pathlib import Path

import migrations
from connectors.archive import Archive
from connectors.errors import ArchiveError
from flows.night.bad_request import BadRequestError
from warehouse.backup import BackupError, Manifest, back_up, restore
from warehouse.db import open_warehouse
from warehouse.embedded import EmbeddedError
from warehouse.roles import ensure_reader_login
from warehouse.settings import Settings, load_settings


def run_backup(folder: Path) -> None:
    """Write a backup to a new folder and say what it holds."""
    settings = load_settings()
    with open_warehouse(settings) as warehouse:
        try:
            manifest = back_up(warehouse, settings, folder, _has_body(settings))
        except (BackupError, EmbeddedError) as error:
            raise BadRequestError(str(error)) from None
    print(f"{folder}: {_told(manifest)}.")
    print(f"Keep the archive too: {settings.archive_url}")


def run_restore(folder: Path) -> None:
    """Fill an empty warehouse from a backup and bring its schema up to date."""
    settings = load_settings()
    with open_warehouse(settings) as warehouse:
        try:
            manifest = restore(warehouse, settings, folder, _has_body(settings))
        except (BackupError, EmbeddedError) as error:
            raise BadRequestError(str(error)) from None
        with warehouse.engine.begin() as connection:
            migrations.upgrade(connection)
        ensure_reader_login(warehouse)
    print(f"Restored {_told(manifest)}. Readers see what they saw.")


def _has_body(settings: Settings) -> Callable[[str], bool]:
    archive = Archive(settings.archive_url)

    def has(sha256: str) -> bool:
        try:
            archive.get(sha256)
        except ArchiveError:
            return False
        return True

    return has


def _told(manifest: Manifest) -> str:
    published = (
        f"run {manifest.current_run}, content hash {manifest.content_hash}"
        if manifest.current_run is not None
        else "nothing published"
    )
    return f"{manifest.data_kind} data with {manifest.captures:,} captured bodies, {published}"
