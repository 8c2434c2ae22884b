"""Merging into a compact table: staged rows get ids, and those that say something new are kept.

All steps are over sets, and their plans do not depend on what statistics say of a table that was
empty when it was analysed: rows that are new are hashed and sorted, those that may be there already
are looked up by the leading id of the key.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import Table

from warehouse.tables.base import Compact, Dictionary

# The new word of a dictionary is looked for among the known ones by hash, nulls and all. Two loads
# may bring the same one.
_WORDS = """
insert into {table} ({columns})
select {columns} from {stage} except select {columns} from {table}
order by {columns}
on conflict do nothing
"""

_NAMED = """
create temporary table named on commit drop as
select {columns}, s.capture_id, s.fetched_at from {stage} s {joins}
"""

# Two rows of one answer under one key.
_TWICE = "select exists (select 1 from named group by {key}, capture_id having count(*) > 1)"

# The rows that a staged one may repeat or correct are under the same id that the key begins with.
_ASKED = "create temporary table asked on commit drop as select distinct {id} from named"
# Nothing is to be compared where no filing has rows yet, and each comes in one answer alone.
_ARE_NEW = """
select
    not exists (select 1 from named group by {id} having min(capture_id) <> max(capture_id))
    and not exists (select 1 from asked inner join {values} value on asked.{id} = value.{id})
"""
_ADD = """
insert into {values} ({columns}, capture_id, load_id)
select {columns}, capture_id, {load} from named order by {ids}
"""
_STANDING = """
create temporary table standing on commit drop as
select {columns}, value.capture_id, capture.fetched_at
from asked
inner join {values} value on asked.{id} = value.{id}
inner join raw.captures capture on value.capture_id = capture.capture_id
"""

# A row is new where it says something else than the version before it, by when both were fetched.
_MERGE = """
insert into {values} ({columns}, capture_id, load_id)
select {columns}, capture_id, {load}
from (
    select
        *,
        lag(fetched_at) over by_time as earlier_at,
        {earlier}
    from (
        select {columns}, capture_id, fetched_at, true as is_stored from standing
        union all
        select {columns}, capture_id, fetched_at, false as is_stored from named
    ) versions
    window by_time as (
        partition by {key} order by fetched_at, is_stored desc, capture_id desc
    )
) compared
where not is_stored and (earlier_at is null or (fetched_at > earlier_at and {is_changed}))
order by {key}
"""


_LINEAGE = ("capture_id", "load_id")


def name_rows(connection: psycopg.Connection[Any], table: Table, stage: sql.Composable) -> None:
    """Put ids in the place of the staged rows' words, in a temporary table of this transaction."""
    compact: Compact = table.info["compact"]
    ids = _ids(compact)
    with without(connection, "nestloop"):
        for dictionary in compact.dictionaries:
            connection.execute(
                sql.SQL(_WORDS).format(
                    table=_name(dictionary.table), columns=_names(dictionary.columns), stage=stage
                )
            )
        connection.execute("drop table if exists named")
        connection.execute(
            sql.SQL(_NAMED).format(
                columns=sql.SQL(", ").join(
                    sql.Identifier(name if name in ids else "s", name) for name in _stored(compact)
                ),
                stage=stage,
                joins=sql.SQL(" ").join(map(_joined, compact.dictionaries)),
            )
        )


def has_named_twice(connection: psycopg.Connection[Any], table: Table) -> bool:
    """Whether an answer has two rows under one key, after `name_rows`."""
    compact: Compact = table.info["compact"]
    found = connection.execute(sql.SQL(_TWICE).format(key=_names(compact.key))).fetchone()
    return found is not None and bool(found[0])


def add_new(connection: psycopg.Connection[Any], table: Table, load_id: int) -> int | None:
    """Insert named rows as they are where none can repeat another; return how many.

    None, and nothing is done, where some are to be compared. Raises UniqueViolation for two rows of
    an answer under one key.
    """
    compact: Compact = table.info["compact"]
    names = _statement_names(compact)
    connection.execute(sql.SQL(_ASKED).format(**names))
    with without(connection, "seqscan", "hashjoin", "mergejoin"):
        found = connection.execute(sql.SQL(_ARE_NEW).format(**names)).fetchone()
    connection.execute("drop table asked")
    if found is None or not found[0]:
        return None
    cursor = connection.execute(
        sql.SQL(_ADD).format(
            **names,
            columns=_names(_stored(compact)),
            load=sql.Literal(load_id),
            # Near enough to the key's own order to fill its index from left to right.
            ids=_names([name for name in compact.key if name in _ids(compact)]),
        )
    )
    connection.execute("drop table named")
    return cursor.rowcount


def merge_compact(connection: psycopg.Connection[Any], table: Table, load_id: int) -> int:
    """Insert named rows that differ from the version of their key before; return how many.

    `name_rows` comes before it, in the same transaction.
    """
    compact: Compact = table.info["compact"]
    stored = _stored(compact)
    contents = _contents(compact)
    names = _statement_names(compact)
    connection.execute(sql.SQL(_ASKED).format(**names))
    with without(connection, "seqscan", "hashjoin", "mergejoin"):
        connection.execute(
            sql.SQL(_STANDING).format(
                **names,
                columns=sql.SQL(", ").join(sql.Identifier("value", name) for name in stored),
            )
        )
    cursor = connection.execute(
        sql.SQL(_MERGE).format(
            **names,
            columns=_names(stored),
            load=sql.Literal(load_id),
            earlier=sql.SQL(", ").join(
                sql.SQL("lag({}) over by_time as {}").format(
                    sql.Identifier(name), sql.Identifier(f"earlier_{name}")
                )
                for name in contents
            ),
            # As texts: 1.10 and 1.1 are not the same digits.
            is_changed=sql.SQL("row({})::text <> row({})::text").format(
                _names([f"earlier_{name}" for name in contents]), _names(contents)
            ),
            key=_names(compact.key),
        )
    )
    connection.execute("drop table named, asked, standing")
    return cursor.rowcount


def _statement_names(compact: Compact) -> dict[str, sql.Composable]:
    """The stored table, and the id with which its key begins."""
    return {
        "values": _name(compact.values),
        "id": sql.Identifier(compact.dictionaries[0].id_name),
    }


def _ids(compact: Compact) -> set[str]:
    return {dictionary.id_name for dictionary in compact.dictionaries}


def _stored(compact: Compact) -> list[str]:
    """What a row says, by the columns in which it is stored."""
    return [column.name for column in compact.values.columns if column.name not in _LINEAGE]


def _contents(compact: Compact) -> list[str]:
    """What a row says beside its key."""
    return [name for name in _stored(compact) if name not in compact.key]


@contextmanager
def without(connection: psycopg.Connection[Any], *methods: str) -> Iterator[None]:
    """Let the planner use no such method in the block, whatever it believes of a table's size."""
    for method in methods:
        connection.execute(sql.SQL("set local {} = off").format(sql.Identifier(f"enable_{method}")))
    yield
    for method in methods:
        connection.execute(sql.SQL("set local {} = on").format(sql.Identifier(f"enable_{method}")))


def _joined(dictionary: Dictionary) -> sql.Composable:
    """The join that gives a staged row its id; nulls are words like others."""
    conditions = []
    for name in dictionary.columns:
        staged, known = sql.Identifier("s", name), sql.Identifier(dictionary.id_name, name)
        if dictionary.table.columns[name].nullable:
            # No text of a source is empty, and only like this can a null be hashed.
            form = sql.SQL("coalesce({}::text, '') = coalesce({}::text, '')")
        else:
            form = sql.SQL("{} = {}")
        conditions.append(form.format(staged, known))
    return sql.SQL("inner join {} {} on {}").format(
        _name(dictionary.table),
        sql.Identifier(dictionary.id_name),
        sql.SQL(" and ").join(conditions),
    )


def _name(table: Table) -> sql.Identifier:
    return sql.Identifier("raw", table.name)


def _names(columns: Iterable[str]) -> sql.Composable:
    return sql.SQL(", ").join(map(sql.Identifier, columns))
