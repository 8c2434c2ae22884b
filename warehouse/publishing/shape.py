"""The shape of the store: its tables, their indexes, and the views that readers see."""

import time
from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg import sql

from warehouse.db import SEARCHED_CHARACTERS
from warehouse.publishing.declared import Mart
from warehouse.publishing.errors import PublishRefusedError
from warehouse.publishing.faces import ensure_faces

VERSION_COLUMNS = ("row_sha", "valid_from_run", "valid_to_run")
# How long a reader may wait for a view that changes, and how long a change may be tried.
READERS_WAIT_MS = 50
RESHAPE_SECONDS = 120.0
RESHAPE_PAUSE_SECONDS = 0.5


def columns_of(connection: psycopg.Connection[Any], schema: str, name: str) -> dict[str, str]:
    """The columns of a table or view in their order, each with its type; none where it is not."""
    rows = connection.execute(
        """
        select attname, format_type(atttypid, atttypmod)
        from pg_attribute
        where attrelid = to_regclass(%s) and attnum > 0 and not attisdropped
        order by attnum
        """,
        (f"{schema}.{name}",),
    ).fetchall()
    return dict(rows)


def check_shape(connection: psycopg.Connection[Any], mart: Mart) -> None:
    """Refuse a built table whose columns the store cannot take; it can take new ones."""
    built = columns_of(connection, "build", mart.name)
    if not built:
        raise PublishRefusedError(f"build.{mart.name} was not built")
    stored = columns_of(connection, "published", mart.name)
    for name, kind in built.items():
        if stored.get(name, kind) != kind:
            raise PublishRefusedError(
                f"{mart.name}.{name} is {stored[name]} in the store and {kind} in the build; "
                "a change of type needs a migration of published."
                f"{mart.name}"
            )
    gone = set(stored) - set(built) - set(VERSION_COLUMNS)
    if gone:
        raise PublishRefusedError(
            f"{mart.name} lost {', '.join(sorted(gone))}; a dropped column needs a migration of "
            f"published.{mart.name} and its view"
        )


def bring_to_shape(connection: psycopg.Connection[Any], marts: Sequence[Mart]) -> None:
    """Give store, views and faces the built columns; most nights there is nothing to do.

    A changed view needs a lock that excludes its readers, and a waiting lock makes new readers wait
    behind it: so it is asked for in short moments, until an idle reader lets it through.
    """
    deadline = time.monotonic() + RESHAPE_SECONDS
    while True:
        try:
            with connection.transaction():
                connection.execute(f"set local lock_timeout = '{READERS_WAIT_MS}ms'")
                for mart in marts:
                    _ensure_shape(connection, mart)
                    _describe(connection, mart)
                ensure_faces(
                    connection,
                    {mart.name: list(columns_of(connection, "marts", mart.name)) for mart in marts},
                )
        except psycopg.errors.LockNotAvailable:
            if time.monotonic() > deadline:
                raise PublishRefusedError(
                    "a mart has new columns and its view is in use by a transaction that does not "
                    "end; look for the oldest xact_start in pg_stat_activity"
                ) from None
            time.sleep(RESHAPE_PAUSE_SECONDS)
        else:
            return


def _ensure_shape(connection: psycopg.Connection[Any], mart: Mart) -> None:
    """Bring store and view to the built table's columns."""
    built = columns_of(connection, "build", mart.name)
    stored = columns_of(connection, "published", mart.name)
    store = sql.Identifier("published", mart.name)
    if not stored:
        connection.execute(
            sql.SQL(
                "create table {store} (like {build}, row_sha uuid not null,"
                " valid_from_run bigint not null, valid_to_run bigint not null)"
            ).format(store=store, build=sql.Identifier("build", mart.name))
        )
        if mart.searched is not None:
            connection.execute(
                sql.SQL(
                    "create index on {} using gin (to_tsvector('english', left({}, {})))"
                ).format(store, sql.Identifier(mart.searched), sql.Literal(SEARCHED_CHARACTERS))
            )
    for name, kind in built.items():
        if stored and name not in stored:
            connection.execute(
                sql.SQL("alter table {} add column {} {}").format(
                    store,
                    sql.Identifier(name),
                    sql.SQL(kind),  # from pg_attribute, not input
                )
            )
    _ensure_indexes(connection, mart)
    if set(columns_of(connection, "marts", mart.name)) != set(built):
        _create_view(connection, mart, list(built))


def _ensure_indexes(connection: psycopg.Connection[Any], mart: Mart) -> None:
    """Index the store by what publishing compares and by the mart's key, which may have changed.

    The index of a former key stays: somebody may still ask by it.
    """
    store = sql.Identifier("published", mart.name)
    rows = connection.execute(
        """
        select array_agg(a.attname::text order by k.place)
        from pg_index i
        cross join unnest(i.indkey) with ordinality k (attnum, place)
        left join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
        where i.indrelid = to_regclass(%s)
        group by i.indexrelid
        """,
        (f"published.{mart.name}",),
    ).fetchall()
    indexed = {tuple(row[0]) for row in rows}
    for columns in (("valid_to_run", "row_sha"), mart.key):
        if columns not in indexed:
            connection.execute(
                sql.SQL("create index on {} ({})").format(
                    store, sql.SQL(", ").join(map(sql.Identifier, columns))
                )
            )


def _create_view(connection: psycopg.Connection[Any], mart: Mart, built: list[str]) -> None:
    # PostgreSQL lets a replaced view only gain columns at its end.
    existing = list(columns_of(connection, "marts", mart.name))
    ordered = existing + [name for name in built if name not in existing]
    connection.execute(
        sql.SQL(
            """
            create or replace view {view} as
            select {columns} from {store}
            where valid_from_run <= (select run_id from ops.current_publication)
                and valid_to_run > (select run_id from ops.current_publication)
            """
        ).format(
            view=sql.Identifier("marts", mart.name),
            store=sql.Identifier("published", mart.name),
            columns=sql.SQL(", ").join(map(sql.Identifier, ordered)),
        )
    )
    view = sql.Identifier("marts", mart.name)
    connection.execute(sql.SQL("grant select on {} to corpintel_reader").format(view))


def _describe(connection: psycopg.Connection[Any], mart: Mart) -> None:
    """Bring the comments of view and columns to the declared descriptions."""
    view = sql.Identifier("marts", mart.name)
    rows = connection.execute(
        """
        select attname, col_description(attrelid, attnum) from pg_attribute
        where attrelid = to_regclass(%(view)s) and attnum > 0
        union all
        select '', obj_description(to_regclass(%(view)s), 'pg_class')
        """,
        {"view": f"marts.{mart.name}"},
    ).fetchall()
    known = dict(rows)
    if known[""] != mart.description:
        connection.execute(
            sql.SQL("comment on view {} is {}").format(view, sql.Literal(mart.description))
        )
    for name, description in mart.columns.items():
        if known[name] != description:
            connection.execute(
                sql.SQL("comment on column {} is {}").format(
                    sql.Identifier("marts", mart.name, name), sql.Literal(description)
                )
            )
