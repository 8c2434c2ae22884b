"""Load packages: COPY into unlogged stage tables, set bad rows aside, merge in one transaction."""

import json
import logging
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

import psycopg
from psycopg import sql
from sqlalchemy import Table, text
from sqlalchemy.dialects import postgresql

from warehouse.compact import add_new, has_named_twice, merge_compact, name_rows, without
from warehouse.db import Warehouse
from warehouse.tables import SOURCE_TABLES, record_columns
from warehouse.writer import Hold

log = logging.getLogger(__name__)

# More than this share of a table's rows failing means the source changed, not that rows are bad.
MAX_REJECTED_SHARE = 0.5

_LINEAGE = ("capture_id", "fetched_at")

# An escaped NUL, which jsonb cannot hold; not a backslash of the text before "u0000".
_ESCAPED_NUL = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")


# What is rejected once more is one dead letter still, and open.
_SEEN_AGAIN = """
on conflict (table_name, rule, record_sha) do update set
    last_load_id = excluded.last_load_id, last_capture_id = excluded.last_capture_id,
    resolved_load_id = null
"""


class RejectRule(Protocol):
    """A row-level rule: rows for which `reject_where` is true are set aside."""

    @property
    def name(self) -> str: ...
    @property
    def reject_where(self) -> str | None: ...


class LoadRefusedError(RuntimeError):
    """A package that must not be merged; the raw tables stay as they were."""


@dataclass
class Load:
    """An open load package of one source: rows go to stage, nothing to raw until `merge`."""

    warehouse: Warehouse
    run_id: int
    source: str
    load_id: int
    connection: psycopg.Connection[Any]
    staged: dict[str, int] = field(default_factory=dict)
    # The captures that were understood, those that had no row among them.
    captures: set[int] = field(default_factory=set)

    def stage_table(self, table_name: str) -> str:
        return f"{table_name}_{self.load_id}"


@dataclass(frozen=True)
class LoadResult:
    """Row counts of a merged package, per raw table; `refused` names whose rows were left out."""

    staged: dict[str, int]
    rejected: dict[str, int]
    new: dict[str, int]
    refused: dict[str, list[str]] = field(default_factory=dict)


def open_load(warehouse: Warehouse, run_id: int, source: str) -> Load:
    """Start a load package; stage tables of packages that nobody finished are dropped first."""
    connection = psycopg.connect(warehouse.psycopg_dsn())
    try:
        _sweep_orphans(connection, run_id, source)
        row = connection.execute(
            "insert into ops.loads (run_id, source, started_at) values (%s, %s, clock_timestamp())"
            " returning load_id",
            (run_id, source),
        ).fetchone()
        connection.commit()
    except BaseException:
        connection.close()
        raise
    assert row is not None
    return Load(warehouse, run_id, source, row[0], connection)


def _sweep_orphans(connection: psycopg.Connection[Any], run_id: int, source: str) -> None:
    """Close packages of this source that a killed night left open and drop their stage tables.

    One of the same run is alive: it is merged while another is filled.
    """
    abandoned = connection.execute(
        "update ops.loads set status = 'failed', finished_at = clock_timestamp()"
        " where source = %s and status = 'open' and run_id <> %s returning load_id",
        (source, run_id),
    ).fetchall()
    for (load_id,) in abandoned:
        _drop_stage(connection, load_id)


def _drop_stage(connection: psycopg.Connection[Any], load_id: int) -> None:
    names = connection.execute(
        "select tablename from pg_tables where schemaname = 'stage' and tablename ~ %s",
        (f"_{load_id}$",),
    ).fetchall()
    for (name,) in names:
        connection.execute(sql.SQL("drop table {}").format(sql.Identifier("stage", name)))


def stage_rows(
    load: Load,
    table_name: str,
    records: Sequence[tuple[Any, ...]],
    capture_id: int,
    fetched_at: datetime,
) -> int:
    """COPY records of one capture into the package's stage table and return how many."""
    lineage = (capture_id, fetched_at)
    with _copy_to_stage(load, table_name, len(records)) as copy:
        for record in records:
            copy.write_row((*record, *lineage))
    return len(records)


def stage_lines(
    load: Load, table_name: str, text: str, count: int, capture_id: int, fetched_at: datetime
) -> int:
    """Stage `count` rows of one capture that are lines of COPY's text format, unescaped."""
    with _copy_to_stage(load, table_name, count, (capture_id, fetched_at)) as copy:
        copy.write(text)
    return count


@contextmanager
def _copy_to_stage(
    load: Load, table_name: str, count: int, lineage: tuple[int, datetime] | None = None
) -> Iterator[psycopg.Copy]:
    """A COPY of so many rows into the package's stage table.

    With a `lineage` the rows end before it, and the table fills it in, which costs less than two
    more columns to send and read.
    """
    table = SOURCE_TABLES[table_name]
    if table_name not in load.staged:
        _create_stage(load, table)
    columns = [column.name for column in record_columns(table)]
    if lineage is None:
        columns += _LINEAGE
    else:
        for name, value in zip(_LINEAGE, lineage, strict=True):
            load.connection.execute(
                sql.SQL("alter table {} alter {} set default {}").format(
                    _stage(load, table), sql.Identifier(name), sql.Literal(value)
                )
            )
    statement = sql.SQL("copy {} ({}) from stdin").format(
        _stage(load, table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with load.connection.cursor().copy(statement) as copy:
        yield copy
    load.connection.commit()
    load.staged[table_name] = load.staged.get(table_name, 0) + count


def _create_stage(load: Load, table: Table) -> None:
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    columns = [
        sql.SQL("{} {}").format(
            sql.Identifier(column.name), sql.SQL(column.type.compile(dialect=dialect))
        )
        for column in record_columns(table)
    ]
    load.connection.execute(
        sql.SQL("create unlogged table {} ({}, capture_id bigint, fetched_at timestamptz)").format(
            sql.Identifier("stage", load.stage_table(table.name)), sql.SQL(", ").join(columns)
        )
    )
    load.connection.commit()
    load.staged[table.name] = 0


def record_rejects(load: Load, rejects: Iterable[tuple[str, str, str, Any]], capture: int) -> int:
    """Keep rows that a parser could not type: (table, rule, detail, row); return how many."""
    count = 0
    for table_name, rule, detail, row in rejects:
        body = _ESCAPED_NUL.sub(r"\1", json.dumps(row, default=str, sort_keys=True))
        load.connection.execute(
            f"""
            insert into ops.rejected_records (
                load_id, source, table_name, rule, detail, record, record_sha, capture_id,
                rejected_at, last_load_id, last_capture_id
            )
            values (
                %(load)s, %(source)s, %(table)s, %(rule)s, %(detail)s, %(body)s::text::jsonb,
                md5(%(body)s::text)::uuid, %(capture)s, clock_timestamp(), %(load)s, %(capture)s
            )
            {_SEEN_AGAIN}
            """,
            {
                "load": load.load_id,
                "source": load.source,
                "table": table_name,
                "rule": rule,
                "detail": detail,
                "body": body,
                "capture": capture,
            },
        )
        count += 1
    load.connection.commit()
    return count


def merge(
    load: Load,
    rules: Mapping[str, Sequence[RejectRule]],
    hold: Hold | None = None,
    max_rejected_share: float = MAX_REJECTED_SHARE,
) -> LoadResult:
    """Set failing rows aside and merge the rest into raw, all in one transaction.

    `rules` are those of each table that may have failing rows. `hold` keeps the right to write
    until the transaction ends, or raises where it is lost.

    Identical re-delivery changes no row; a changed value under the same key is a new row. Where
    most rows of a company are bad, none of its rows in that table are merged, and the others' are.
    Raises LoadRefusedError, and merges nothing, when that is so of most companies, or of most rows
    of a table that is of no company.
    """
    try:
        return _merge_accepted(load, rules, hold, max_rejected_share)
    except LoadRefusedError:
        # What was refused stays to be looked at, though nothing of it is merged.
        with load.connection.transaction():
            for table_name in sorted(load.staged):
                _set_aside_by_words(load, SOURCE_TABLES[table_name], rules[table_name])
        raise


def _merge_accepted(
    load: Load,
    rules: Mapping[str, Sequence[RejectRule]],
    hold: Hold | None,
    max_rejected_share: float,
) -> LoadResult:
    rejected: dict[str, int] = {}
    new: dict[str, int] = {}
    refused: dict[str, list[str]] = {}
    connection = load.connection
    with connection.transaction():
        if hold is not None:
            hold(connection)
        # What a package holds is named, sorted and hashed in memory.
        connection.execute("set local work_mem = '128MB'")
        connection.execute("set local temp_buffers = '128MB'")
        for table_name in sorted(load.staged):
            table = SOURCE_TABLES[table_name]
            is_named = False
            if table.info["compact"] is not None and not rules[table_name]:
                added, is_named = _add_all(load, table)
                if added is not None:
                    rejected[table_name], new[table_name] = 0, added
                    continue
            subjects = _rows_by_subject(load, table)
            rejected[table_name] = _set_aside(load, table, rules[table_name], is_named)
            left = _rows_by_subject(load, table) if rejected[table_name] else subjects
            bad = [
                subject
                for subject, rows in subjects.items()
                if rows - left.get(subject, 0) > rows * max_rejected_share
            ]
            if 2 * len(bad) > len(subjects) > 0:
                raise LoadRefusedError(
                    f"{load.source}: {rejected[table_name]} of {load.staged[table_name]} rows of "
                    f"{table_name} break a rule; the package is refused whole: see "
                    "ops.validation_results"
                )
            if bad:
                refused[table_name] = bad
                _leave_out(load, table, bad)
            new[table_name] = _merge_table(load, table)
        _resolve(load)
        connection.execute(
            "update ops.loads set status = 'loaded', finished_at = clock_timestamp(),"
            " rows_staged = %s, rows_rejected = %s, rows_new = %s where load_id = %s",
            (
                sum(load.staged.values()),
                sum(rejected.values()),
                sum(new.values()),
                load.load_id,
            ),
        )
        _drop_stage(connection, load.load_id)
    connection.close()
    return LoadResult(dict(load.staged), rejected, new, refused)


def abandon(load: Load) -> None:
    """Close a package that failed; raw keeps what it had.

    Where the connection is lost the next `open_load` of the source does it instead.
    """
    connection = load.connection
    if connection.closed:
        return
    try:
        connection.rollback()
        with connection.transaction():
            connection.execute(
                "update ops.loads set status = 'failed', finished_at = clock_timestamp()"
                " where load_id = %s",
                (load.load_id,),
            )
            _drop_stage(connection, load.load_id)
    except psycopg.OperationalError as error:
        log.warning(
            "%s: package %s is left to the next night: %s", load.source, load.load_id, error
        )
    finally:
        connection.close()


def _stage(load: Load, table: Table) -> sql.Identifier:
    return sql.Identifier("stage", load.stage_table(table.name))


def _hash(columns: Iterable[str]) -> sql.Composed:
    return sql.SQL("md5(row({})::text)::uuid").format(
        sql.SQL(", ").join(sql.Identifier("s", name) for name in columns)
    )


def _add_all(load: Load, table: Table) -> tuple[int | None, bool]:
    """Insert all rows of a compact table that break no rule, where none can repeat another.

    Returns how many they were, None where they are to be compared, and whether they are named.
    """
    try:
        with load.connection.transaction():
            name_rows(load.connection, table, _stage(load, table))
            return add_new(load.connection, table, load.load_id), True
    except psycopg.errors.UniqueViolation:
        # Two rows of one answer under one key, which are to be set aside.
        return None, False


def _set_aside(load: Load, table: Table, rules: Sequence[RejectRule], is_named: bool) -> int:
    """Copy rows that break a rule to ops.rejected_records, then delete them from stage.

    The rows of a compact table that are left are named.
    """
    stage = _stage(load, table)
    is_compact = table.info["compact"] is not None
    # Ids say in a fraction of the time whether two rows can conflict at all.
    if is_named and not has_named_twice(load.connection, table):
        return 0
    rejected = _set_aside_by_words(load, table, rules)
    if is_compact:
        name_rows(load.connection, table, stage)
    return rejected


def _set_aside_by_words(load: Load, table: Table, rules: Sequence[RejectRule]) -> int:
    stage = _stage(load, table)
    key = [sql.Identifier(name) for name in table.info["key"]]
    payload = _hash(column.name for column in record_columns(table))
    # Two different rows under one key in one answer: nobody can say which is right. Keys that are
    # there twice are found by a short hash first, and then looked at themselves.
    twice = sql.SQL(
        "hash_record_extended(row({key}, s.capture_id), 0) in ("
        "select hash_record_extended(row({key}, s.capture_id), 0) from {stage} s"
        " group by 1 having count(*) > 1)"
    ).format(key=sql.SQL(", ").join(key), stage=stage)
    conflict = sql.SQL(
        "{twice} and (row({key})::text, s.capture_id) in ("
        "select row({key})::text, s.capture_id from {stage} s where {twice}"
        " group by 1, 2 having count(distinct {payload}) > 1)"
    ).format(twice=twice, key=sql.SQL(", ").join(key), stage=stage, payload=payload)
    predicates: list[tuple[str, sql.Composable]] = [("conflicting_key", conflict)]
    if (amount := table.info["amount"]) is not None:
        predicates = _with_twins(table, stage, twice, conflict, amount)
    predicates += [
        # Rules are constants of this project, never input.
        (rule.name, sql.SQL(rule.reject_where))
        for rule in rules
        if rule.reject_where
    ]
    # What breaks nothing needs no further scan, as one scan says.
    broken = load.connection.execute(
        sql.SQL("select {} from {} s").format(
            sql.SQL(", ").join(
                sql.SQL("coalesce(bool_or({}), false)").format(predicate)
                for _, predicate in predicates
            ),
            stage,
        )
    ).fetchone()
    assert broken is not None
    predicates = [rule for rule, is_broken in zip(predicates, broken, strict=True) if is_broken]
    if not predicates:
        return 0
    for name, predicate in predicates:
        load.connection.execute(
            sql.SQL(
                """
                insert into ops.rejected_records (
                    load_id, source, table_name, rule, record, record_sha, capture_id, rejected_at,
                    last_load_id, last_capture_id
                )
                select distinct on (record_sha)
                    %(load_id)s::bigint, %(source)s::text, %(table)s::text, %(rule)s::text,
                    record, record_sha, capture_id, clock_timestamp(), %(load_id)s::bigint,
                    max(capture_id) over (partition by record_sha)
                from (
                    select
                        to_jsonb(s) - 'capture_id' - 'fetched_at' as record,
                        {payload} as record_sha,
                        s.capture_id
                    from {stage} s where ({predicate}) is true
                ) found
                order by record_sha, capture_id
                {seen_again}
                """
            ).format(
                payload=payload,
                stage=stage,
                predicate=predicate,
                seen_again=sql.SQL(_SEEN_AGAIN),
            ),
            {
                "load_id": load.load_id,
                "source": load.source,
                "table": table.name,
                "rule": name,
            },
        )
    any_of = sql.SQL(" or ").join(sql.SQL("({}) is true").format(p) for _, p in predicates)
    cursor = load.connection.execute(sql.SQL("delete from {} s where {}").format(stage, any_of))
    return cursor.rowcount


def _with_twins(
    table: Table,
    stage: sql.Identifier,
    twice: sql.Composable,
    conflict: sql.Composable,
    amount: str,
) -> list[tuple[str, sql.Composable]]:
    """The rules for rows under one key where one is the other one rounded: the exact one stays.

    More than two rows, or two that differ by more than that, are in conflict as ever.
    """
    key = sql.SQL(", ").join(
        sql.Identifier("s", name) for name in (*table.info["key"], "capture_id")
    )
    # An amount that ends in six zeros may be up to half a million off.
    pairs = sql.SQL(
        "select * from (select s.ctid, s.{amount},"
        " count(*) over one as rows_of_key, sum(s.{amount}) over one - s.{amount} as other"
        " from {stage} s where {twice} window one as (partition by {key})) pairs"
        " where rows_of_key = 2 and {amount} <> other"
    ).format(stage=stage, twice=twice, key=key, amount=sql.Identifier(amount))
    is_rough = "abs(amount - other) * 2 <= power(10::numeric, {zeros}) and {zeros} >= 3"
    zeros = "length(substring(trim_scale({})::text from '0*$'))"
    rough, exact = (
        sql.SQL("s.ctid in (select ctid from ({}) twin (ctid, amount, n, other) where {})").format(
            pairs, sql.SQL(is_rough.format(zeros=zeros.format(of)))
        )
        for of in ("amount", "other")
    )
    return [
        ("rounded_twin", rough),
        (
            "conflicting_key",
            sql.SQL("({}) and not ({}) and not ({})").format(conflict, rough, exact),
        ),
    ]


def _subject(table: Table) -> sql.Composable:
    """Whose a row is; all rows are one subject's in a table that is of no company."""
    changes = table.info["changes"]
    return (
        sql.SQL("''") if changes is None else sql.SQL("{}::text").format(sql.Identifier(changes.by))
    )


def _rows_by_subject(load: Load, table: Table) -> dict[str, int]:
    rows = load.connection.execute(
        sql.SQL("select {}, count(*) from {} group by 1").format(
            _subject(table), _stage(load, table)
        )
    )
    return {subject or "": count for subject, count in rows}


def _leave_out(load: Load, table: Table, subjects: Sequence[str]) -> None:
    """Drop what is left of these subjects' rows: of mostly bad rows the others are in doubt."""
    load.connection.execute(
        sql.SQL("delete from {} where coalesce({}, '') = any(%s)").format(
            _stage(load, table), _subject(table)
        ),
        (list(subjects),),
    )
    if table.info["compact"] is not None:
        name_rows(load.connection, table, _stage(load, table))


def _resolve(load: Load) -> None:
    """Close the dead letters of these captures that did not come up again: they pass now."""
    load.connection.execute(
        "update ops.rejected_records set resolved_load_id = %(load)s"
        " where source = %(source)s and resolved_load_id is null and last_load_id <> %(load)s"
        " and last_capture_id = any(%(captures)s)",
        {"load": load.load_id, "source": load.source, "captures": sorted(load.captures)},
    )


def _merge_table(load: Load, table: Table) -> int:
    """Insert rows that differ from the version of their key in force when they were fetched."""
    if table.info["compact"] is not None:
        return merge_compact(load.connection, table, load.load_id)
    stage = _stage(load, table)
    names = [column.name for column in record_columns(table)]
    # The last version is looked up for each row: of a table that was empty when it was analysed
    # the planner believes that it is as well read whole each time.
    with without(load.connection, "seqscan"):
        return _merge_rows(load, table, stage, names)


def _merge_rows(load: Load, table: Table, stage: sql.Identifier, names: Sequence[str]) -> int:
    cursor = load.connection.execute(
        sql.SQL(
            """
            with staged as (
                select distinct on (key_sha, fetched_at) *
                from (
                    select s.*, {key} as key_sha, {payload} as content_sha from {stage} s
                ) hashed
                order by key_sha, fetched_at, capture_id desc
            ),
            with_earlier as (
                select
                    staged.*,
                    lag(staged.content_sha) over by_key as earlier_sha,
                    lag(staged.fetched_at) over by_key as earlier_at
                from staged
                window by_key as (partition by staged.key_sha order by staged.fetched_at)
            ),
            with_previous as (
                select
                    e.*,
                    -- Between two answers of this package a version may be stored already.
                    case
                        when known.fetched_at >= e.earlier_at then known.content_sha
                        else coalesce(e.earlier_sha, known.content_sha)
                    end as previous_sha
                from with_earlier e
                left join lateral (
                    select t.content_sha, t.fetched_at from {target} t
                    where t.key_sha = e.key_sha and t.fetched_at <= e.fetched_at
                    order by t.fetched_at desc
                    limit 1
                ) known on true
            )
            insert into {target} (
                {columns}, key_sha, content_sha, capture_id, fetched_at, load_id
            )
            select {columns}, key_sha, content_sha, capture_id, fetched_at, %s
            from with_previous
            where content_sha is distinct from previous_sha
            on conflict (key_sha, fetched_at) do nothing
            """
        ).format(
            key=_hash(table.info["key"]),
            payload=_hash(names),
            stage=stage,
            target=sql.Identifier("raw", table.name),
            columns=sql.SQL(", ").join(map(sql.Identifier, names)),
        ),
        (load.load_id,),
    )
    return cursor.rowcount


def analyze_raw(warehouse: Warehouse) -> None:
    """Refresh planner statistics of raw tables, so that the first dbt run plans on real sizes."""
    with warehouse.engine.begin() as connection:
        for table in SOURCE_TABLES.values():
            compact = table.info["compact"]
            stored = (
                [table]
                if compact is None
                else [compact.values, *(dictionary.table for dictionary in compact.dictionaries)]
            )
            for part in stored:
                connection.execute(text(f"analyze raw.{part.name}"))
