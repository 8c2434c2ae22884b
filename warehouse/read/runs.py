"""What a run did, for its validation page: schema ops, which operators alone may read."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import psycopg

from warehouse.read.connection import fetch
from warehouse.read.errors import QuestionError


@dataclass(frozen=True)
class Run:
    """A run and how it ended; `finished_at` is None while it works."""

    run_id: int
    data_kind: str
    as_of: date
    status: str
    started_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True)
class Verdict:
    """A rule's verdict over all batches of a run; counts are rows, but for `batches`."""

    source: str
    table_name: str
    rule: str
    expectation: str
    batches: int
    evaluated_rows: int
    failed_rows: int
    is_success: bool


@dataclass(frozen=True)
class Rejected:
    """A record that a rule set aside; `row_count` is of all that the rule set aside."""

    source: str
    table_name: str
    rule: str
    row_count: int
    detail: str | None
    record: Any


@dataclass(frozen=True)
class Outcome:
    """A fetch, parse, validation or load that was not ok."""

    source: str
    step: str
    status: str
    detail: str
    subject: str
    row_count: int | None


def find_run(connection: psycopg.Connection[Any], run_id: int) -> Run:
    """The run with this number; raises QuestionError where there is none."""
    found = fetch(
        connection, Run, "select {columns} from ops.runs where run_id = %(run_id)s", run_id=run_id
    )
    if not found:
        raise QuestionError(f"run {run_id} is not in ops.runs; name one that is")
    return found[0]


def verdicts(connection: psycopg.Connection[Any], run_id: int) -> list[Verdict]:
    """Every rule's verdict, by source and table; a back-fill's many batches have one."""
    return fetch(
        connection,
        Verdict,
        """
        select
            loads.source, results.table_name, results.rule, results.expectation,
            count(*) as batches,
            sum(results.evaluated_rows)::bigint as evaluated_rows,
            sum(results.failed_rows)::bigint as failed_rows,
            bool_and(results.is_success) as is_success
        from ops.validation_results as results
        inner join ops.loads as loads on results.load_id = loads.load_id
        where loads.run_id = %(run_id)s
        group by loads.source, results.table_name, results.rule, results.expectation
        order by loads.source, results.table_name, results.rule
        """,
        run_id=run_id,
    )


def rejected(connection: psycopg.Connection[Any], run_id: int, examples: int) -> list[Rejected]:
    """Up to `examples` rejected records of each rule, by source, table and rule."""
    return fetch(
        connection,
        Rejected,
        """
        select source, table_name, rule, row_count, detail, record
        from (
            select
                rejected.source, rejected.table_name, rejected.rule, rejected.detail,
                rejected.record,
                count(*) over same_rule as row_count,
                row_number() over (same_rule order by rejected.rejected_id) as place
            from ops.rejected_records as rejected
            inner join ops.loads as loads on rejected.last_load_id = loads.load_id
            where loads.run_id = %(run_id)s
            window same_rule as (
                partition by rejected.source, rejected.table_name, rejected.rule
            )
        ) as numbered
        where place <= %(examples)s
        order by source, table_name, rule, place
        """,
        run_id=run_id,
        examples=examples,
    )


def outcomes(connection: psycopg.Connection[Any], run_id: int) -> list[Outcome]:
    """What was not ok, by source, step, status and detail."""
    return fetch(
        connection,
        Outcome,
        """
        select source, step, status, coalesce(detail, '') as detail, subject, row_count
        from ops.outcomes
        where run_id = %(run_id)s and status <> 'ok'
        order by source, step, status, detail, outcome_id
        """,
        run_id=run_id,
    )
