"""The shape of the store: its tables, their indexes, and the views that readers see."""

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import psycopg
from psycopg import sql

from warehouse.db import SEARCHED_CHARACTERS
from warehouse.publishing.declared import OPEN_END, Mart
from warehouse.publishing.errors import PublishRefusedError
from warehouse.publishing.faces import COLUMNS_OF, FACES, ensure_faces
from warehouse.publishing.views import grants_on, make_again, make_way

VERSION_COLUMNS = ("row_sha", "valid_from_run", "valid_to_run")
# How long a reader may wait for a view that changes, and how long a change may be tried.
_SHOWN = """
cross join (
    select p.as_of from ops.publications p join ops.current_publication c on c.run_id = p.run_id
) shown
"""
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


def check_shape(connection: psycopg.Connection[Any], mart: Mart, build: str = "build") -> None:
    """Refuse a built table whose columns the store cannot take.

    It takes new ones, and keeps those that are built no more, for the publications that had them.
    """
    built = columns_of(connection, build, mart.name)
    if not built:
        raise PublishRefusedError(f"{build}.{mart.name} was not built")
    stored = columns_of(connection, "published", mart.name)
    for name, kind in built.items():
        if stored.get(name, kind) != kind:
            raise PublishRefusedError(
                f"{mart.name}.{name} is {stored[name]} in the store and {kind} in the build; "
                "a change of type needs a migration of published."
                f"{mart.name}"
            )


def gone_columns(
    connection: psycopg.Connection[Any], marts: Sequence[Mart]
) -> dict[str, list[str]]:
    """By view of schema marts, the columns that it shows and that are built no more."""
    gone = {}
    for mart in marts:
        if mart.is_internal:
            continue
        built = _built(connection, mart)
        left = [name for name in columns_of(connection, "marts", mart.name) if name not in built]
        if left:
            gone[mart.name] = left
    for face, mart_name in COLUMNS_OF.items():
        shown = columns_of(connection, "marts", face)
        left = [name for name in gone.get(mart_name, ()) if name in shown]
        if left:
            gone[face] = left
    return gone


def _built(connection: psycopg.Connection[Any], mart: Mart) -> Collection[str]:
    """The columns of a mart; one by company may be built by another lane, and has a contract."""
    return mart.columns if mart.by_company else columns_of(connection, "build", mart.name)


def narrow(
    connection: psycopg.Connection[Any], marts: Sequence[Mart], gone: Mapping[str, Sequence[str]]
) -> None:
    """Take columns out of views, in the transaction that publishes, right before its end.

    PostgreSQL takes no column out of a view: it is made anew, with what hangs on it.
    """
    if not gone:
        return

    def reshape() -> None:
        kept = {
            name: [one for one in columns_of(connection, "marts", name) if one not in columns]
            for name, columns in gone.items()
        }
        granted = _granted(connection, gone)
        again = make_way(connection, gone)
        for name in gone:
            connection.execute(sql.SQL("drop view {}").format(sql.Identifier("marts", name)))
        shown = [mart for mart in marts if not mart.is_internal]
        for mart in shown:
            if mart.name in gone:
                _create_view(connection, mart, kept[mart.name])
                _describe(connection, mart)
        ensure_faces(
            connection,
            {mart.name: list(columns_of(connection, "marts", mart.name)) for mart in shown},
        )
        for name, statement in granted:
            if columns_of(connection, "marts", name):
                connection.execute(statement.encode())
        make_again(connection, again)

    _in_short_moments(connection, reshape)


def _granted(
    connection: psycopg.Connection[Any], gone: Mapping[str, Sequence[str]]
) -> list[tuple[str, str]]:
    """The rights that others have on our views which are made anew, each with its view."""
    ours = connection.execute(
        "select oid::bigint, relname from pg_class where relnamespace = 'marts'::regnamespace"
        " and relkind = 'v' and relname = any(%s)",
        ([*gone, *FACES],),
    ).fetchall()
    return [
        (name, statement)
        for oid, name in ours
        for statement in grants_on(connection, oid, gone.get(name, ()))
    ]


def bring_to_shape(connection: psycopg.Connection[Any], marts: Sequence[Mart]) -> None:
    """Give views and faces the stored columns; most nights there is nothing to do."""
    shown = [mart for mart in marts if not mart.is_internal]

    def reshape() -> None:
        for mart in shown:
            _ensure_view(connection, mart)
            _describe(connection, mart)
        ensure_faces(
            connection,
            {mart.name: list(columns_of(connection, "marts", mart.name)) for mart in shown},
        )

    _in_short_moments(connection, reshape)


def _in_short_moments(connection: psycopg.Connection[Any], reshape: Callable[[], None]) -> None:
    """Change what readers may have in use, without making others wait.

    Such a change needs a lock that excludes readers, and a waiting lock makes new readers wait
    behind it: so it is asked for in short moments, until an idle reader lets it through.
    """
    deadline = time.monotonic() + RESHAPE_SECONDS
    while True:
        try:
            with connection.transaction():
                connection.execute(f"set local lock_timeout = '{READERS_WAIT_MS}ms'")
                reshape()
        except psycopg.errors.LockNotAvailable:
            if time.monotonic() > deadline:
                raise PublishRefusedError(
                    "a mart has other columns and its view is in use by a transaction that does "
                    "not end; look for the oldest xact_start in pg_stat_activity"
                ) from None
            time.sleep(RESHAPE_PAUSE_SECONDS)
        else:
            return


def ensure_store(connection: psycopg.Connection[Any], mart: Mart, build: str = "build") -> None:
    """Bring the store to the built table's columns; what readers see stays.

    Raises PublishRefusedError where the store cannot take them.
    """
    check_shape(connection, mart, build)
    built = columns_of(connection, build, mart.name)
    stored = columns_of(connection, "published", mart.name)
    store = sql.Identifier("published", mart.name)
    if not stored:
        connection.execute(
            sql.SQL(
                "create table {store} (like {build}, row_sha uuid not null,"
                " valid_from_run bigint not null, valid_to_run bigint not null)"
            ).format(store=store, build=sql.Identifier(build, mart.name))
        )
        if mart.searched is not None:
            connection.execute(
                sql.SQL(
                    "create index on {} using gin (to_tsvector('english', left({}, {})))"
                ).format(store, sql.Identifier(mart.searched), sql.Literal(SEARCHED_CHARACTERS))
            )
    new = {name: kind for name, kind in built.items() if stored and name not in stored}
    if new:
        _in_short_moments(connection, lambda: _add_columns(connection, store, new))
    _ensure_indexes(connection, mart)


def _add_columns(
    connection: psycopg.Connection[Any], store: sql.Identifier, columns: Mapping[str, str]
) -> None:
    for name, kind in columns.items():
        connection.execute(
            sql.SQL("alter table {} add column {} {}").format(
                store,
                sql.Identifier(name),
                sql.SQL(kind),  # from pg_attribute, not input
            )
        )


def _ensure_view(connection: psycopg.Connection[Any], mart: Mart) -> None:
    stored = columns_of(connection, "published", mart.name)
    now = _built(connection, mart)
    built = [name for name in stored if name not in VERSION_COLUMNS and name in now]
    shown = columns_of(connection, "marts", mart.name)
    if not set(built) <= set(shown) or not _computes(connection, mart):
        _create_view(connection, mart, built)


def _computes(connection: psycopg.Connection[Any], mart: Mart) -> bool:
    """Whether the view computes what the mart leaves to it."""
    if not mart.computed:
        return True
    row = connection.execute(
        "select pg_get_viewdef(to_regclass(%s))", (f"marts.{mart.name}",)
    ).fetchone()
    return row is not None and "ops.publications" in (row[0] or "")


def _ensure_indexes(connection: psycopg.Connection[Any], mart: Mart) -> None:
    """Index the store by company, by the mart's key, and by what else it is asked by.

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
    wanted = [mart.key]
    if mart.by_company:
        wanted.append(("company_id", "valid_to_run"))
    if mart.asked_by:
        wanted.append(mart.asked_by)
    for columns in wanted:
        if columns not in indexed:
            connection.execute(
                sql.SQL("create index on {} ({})").format(
                    store, sql.SQL(", ").join(map(sql.Identifier, columns))
                )
            )
    if ("valid_to_run",) not in indexed:
        # What was closed is looked up to be forgotten; open rows are nearly all.
        connection.execute(
            sql.SQL("create index on {} (valid_to_run) where valid_to_run < {}").format(
                store, sql.Literal(OPEN_END)
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
            select {columns} from {store} {shown}
            where valid_from_run <= (select run_id from ops.current_publication)
                and valid_to_run > (select run_id from ops.current_publication)
            """
        ).format(
            view=sql.Identifier("marts", mart.name),
            store=sql.Identifier("published", mart.name),
            columns=sql.SQL(", ").join(
                sql.SQL("({}) as {}").format(
                    sql.SQL(mart.computed[name]), sql.Identifier(name)
                )  # declared, not input
                if name in mart.computed
                else sql.Identifier(name)
                for name in ordered
            ),
            shown=sql.SQL(_SHOWN if mart.computed else ""),
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
