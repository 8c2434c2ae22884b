"""Alembic environment: schemas raw and ops; the connection is handed over by the caller."""

from typing import Any, Literal

from alembic import context
from sqlalchemy import Connection

from warehouse.db import open_warehouse
from warehouse.raw import metadata
from warehouse.settings import load_settings


def _is_ours(
    name: str | None,
    type_: Literal[
        "schema", "table", "column", "index", "unique_constraint", "foreign_key_constraint"
    ],
    parent_names: Any,
) -> bool:
    return name in {"raw", "ops"} if type_ == "schema" else True


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
        context.run_migrations()


handed_over = context.config.attributes.get("connection")
if handed_over is not None:
    _run(handed_over)
else:
    with open_warehouse(load_settings()) as warehouse, warehouse.engine.connect() as connection:
        _run(connection)
        connection.commit()
