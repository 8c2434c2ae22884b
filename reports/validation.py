"""The validation page of a run: every expectation's verdict, what was set aside, what is missing.

Great Expectations' own Data Docs load style sheets, scripts and a tracked logo from elsewhere, and
cannot be read offline; this page reads schema ops and carries all it needs.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from sqlalchemy import text

from reports.page import render, write
from warehouse.db import Warehouse

Row = Mapping[str, Any]

EXAMPLES = 3
EXAMPLE_LENGTH = 240

_RUN = """
    select run_id, data_kind, as_of, status, started_at, finished_at
    from ops.runs
    where run_id = :run_id
"""
# A back-fill loads a table in many batches; a rule has one verdict over all of them.
_VERDICTS = """
    select
        loads.source, results.table_name, results.rule, results.expectation,
        count(*) as batches,
        sum(results.evaluated_rows) as evaluated_rows,
        sum(results.failed_rows) as failed_rows,
        bool_and(results.is_success) as is_success
    from ops.validation_results as results
    inner join ops.loads as loads on results.load_id = loads.load_id
    where loads.run_id = :run_id
    group by loads.source, results.table_name, results.rule, results.expectation
    order by loads.source, results.table_name, results.rule
"""
_REJECTED = """
    select source, table_name, rule, row_count, detail, record
    from (
        select
            rejected.source, rejected.table_name, rejected.rule, rejected.detail, rejected.record,
            count(*) over same_rule as row_count,
            row_number() over (same_rule order by rejected.rejected_id) as place
        from ops.rejected_records as rejected
        inner join ops.loads as loads on rejected.last_load_id = loads.load_id
        where loads.run_id = :run_id
        window same_rule as (
            partition by rejected.source, rejected.table_name, rejected.rule
        )
    ) as numbered
    where place <= :examples
    order by source, table_name, rule, place
"""
_OUTCOMES = """
    select source, step, status, coalesce(detail, '') as detail, subject, row_count
    from ops.outcomes
    where run_id = :run_id and status <> 'ok'
    order by source, step, status, detail, outcome_id
"""


@dataclass(frozen=True)
class TableVerdicts:
    """The verdicts of one table; `failed` counts its broken rules."""

    source: str
    table_name: str
    failed: int
    verdicts: list[Row]


@dataclass(frozen=True)
class RejectedRule:
    """The records that one rule set aside; `examples` are (detail, shortened JSON)."""

    source: str
    table_name: str
    rule: str
    row_count: int
    examples: list[tuple[str, str]]


@dataclass(frozen=True)
class Missing:
    """Outcomes of one kind that were not ok, with what they were about."""

    source: str
    step: str
    status: str
    detail: str
    subjects: list[str]
    row_count: int | None


def write_validation_page(warehouse: Warehouse, run_id: int, path: Path) -> Path:
    """Write the page of run `run_id` to `path`.

    Raises LookupError when there is no such run and OSError when `path` cannot be written.
    """
    engine = warehouse.engine.execution_options(
        # One snapshot, so that the counts of a run in work agree with each other.
        isolation_level="REPEATABLE READ",
        postgresql_readonly=True,
    )
    with engine.connect() as connection:

        def rows(statement: str, **values: int) -> list[Row]:
            found = connection.execute(text(statement), {"run_id": run_id, **values})
            return [dict(row._mapping) for row in found]

        runs = rows(_RUN)
        if not runs:
            raise LookupError(f"run {run_id} is not in ops.runs; name one that is")
        page = render_validation(
            runs[0], rows(_VERDICTS), rows(_REJECTED, examples=EXAMPLES), rows(_OUTCOMES)
        )
    return write(page, path)


def render_validation(
    run: Row, verdicts: Sequence[Row], rejected: Sequence[Row], outcomes: Sequence[Row]
) -> str:
    """The page's HTML; all rows are sorted by source, table and rule, or by kind of outcome."""
    tables = group_verdicts(verdicts)
    rules = group_rejected(rejected)
    return render(
        "validation.html.j2",
        run=run,
        tables=tables,
        expectation_count=len(verdicts),
        failed_count=sum(table.failed for table in tables),
        rejected=rules,
        rejected_count=sum(rule.row_count for rule in rules),
        missing=group_outcomes(outcomes),
    )


def group_verdicts(verdicts: Iterable[Row]) -> list[TableVerdicts]:
    """The verdicts by table."""
    tables = []
    for (source, table_name), group in groupby(
        verdicts, key=lambda row: (row["source"], row["table_name"])
    ):
        found = list(group)
        failed = sum(not row["is_success"] for row in found)
        tables.append(TableVerdicts(source, table_name, failed, found))
    return tables


def group_rejected(rejected: Iterable[Row]) -> list[RejectedRule]:
    """The rejected records by rule; `row_count` counts those without an example too."""
    rules = []
    for (source, table_name, rule, row_count), group in groupby(
        rejected,
        key=lambda row: (row["source"], row["table_name"], row["rule"], row["row_count"]),
    ):
        examples = [(row["detail"] or "", shortened(row["record"])) for row in group]
        rules.append(RejectedRule(source, table_name, rule, row_count, examples))
    return rules


def group_outcomes(outcomes: Iterable[Row]) -> list[Missing]:
    """Outcomes of the same source, step, status and detail in one line."""
    lines = []
    for (source, step, status, detail), group in groupby(
        outcomes, key=lambda row: (row["source"], row["step"], row["status"], row["detail"])
    ):
        found = list(group)
        counts = [row["row_count"] for row in found if row["row_count"] is not None]
        lines.append(
            Missing(
                source=source,
                step=step,
                status=status,
                detail=detail,
                subjects=[row["subject"] for row in found],
                row_count=sum(counts) if counts else None,
            )
        )
    return lines


def shortened(record: object) -> str:
    """A record as JSON on one line, cut with an ellipsis after EXAMPLE_LENGTH characters."""
    line = json.dumps(record, ensure_ascii=False, default=str)
    return line if len(line) <= EXAMPLE_LENGTH else line[: EXAMPLE_LENGTH - 1] + "…"
