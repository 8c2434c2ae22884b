"""The versioned store: new rows are compared with the open ones, kept, taken back and forgotten.

A row of published.<mart> is visible in the runs [valid_from_run, valid_to_run); one without an end
is open. So rows can be written under a run that no publication shows yet: readers see them when the
pointer moves to that run, and whoever builds reads the open rows as what will be published.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from warehouse.publishing.declared import OPEN_END, Mart
from warehouse.publishing.errors import PublishRefusedError
from warehouse.publishing.shape import VERSION_COLUMNS, columns_of

_IN_BATCH = sql.SQL("company_id in (select company_id from ops.batch)")
# Of a store, where a list leads to the index: a join would read all companies for those of a batch.
_STORED_OF_BATCH = sql.SQL("company_id = any (array(select company_id from ops.batch))")
_EVERYWHERE = sql.SQL("true")


@dataclass(frozen=True)
class Kept:
    """What keeping a mart's rows came to: how many there are, were closed, and were opened."""

    rows: int
    closed: int
    opened: int


def audit(connection: psycopg.Connection[Any], mart: Mart) -> None:
    """Refuse a mart over all companies without rows, or with a key that is null or there twice."""
    key = [sql.Identifier(name) for name in mart.key]
    found = connection.execute(
        sql.SQL(
            "select count(*) - count(distinct row({key})), count(*) filter (where {nulls}),"
            " count(*) from {build}"
        ).format(
            key=sql.SQL(", ").join(key),
            nulls=sql.SQL(" or ").join(sql.SQL("{} is null").format(name) for name in key),
            build=sql.Identifier("build", mart.name),
        )
    ).fetchone()
    assert found is not None
    if not found[2] and not mart.may_be_empty:
        raise PublishRefusedError(f"{mart.name} is empty")
    if found[0] or found[1]:
        raise PublishRefusedError(
            f"{mart.name}: {found[0]} duplicate and {found[1]} null keys in ({', '.join(mart.key)})"
        )


# One statement, so that each row is read and hashed once. Rows are alike when all of their columns
# are, by name: a store that gained a column has another order than a new one.
_KEEP = """
with fresh as materialized (
    select {columns}, {row_sha} as row_sha {content_sha} from {build} where {scope}
),
standing as materialized (
    select ctid as place, row_sha from {store} where valid_to_run = %(open_end)s and {stored_scope}
),
gone as materialized (
    select s.place from standing s left join fresh f on s.row_sha = f.row_sha
    where f.row_sha is null
),
closed as (
    update {store} set valid_to_run = %(run)s
    where ctid = any (array(select place from gone)) and valid_from_run < %(run)s
    returning 1
),
-- What this run opened itself was visible in none.
removed as (
    delete from {store}
    where ctid = any (array(select place from gone)) and valid_from_run = %(run)s
    returning 1
),
opened as (
    insert into {store} ({columns}, row_sha, valid_from_run, valid_to_run)
    select {fresh_columns}, f.row_sha, %(run)s, %(open_end)s
    from fresh f left join standing s on f.row_sha = s.row_sha
    where s.row_sha is null
    returning 1
)
{digests}
select
    (select count(*) from fresh),
    (select count(*) from closed) + (select count(*) from removed),
    (select count(*) from opened)
"""

_DIGESTS = """
, digests as (
    select company_id, count(*) as row_count, encode(sha256(convert_to(
        string_agg({content}::text, '' order by {content}), 'UTF8'
    )), 'hex') as digest
    from fresh group by company_id
),
closed_digests as (
    update ops.company_digests as d set valid_to_run = %(run)s
    where d.mart = %(mart)s and d.valid_to_run = %(open_end)s and {stored_scope}
        and not exists (
            select from digests n
            where n.company_id = d.company_id and n.digest = d.digest
        )
    returning 1
),
opened_digests as (
    insert into ops.company_digests
        (company_id, mart, digest, row_count, valid_from_run, valid_to_run)
    select n.company_id, %(mart)s, n.digest, n.row_count, %(run)s, %(open_end)s
    from digests n
    where not exists (
        select from ops.company_digests d
        where d.company_id = n.company_id and d.mart = %(mart)s and d.digest = n.digest
            and d.valid_to_run = %(open_end)s
    )
    returning 1
)
"""


def keep_rows(
    connection: psycopg.Connection[Any], mart: Mart, run_id: int, build: str = "build"
) -> Kept:
    """Close the open rows that were not built again, and open the new ones, under this run.

    Of a mart by company these are the rows of the batch in work, and their digests are kept too.
    Readers see none of it before the pointer moves to the run. A second call changes nothing.
    """
    # A column that is built no more stays in the store, and new rows have none of it.
    built = columns_of(connection, build, mart.name)
    stored = [name for name in columns_of(connection, "published", mart.name) if name in built]
    hashed = sorted(stored)
    content = [name for name in hashed if name not in mart.not_hashed]
    apart = mart.by_company and content != hashed
    scope = _IN_BATCH if mart.by_company else _EVERYWHERE
    stored_scope = _STORED_OF_BATCH if mart.by_company else _EVERYWHERE
    digests: sql.Composable = sql.SQL("")
    if mart.by_company:
        digests = sql.SQL(_DIGESTS).format(
            content=sql.Identifier("content_sha" if apart else "row_sha"),
            stored_scope=stored_scope,
        )
    row = connection.execute(
        sql.SQL(_KEEP).format(
            columns=sql.SQL(", ").join(map(sql.Identifier, stored)),
            fresh_columns=sql.SQL(", ").join(sql.Identifier("f", name) for name in stored),
            row_sha=_sha(hashed),
            content_sha=(
                sql.SQL(", {} as content_sha").format(_sha(content)) if apart else sql.SQL("")
            ),
            build=sql.Identifier(build, mart.name),
            store=sql.Identifier("published", mart.name),
            scope=scope,
            stored_scope=stored_scope,
            digests=digests,
        ),
        {"run": run_id, "open_end": OPEN_END, "mart": mart.name},
    ).fetchone()
    assert row is not None
    return Kept(*row)


def _sha(columns: Sequence[str]) -> sql.Composed:
    return sql.SQL("md5(row({})::text)::uuid").format(
        sql.SQL(", ").join(map(sql.Identifier, columns))
    )


def content_sha(connection: psycopg.Connection[Any], mart: Mart) -> str:
    """sha256 over the open rows of a mart kept whole, without columns that tell of the load."""
    built = columns_of(connection, "build", mart.name)
    columns = [name for name in sorted(built) if name not in mart.not_hashed]
    row = connection.execute(
        sql.SQL(
            """
            select encode(sha256(convert_to(
                coalesce(string_agg(line::text, '' order by line), ''), 'UTF8'
            )), 'hex')
            from (select {sha} as line from {store} where valid_to_run = %s) rows_of_the_mart
            """
        ).format(sha=_sha(columns), store=sql.Identifier("published", mart.name)),
        (OPEN_END,),
    ).fetchone()
    assert row is not None
    return f"{','.join(columns)}:{row[0]}"


def show_open_rows(
    connection: psycopg.Connection[Any], mart: Mart, of_batch: bool, build: str = "build"
) -> None:
    """Let models read build.<mart> as a view of the store's open rows, of the batch or of everyone.

    For marts that a pass reads and does not build.
    """
    kind = connection.execute(
        "select relkind from pg_class where oid = to_regclass(%s)", (f"{build}.{mart.name}",)
    ).fetchone()
    shown = sql.Identifier(build, mart.name)
    if kind is not None:
        connection.execute(
            sql.SQL("drop {} {} cascade").format(
                sql.SQL("view" if kind[0] == "v" else "table"), shown
            )
        )
    columns = [
        name
        for name in columns_of(connection, "published", mart.name)
        if name not in VERSION_COLUMNS
    ]
    connection.execute(
        sql.SQL(
            "create view {build} as select {columns} from {store}"
            " where valid_to_run = {open_end} and {scope}"
        ).format(
            build=shown,
            columns=sql.SQL(", ").join(map(sql.Identifier, columns)),
            store=sql.Identifier("published", mart.name),
            open_end=sql.Literal(OPEN_END),
            scope=_STORED_OF_BATCH if of_batch else _EVERYWHERE,
        )
    )


def take_back(
    connection: psycopg.Connection[Any],
    marts: Sequence[Mart],
    companies: Sequence[str] | None,
    current: int | None,
    last: int | None,
    run_id: int,
) -> None:
    """Make the open rows of these companies those that readers have; without companies, all rows.

    What no publication shows yet, from after run `last`, is forgotten. Where readers were moved
    back from `last` to `current`, the rows of that run are opened again under this one.
    """
    parameters = {
        "companies": None if companies is None else list(companies),
        "current": -1 if current is None else current,
        "last": -1 if last is None else last,
        "run": run_id,
        "open_end": OPEN_END,
    }
    tables = [("published", mart.name) for mart in marts]
    if companies is not None:
        tables.append(("ops", "company_digests"))
    theirs = "true" if companies is None else "company_id = any(%(companies)s)"
    for schema, name in tables:
        store = sql.Identifier(schema, name)
        names = sql.SQL(", ").join(
            sql.Identifier(column)
            for column in columns_of(connection, schema, name)
            if column not in ("valid_from_run", "valid_to_run")
        )
        statements = [
            "delete from {store} where {theirs} and valid_from_run > %(last)s",
            "update {store} set valid_to_run = %(open_end)s where {theirs}"
            " and valid_to_run > %(last)s and valid_to_run < %(open_end)s",
        ]
        if current != last:
            statements += [
                "update {store} set valid_to_run = %(run)s where {theirs}"
                " and valid_to_run = %(open_end)s and valid_from_run > %(current)s",
                "insert into {store} ({names}, valid_from_run, valid_to_run)"
                " select {names}, %(run)s, %(open_end)s from {store} where {theirs}"
                " and valid_from_run <= %(current)s and valid_to_run > %(current)s"
                " and valid_to_run < %(open_end)s",
            ]
        for statement in statements:
            connection.execute(
                sql.SQL(statement).format(store=store, names=names, theirs=sql.SQL(theirs)),
                parameters,
            )


def forget_versions(
    connection: psycopg.Connection[Any], marts: Sequence[Mart], oldest_kept: int | None
) -> None:
    """Drop row versions that no publication since that run shows."""
    if oldest_kept is None:
        return
    stores = [sql.Identifier("published", mart.name) for mart in marts if not mart.keeps_history]
    for store in [*stores, sql.Identifier("ops", "company_digests")]:
        connection.execute(
            sql.SQL("delete from {} where valid_to_run <= %s").format(store), (oldest_kept,)
        )
