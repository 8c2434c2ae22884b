"""Gates: what was built of the batch in work is compared with what readers have, by company.

A company whose numbers got worse is held back; an operator may override that, with a reason that is
kept. Keys and shapes are audited elsewhere and cannot be overridden.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from typing import Any, LiteralString

import psycopg
from psycopg import sql

CHECK_FAILED_LIMIT = 0.02
LOST_LIMIT = 0.05
CERTIFICATE_GATE = "certificate"
_SHOWN = 5

_FACTS = "fct_financials"
_CERTIFICATE = "mart_accuracy_certificate"

# Sound cells that readers have of the batch's companies, beside what was built, by line.
_COMPARED = """
select
    scope.company_id,
    max(coalesce(night.ticker, before.ticker, scope.company_id)) as shown_as,
    scope.line,
    count(before.status) as ok_before,
    count(night.status) filter (where night.status = 'ok') as ok_now,
    count(*) filter (
        where before.status = 'ok' and night.blank_reason = 'check_failed'
    ) as newly_failed,
    count(*) filter (where before.status = 'ok' and night.status is distinct from 'ok') as lost,
    bool_or(unreachable.cik is not null) as is_unreachable
from (
    select * from published.fct_financials
    where status = 'ok' and company_id = any (array(select company_id from ops.batch))
        and valid_from_run <= %(current)s and valid_to_run > %(current)s
) before
full join (
    select * from {build}.fct_financials where company_id in (select company_id from ops.batch)
) night using (cik, line, period_type, period_end)
cross join lateral (
    select coalesce(before.company_id, night.company_id) as company_id, line, cik
) scope
left join intermediate.int_companies__unreachable unreachable on unreachable.cik = scope.cik
group by scope.company_id, scope.line
"""

_WRONG = """
select company_id, concat_ws(' ', ticker, line, period_type, period_end,
    'is', coalesce(answer_value::text, 'blank'),
    'and should be', coalesce(truth_value::text, 'blank'))
from {build}.mart_accuracy_certificate
where verdict in ('wrong', 'invented') and company_id in (select company_id from ops.batch)
order by 1, 2
"""


@dataclass(frozen=True)
class GateFailure:
    """A gate that a company's new rows do not pass."""

    gate: str
    company_id: str
    found: str

    def __str__(self) -> str:
        return f"{self.gate}: {self.found}"


@dataclass
class Coverage:
    """Sound cells before and now, by company and by line, over all batches."""

    before: Counter[tuple[str, str]] = field(default_factory=Counter)
    now: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, other: "Coverage") -> None:
        """Count another batch in."""
        self.before.update(other.before)
        self.now.update(other.now)

    def losses(self) -> list[str]:
        """Each company and line with fewer sound cells than before, the greatest losses first."""
        lost = {
            key: self.before[key] - self.now[key]
            for key in self.before
            if self.now[key] < self.before[key]
        }
        return [
            f"{key[1]} {self.now[key]:,} of {self.before[key]:,}"
            for key in sorted(lost, key=lambda key: (-lost[key], key[1]))
        ]


def failed_gates(
    connection: psycopg.Connection[Any],
    as_of: date,
    current: int | None,
    coverage: Coverage,
    build: str = "build",
) -> list[GateFailure]:
    """Compare the batch in work with the current publication, and count into `coverage`.

    The first publication has nothing to compare with. One for an earlier day than the current one
    rightly knows fewer cells, so only hand-checked cells are looked at.
    """
    failures: list[GateFailure] = []
    if current is not None and _is_stored(connection, _FACTS, build):
        failures += _worse_cells(connection, as_of, current, coverage, build)
    wrong: dict[str, list[str]] = {}
    if _is_built(connection, _CERTIFICATE, build):
        for company_id, cell in connection.execute(_on(_WRONG, build)):
            wrong.setdefault(company_id, []).append(cell)
    for company_id, cells in wrong.items():
        more = f" and {len(cells) - _SHOWN} more" if len(cells) > _SHOWN else ""
        failures.append(
            GateFailure(
                CERTIFICATE_GATE,
                company_id,
                f"{len(cells)} hand-checked cells are wrong: {'; '.join(cells[:_SHOWN])}{more}",
            )
        )
    return failures


def _on(query: LiteralString, build: str) -> sql.Composed:
    return sql.SQL(query).format(build=sql.Identifier(build))


def _is_built(connection: psycopg.Connection[Any], mart: str, build: str) -> bool:
    row = connection.execute(
        "select relkind = 'r' from pg_class where oid = to_regclass(%s)", (f"{build}.{mart}",)
    ).fetchone()
    return row is not None and bool(row[0])


def _is_stored(connection: psycopg.Connection[Any], mart: str, build: str) -> bool:
    row = connection.execute(
        "select to_regclass(%s) is not null", (f"published.{mart}",)
    ).fetchone()
    return row is not None and bool(row[0]) and _is_built(connection, mart, build)


def _looks_back(connection: psycopg.Connection[Any], as_of: date, current: int) -> bool:
    row = connection.execute(
        "select as_of > %s from ops.publications where run_id = %s", (as_of, current)
    ).fetchone()
    return row is not None and bool(row[0])


def _worse_cells(
    connection: psycopg.Connection[Any],
    as_of: date,
    current: int,
    coverage: Coverage,
    build: str,
) -> list[GateFailure]:
    companies: dict[str, list[Any]] = {}
    for row in connection.execute(_on(_COMPARED, build), {"current": current}):
        company_id, shown_as, line, ok_before, ok_now, newly_failed, lost, is_unreachable = row
        for key in (("company", shown_as), ("line", line)):
            coverage.before[key] += ok_before
            coverage.now[key] += ok_now
        total = companies.setdefault(company_id, [shown_as, 0, 0, 0, False])
        total[1] += ok_before
        total[2] += newly_failed
        total[3] += lost
        total[4] = total[4] or is_unreachable
    if _looks_back(connection, as_of, current):
        return []
    failures = []
    for company_id, (shown_as, ok_before, newly_failed, lost, is_unreachable) in companies.items():
        # What could not be fetched explains what is worse, of this company and of no other.
        if is_unreachable:
            continue
        if newly_failed > CHECK_FAILED_LIMIT * ok_before:
            failures.append(
                GateFailure(
                    "check_failed",
                    company_id,
                    f"{newly_failed:,} of {ok_before:,} sound cells of {shown_as} break an identity"
                    f" now, more than {CHECK_FAILED_LIMIT:.0%}",
                )
            )
        if lost > LOST_LIMIT * ok_before:
            failures.append(
                GateFailure(
                    "coverage",
                    company_id,
                    f"{lost:,} of {ok_before:,} sound cells of {shown_as} are blank or gone, more "
                    f"than {LOST_LIMIT:.0%}",
                )
            )
    return failures
