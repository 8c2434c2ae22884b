"""Back up and restore: PostgreSQL's own dump, and the list of bodies that the archive must have.

What dbt builds anew each night is left out; what readers see, and every version of it, is in.
"""

import gzip
import hashlib
import json
import os
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy.engine import make_url

from warehouse.db import LOADER_ROLE, OPERATOR_ROLE, READER_ROLE, Warehouse
from warehouse.embedded import client_binary
from warehouse.settings import Settings

DUMP = "warehouse.dump"
BODIES = "captures.txt.gz"
MANIFEST = "backup.json"
FORMAT = 1
# Built anew by every night from what is in the dump; lanes beside the first have schemas of theirs.
_DERIVED = (
    *("staging", "intermediate", "build", "reference"),
    *("staging_*", "intermediate_*", "build_*"),
    # What people made for themselves: restored, it would read with the rights of who restores.
    "sandbox_*",
)
# The schema of open loads stays, without what lies in it.
_OPEN_LOADS = "stage.*"
_HELD = (
    "select exists (select from pg_namespace where nspname = 'ops')"
    " and (select count(*) from pg_tables where schemaname = 'ops') > 0"
)


class BackupError(RuntimeError):
    """A backup that cannot be made or restored; the message says what is wrong and the cure."""


@dataclass(frozen=True)
class Manifest:
    """What a backup holds, and how to know that it is whole."""

    format: int
    made_at: str
    server_version: str
    data_kind: str | None
    current_run: int | None
    content_hash: str | None
    captures: int
    dump_sha256: str
    bodies_sha256: str


def back_up(
    warehouse: Warehouse, settings: Settings, folder: Path, has_body: Callable[[str], bool]
) -> Manifest:
    """Write dump, list of bodies and manifest to a new folder; the manifest comes last.

    A night may go on meanwhile: all is of one moment. `has_body` says whether the archive has the
    body of that sha256; BackupError where one is missing, or the folder is not empty.
    """
    if folder.exists() and any(folder.iterdir()):
        raise BackupError(f"{folder} is not empty; give a new folder")
    folder.mkdir(parents=True, exist_ok=True)
    with psycopg.connect(warehouse.psycopg_dsn()) as connection:
        connection.execute("set transaction isolation level repeatable read")
        (snapshot,) = _one(connection, "select pg_export_snapshot()")
        if not _one(connection, _HELD)[0]:
            raise BackupError("there is nothing to back up yet; run corpintel nightly first")
        excluded = [f"--exclude-schema={name}" for name in _DERIVED]
        _run(
            warehouse,
            settings,
            "pg_dump",
            "--format=custom",
            "--no-owner",
            f"--snapshot={snapshot}",
            f"--file={folder / DUMP}",
            f"--exclude-table={_OPEN_LOADS}",
            *excluded,
        )
        hashes = list(_captured(connection))
        missing = [sha for sha in hashes if not has_body(sha)]
        if missing:
            raise BackupError(
                f"the archive lacks {len(missing)} of {len(hashes)} captured bodies, the first "
                f"{missing[0]}; fetch them again, or look at where the archive lies"
            )
        with gzip.open(folder / BODIES, "wt", encoding="ascii") as file:
            file.writelines(f"{sha}\n" for sha in hashes)
        manifest = _describe(connection, folder, len(hashes))
    (folder / MANIFEST).write_text(json.dumps(asdict(manifest), indent=1) + "\n", encoding="utf-8")
    return manifest


def restore(
    warehouse: Warehouse, settings: Settings, folder: Path, has_body: Callable[[str], bool]
) -> Manifest:
    """Fill an empty warehouse from a backup, whole or not at all.

    Raises BackupError where the backup is torn, the warehouse is in use, a body is not in the
    archive, or readers would see another content than was backed up.
    """
    manifest = read_manifest(folder)
    with gzip.open(folder / BODIES, "rt", encoding="ascii") as file:
        missing = [line.strip() for line in file if not has_body(line.strip())]
    if missing:
        raise BackupError(
            f"the archive lacks {len(missing)} of {manifest.captures} bodies of this backup, the "
            f"first {missing[0]}; copy the archive's folder to CORPINTEL_ARCHIVE_URL first"
        )
    with psycopg.connect(warehouse.psycopg_dsn(), autocommit=True) as connection:
        if _one(connection, _HELD)[0]:
            raise BackupError("this warehouse is in use; restore into an empty one")
        for role in (READER_ROLE, LOADER_ROLE, OPERATOR_ROLE):
            connection.execute(
                f"do $$ begin if not exists (select from pg_roles where rolname = '{role}')"
                f" then create role {role} nologin; end if; end $$"
            )
        connection.execute(
            f"do $$ begin execute format('grant {LOADER_ROLE} to %I', current_user);"
            " exception when insufficient_privilege then null; end $$"
        )
    _run(
        warehouse,
        settings,
        "pg_restore",
        "--single-transaction",
        "--exit-on-error",
        "--no-owner",
        f"--dbname={make_url(warehouse.url).database}",
        str(folder / DUMP),
    )
    with psycopg.connect(warehouse.psycopg_dsn()) as connection:
        found = _published(connection)
    if found != (manifest.current_run, manifest.content_hash):
        raise BackupError(f"readers would see {found} in place of run {manifest.current_run}")
    return manifest


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a backup whose files are whole; BackupError for any other."""
    try:
        given = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        manifest = Manifest(**given)
    except (OSError, ValueError, TypeError) as error:
        raise BackupError(
            f"{folder} is no backup ({type(error).__name__}); give the folder that corpintel "
            "backup wrote"
        ) from None
    if manifest.format != FORMAT:
        raise BackupError(f"{folder} has format {manifest.format}; this version reads {FORMAT}")
    for name, sha256 in ((DUMP, manifest.dump_sha256), (BODIES, manifest.bodies_sha256)):
        if _sha256(folder / name) != sha256:
            raise BackupError(f"{folder / name} is not as it was written; use another backup")
    return manifest


def _describe(connection: psycopg.Connection[Any], folder: Path, captures: int) -> Manifest:
    run_id, content_hash = _published(connection)
    data_kind = connection.execute("select data_kind from ops.warehouse_identity").fetchone()
    return Manifest(
        format=FORMAT,
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
        server_version=str(_one(connection, "show server_version")[0]),
        data_kind=data_kind[0] if data_kind else None,
        current_run=run_id,
        content_hash=content_hash,
        captures=captures,
        dump_sha256=_sha256(folder / DUMP),
        bodies_sha256=_sha256(folder / BODIES),
    )


def _published(connection: psycopg.Connection[Any]) -> tuple[int | None, str | None]:
    row = connection.execute(
        "select run_id, content_hash from ops.publications"
        " join ops.current_publication using (run_id)"
    ).fetchone()
    return row or (None, None)


def _captured(connection: psycopg.Connection[Any]) -> Iterator[str]:
    for (sha,) in connection.execute("select distinct sha256 from raw.captures order by 1"):
        yield sha


def _one(connection: psycopg.Connection[Any], statement: str) -> tuple[Any, ...]:
    row: tuple[Any, ...] | None = connection.execute(statement.encode()).fetchone()
    assert row is not None
    return row


def _run(warehouse: Warehouse, settings: Settings, name: str, *arguments: str) -> None:
    """Run one of PostgreSQL's client programs on the warehouse; its password is in no argument."""
    url = make_url(warehouse.url)
    parameters = {f"PG{key.upper()}": ",".join(v) for key, v in url.normalized_query.items()}
    environment = (
        os.environ
        | parameters
        | {
            "PGHOST": url.host or "",
            "PGPORT": str(url.port or 5432),
            "PGUSER": url.username or "",
            "PGPASSWORD": str(url.password or ""),
            "PGDATABASE": url.database or "",
        }
    )
    program = str(client_binary(name, settings.postgres_bin))
    done = subprocess.run(
        [program, *arguments], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        told = " ".join(done.stderr.split())[-500:]
        raise BackupError(
            f"{name} failed: {told}. It must be as new as the server: name the folder of newer "
            "programs in CORPINTEL_POSTGRES_BIN"
        )


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return ""
