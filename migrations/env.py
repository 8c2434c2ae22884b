"""Alembic environment: schemas raw and ops; the connection is handed over by the caller."""

from typing import Any

from alembic import context
from sqlalchemy import Connection, func, select

from warehouse.db import open_warehouse
from warehouse.settings import load_settings
from warehouse.tables import metadata

# Any constant does; it is not the night's own lock, which a night takes after it has migrated.
MIGRATION_LOCK = 4_020_260_118


def _is_ours(name: str | None, kind: str, _parents: Any) -> bool:
    return name in {"raw", "ops"} if kind == "schema" else True


def _run(connection: Connection) -> None:
    # The version table cannot live in a schema that the first migration creates.
    context.configure(
        connection=connection,
        target_metadata=metadata,
        include_schemas=True,
        include_name=_is_ours,
        compare_type=True,
        version_table="corpintel_schema_version",
        version_table_schema="public",
    )
    with context.begin_transaction():
        # Two first nights at once: the second waits here, and then finds nothing left to do.
        connection.execute(select(func.pg_advisory_xact_lock(MIGRATION_LOCK)))
        context.run_migrations()


handed_over = context.config.attributes.get("connection")
if handed_over is not None:
    _run(handed_over)
else:
    with open_warehouse(load_settings()) as warehouse, warehouse.engine.connect() as connection:
        _run(connection)
        connection.commit()
