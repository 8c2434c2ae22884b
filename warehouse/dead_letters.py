"""Dead letters: rows that broke a rule, kept with the answer they came in until they pass."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from operator import itemgetter
from typing import Any, Literal

from sqlalchemy import text

from warehouse.db import Warehouse


@dataclass(frozen=True)
class DeadLetterGroup:
    """The dead letters of one rule; `example_id` is the newest open one, or the newest."""

    source: str
    table_name: str
    rule: str
    open_count: int
    resolved_count: int
    first_at: datetime
    last_at: datetime
    example_id: int


@dataclass(frozen=True)
class DeadLetter:
    """One row that broke a rule, and the newest answer that brought it."""

    rejected_id: int
    source: str
    table_name: str
    rule: str
    detail: str | None
    record: Any
    url: str
    sha256: str
    fetched_at: datetime
    rejected_at: datetime
    load_id: int
    last_load_id: int
    resolved_load_id: int | None


@dataclass(frozen=True)
class Replayable:
    """Open dead letters that one replay can bring, and the captures they came in."""

    data_kind: Literal["sample", "live"]
    as_of: date
    source: str
    captures: frozenset[int]
    rejected_ids: tuple[int, ...]


def are_kept(warehouse: Warehouse) -> bool:
    """Whether this warehouse keeps dead letters; one of an older schema does not."""
    with warehouse.engine.connect() as connection:
        found = connection.execute(
            text(
                "select count(*) from information_schema.columns where table_schema = 'ops'"
                " and table_name = 'rejected_records' and column_name = 'resolved_load_id'"
            )
        ).scalar_one()
    return bool(found)


def list_groups(warehouse: Warehouse, source: str | None = None) -> list[DeadLetterGroup]:
    """All dead letters by source, table and rule."""
    with warehouse.engine.connect() as connection:
        rows = connection.execute(
            text(
                """
                select
                    r.source, r.table_name, r.rule,
                    count(*) filter (where r.resolved_load_id is null) as open_count,
                    count(r.resolved_load_id) as resolved_count,
                    min(r.rejected_at) as first_at,
                    max(l.started_at) as last_at,
                    coalesce(
                        max(r.rejected_id) filter (where r.resolved_load_id is null),
                        max(r.rejected_id)
                    ) as example_id
                from ops.rejected_records as r
                inner join ops.loads as l on l.load_id = r.last_load_id
                where cast(:source as text) is null or r.source = :source
                group by r.source, r.table_name, r.rule
                order by r.source, r.table_name, r.rule
                """
            ),
            {"source": source},
        )
        return [DeadLetterGroup(**row._mapping) for row in rows]


def find(warehouse: Warehouse, rejected_id: int) -> DeadLetter | None:
    """One dead letter by its number."""
    with warehouse.engine.connect() as connection:
        row = connection.execute(
            text(
                """
                select
                    r.rejected_id, r.source, r.table_name, r.rule, r.detail, r.record, c.url,
                    c.sha256, c.fetched_at, r.rejected_at, r.load_id, r.last_load_id,
                    r.resolved_load_id
                from ops.rejected_records as r
                inner join raw.captures as c on c.capture_id = r.last_capture_id
                where r.rejected_id = :rejected_id
                """
            ),
            {"rejected_id": rejected_id},
        ).first()
    return DeadLetter(**row._mapping) if row else None


def replayable(warehouse: Warehouse, source: str | None = None) -> list[Replayable]:
    """The open dead letters, grouped as they can be replayed.

    An answer is asked for as on its logical date, and one request has one answer in a replay.
    """
    with warehouse.engine.connect() as connection:
        rows = connection.execute(
            text(
                """
                select
                    u.data_kind, u.as_of, r.source,
                    dense_rank() over (
                        partition by u.data_kind, u.as_of, r.source, c.request_key
                        order by c.capture_id
                    ) as round,
                    c.capture_id, r.rejected_id
                from ops.rejected_records as r
                inner join raw.captures as c on c.capture_id = r.last_capture_id
                inner join ops.loads as l on l.load_id = r.last_load_id
                inner join ops.runs as u on u.run_id = l.run_id
                where r.resolved_load_id is null
                    and (cast(:source as text) is null or r.source = :source)
                order by u.as_of, r.source, round, r.rejected_id
                """
            ),
            {"source": source},
        ).all()
    return [
        Replayable(
            data_kind,
            as_of,
            name,
            frozenset(row.capture_id for row in members),
            tuple(row.rejected_id for row in members),
        )
        for (data_kind, as_of, name, _), found in groupby(rows, key=itemgetter(0, 1, 2, 3))
        if (members := list(found))
    ]


@dataclass(frozen=True)
class Replayed:
    """What became of dead letters in a replay; `new` are those that came up in place of others."""

    passed: int
    again: int
    new: int


def outcome_of(warehouse: Warehouse, rejected_ids: Sequence[int], run_id: int) -> Replayed:
    """Of these dead letters how many that run resolved or rejected again, and how many it made."""
    with warehouse.engine.connect() as connection:
        row = connection.execute(
            text(
                """
                select
                    count(*) filter (where r.rejected_id = any(:ids) and done.run_id = :run_id),
                    count(*) filter (
                        where r.rejected_id = any(:ids)
                            and r.resolved_load_id is null and seen.run_id = :run_id
                    ),
                    count(*) filter (where made.run_id = :run_id)
                from ops.rejected_records as r
                inner join ops.loads as made on made.load_id = r.load_id
                inner join ops.loads as seen on seen.load_id = r.last_load_id
                left join ops.loads as done on done.load_id = r.resolved_load_id
                """
            ),
            {"ids": list(rejected_ids), "run_id": run_id},
        ).one()
    return Replayed(int(row[0]), int(row[1]), int(row[2]))
