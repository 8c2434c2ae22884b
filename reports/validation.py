"""The validation page of a run: every expectation's verdict, what was set aside, what is missing.

Great Expectations' own Data Docs load style sheets, scripts and a tracked logo from elsewhere, and
cannot be read offline; this page reads schema ops and carries all it needs.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from reports.page import render, write
from warehouse.db import Warehouse
from warehouse.read.connection import open_operator
from warehouse.read.runs import (
    Outcome,
    Rejected,
    Run,
    Verdict,
    find_run,
    outcomes,
    rejected,
    verdicts,
)

EXAMPLES = 3
EXAMPLE_LENGTH = 240


@dataclass(frozen=True)
class TableVerdicts:
    """The verdicts of one table; `failed` counts its broken rules."""

    source: str
    table_name: str
    failed: int
    verdicts: list[Verdict]


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

    Raises QuestionError when there is no such run and OSError when `path` cannot be written.
    """
    with open_operator(warehouse) as connection:
        page = render_validation(
            find_run(connection, run_id),
            verdicts(connection, run_id),
            rejected(connection, run_id, EXAMPLES),
            outcomes(connection, run_id),
        )
    return write(page, path)


def render_validation(
    run: Run,
    judged: Sequence[Verdict],
    set_aside: Sequence[Rejected],
    not_ok: Sequence[Outcome],
) -> str:
    """The page's HTML; all rows are sorted by source, table and rule, or by kind of outcome."""
    tables = group_verdicts(judged)
    rules = group_rejected(set_aside)
    return render(
        "validation.html.j2",
        run=run,
        tables=tables,
        expectation_count=len(judged),
        failed_count=sum(table.failed for table in tables),
        rejected=rules,
        rejected_count=sum(rule.row_count for rule in rules),
        missing=group_outcomes(not_ok),
    )


def group_verdicts(judged: Iterable[Verdict]) -> list[TableVerdicts]:
    """The verdicts by table."""
    tables = []
    for (source, table_name), group in groupby(
        judged, key=lambda row: (row.source, row.table_name)
    ):
        found = list(group)
        failed = sum(not row.is_success for row in found)
        tables.append(TableVerdicts(source, table_name, failed, found))
    return tables


def group_rejected(set_aside: Iterable[Rejected]) -> list[RejectedRule]:
    """The rejected records by rule; `row_count` counts those without an example too."""
    rules = []
    for (source, table_name, rule, row_count), group in groupby(
        set_aside,
        key=lambda row: (row.source, row.table_name, row.rule, row.row_count),
    ):
        examples = [(row.detail or "", shortened(row.record)) for row in group]
        rules.append(RejectedRule(source, table_name, rule, row_count, examples))
    return rules


def group_outcomes(not_ok: Iterable[Outcome]) -> list[Missing]:
    """Outcomes of the same source, step, status and detail in one line."""
    lines = []
    for (source, step, status, detail), group in groupby(
        not_ok, key=lambda row: (row.source, row.step, row.status, row.detail)
    ):
        found = list(group)
        counts = [row.row_count for row in found if row.row_count is not None]
        lines.append(
            Missing(
                source=source,
                step=step,
                status=status,
                detail=detail,
                subjects=[row.subject for row in found],
                row_count=sum(counts) if counts else None,
            )
        )
    return lines


def shortened(record: object) -> str:
    """A record as JSON on one line, cut with an ellipsis after EXAMPLE_LENGTH characters."""
    line = json.dumps(record, ensure_ascii=False, default=str)
    return line if len(line) <= EXAMPLE_LENGTH else line[: EXAMPLE_LENGTH - 1] + "…"
