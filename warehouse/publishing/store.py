"""The versioned store: tonight's rows are staged, compared, applied, and old ones forgotten.

A row of published.<mart> is visible in the runs [valid_from_run, valid_to_run).
"""

from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg import sql

from warehouse.publishing.declared import Mart
from warehouse.publishing.errors import PublishRefusedError
from warehouse.publishing.shape import VERSION_COLUMNS, columns_of

OPEN_END = 2**63 - 1


def audit(connection: psycopg.Connection[Any], mart: Mart) -> None:
    """Refuse a built table without rows, or with a key that is null or there twice."""
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


def stage_rows(connection: psycopg.Connection[Any], mart: Mart) -> int:
    """Copy the built rows into a temporary table with their hash; return how many."""
    columns = _own_columns(connection, mart)
    cursor = connection.execute(
        sql.SQL(
            "create temporary table {} on commit drop as"
            " select {columns}, md5(row({columns})::text)::uuid as row_sha from {}"
        ).format(
            sql.Identifier(f"night_{mart.name}"),
            sql.Identifier("build", mart.name),
            columns=sql.SQL(", ").join(map(sql.Identifier, columns)),
        )
    )
    connection.execute(sql.SQL("analyze {}").format(sql.Identifier(f"night_{mart.name}")))
    return cursor.rowcount


def _own_columns(connection: psycopg.Connection[Any], mart: Mart) -> list[str]:
    # The store's column order, which after an added column may differ from the build's.
    stored = columns_of(connection, "published", mart.name)
    return [name for name in stored if name not in VERSION_COLUMNS]


def content_sha(connection: psycopg.Connection[Any], mart: Mart) -> str:
    """sha256 over the mart's sorted, typed rows, without columns that tell of the load."""
    columns = [
        name
        for name in sorted(columns_of(connection, "build", mart.name))
        if name not in mart.not_hashed
    ]
    row = connection.execute(
        sql.SQL(
            """
            select encode(sha256(convert_to(
                coalesce(string_agg(line, E'\\n' order by line collate "C"), ''), 'UTF8'
            )), 'hex')
            from (
                select encode(sha256(convert_to(row({columns})::text, 'UTF8')), 'hex') as line
                from {night}
            ) rows_of_the_night
            """
        ).format(
            columns=sql.SQL(", ").join(map(sql.Identifier, columns)),
            night=sql.Identifier(f"night_{mart.name}"),
        )
    ).fetchone()
    assert row is not None
    return f"{','.join(columns)}:{row[0]}"


def count_changes(connection: psycopg.Connection[Any], mart: Mart, current: int | None) -> int:
    """Rows that readers of the current run will lose, and rows that they will get."""
    row = connection.execute(
        sql.SQL(
            """
            select count(*)
            from (
                select row_sha from {store}
                where valid_from_run <= %(current)s and valid_to_run > %(current)s
            ) p
            full join {night} n using (row_sha)
            where p.row_sha is null or n.row_sha is null
            """
        ).format(
            store=sql.Identifier("published", mart.name),
            night=sql.Identifier(f"night_{mart.name}"),
        ),
        {"current": current},
    ).fetchone()
    assert row is not None
    return int(row[0])


def apply(
    connection: psycopg.Connection[Any], mart: Mart, run_id: int, current: int | None
) -> None:
    """Close and insert row versions.

    A row is kept when it is open, visible in the current run and built again unchanged. All other
    open rows are closed, rows of runs abandoned by a rollback among them.
    """
    names = {
        "store": sql.Identifier("published", mart.name),
        "night": sql.Identifier(f"night_{mart.name}"),
    }
    parameters = {"run": run_id, "current": current, "open_end": OPEN_END}
    connection.execute(
        sql.SQL(
            """
            update {store} p set valid_to_run = %(run)s
            where p.valid_to_run = %(open_end)s
                and (
                    p.valid_from_run <= %(current)s
                    and exists (select from {night} n where n.row_sha = p.row_sha)
                ) is not true
            """
        ).format(**names),
        parameters,
    )
    columns = _own_columns(connection, mart)
    connection.execute(
        sql.SQL(
            """
            insert into {store} ({columns}, row_sha, valid_from_run, valid_to_run)
            select {columns}, row_sha, %(run)s, %(open_end)s from {night} n
            where not exists (
                select from {store} p
                where p.row_sha = n.row_sha and p.valid_to_run = %(open_end)s
            )
            """
        ).format(**names, columns=sql.SQL(", ").join(map(sql.Identifier, columns))),
        parameters,
    )


def forget_versions(
    connection: psycopg.Connection[Any], marts: Sequence[Mart], oldest_kept: int | None
) -> None:
    """Drop row versions that no publication since that run shows."""
    if oldest_kept is None:
        return
    for mart in marts:
        if mart.keeps_history:
            continue
        connection.execute(
            sql.SQL("delete from {} where valid_to_run <= %s").format(
                sql.Identifier("published", mart.name)
            ),
            (oldest_kept,),
        )
