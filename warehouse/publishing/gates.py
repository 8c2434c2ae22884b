"""Gates of a publication: comparisons of what was built with what readers have.

Keys, shapes and empty marts are audited by `publish` and cannot be overridden. These gates ask
whether the night's numbers got worse; an operator may override them, with a reason that is kept.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

import psycopg

CHECK_FAILED_LIMIT = 0.02
LOST_LIMIT = 0.05
_SHOWN = 5

_FACTS = "fct_financials"
_CERTIFICATE = "mart_accuracy_certificate"

_WORSE = """
select
    count(*) as ok_before,
    count(*) filter (where night.blank_reason = 'check_failed') as newly_failed,
    count(*) filter (where night.status is distinct from 'ok') as lost
from published.fct_financials before
left join build.fct_financials night using (cik, line, period_type, period_end)
where before.status = 'ok' and before.valid_from_run <= %(current)s
    and before.valid_to_run > %(current)s
"""

# Companies and lines with fewer sound cells than the night before, the greatest losses first.
_LOSSES = """
select shown_as, ok_before, ok_now
from (
    select
        max(scope.shown_as) as shown_as,
        count(before.status) as ok_before,
        count(night.status) as ok_now
    from (
        select * from published.fct_financials
        where status = 'ok' and valid_from_run <= %(current)s and valid_to_run > %(current)s
    ) before
    full join (select * from build.fct_financials where status = 'ok') night
        using (cik, line, period_type, period_end)
    cross join lateral (
        values
            ('company ' || cik, coalesce(night.ticker, before.ticker, cik::text)),
            ('line ' || line, line)
    ) as scope (subject, shown_as)
    group by scope.subject
) counted
where ok_now < ok_before
order by ok_now - ok_before, shown_as
"""

_REGRESSED = """
select concat_ws(' ', night.ticker, night.line, night.period_type, night.period_end,
    'as of', night.scored_at::date, 'is', coalesce(night.answer_value::text, 'blank'),
    'and should be', coalesce(night.truth_value::text, 'blank'))
from published.mart_accuracy_certificate before
join build.mart_accuracy_certificate night
    using (cik, line, period_type, period_end, checked_from, day_kind)
where before.valid_from_run <= %(current)s and before.valid_to_run > %(current)s
    and before.verdict not in ('wrong', 'invented')
    and night.verdict in ('wrong', 'invented')
order by 1
"""


@dataclass(frozen=True)
class GateFailure:
    """A gate that the built marts do not pass."""

    gate: str
    found: str

    def __str__(self) -> str:
        return f"{self.gate}: {self.found}"


def failed_gates(
    connection: psycopg.Connection[Any], run_id: int, as_of: date, current: int | None
) -> list[GateFailure]:
    """Compare schema build with the current publication; an empty list lets the night pass.

    The first publication has nothing to compare with. One for an earlier day than the current one
    rightly knows fewer cells, so only its certificate is compared.
    """
    if current is None:
        return []
    failures = []
    if _is_stored(connection, _FACTS) and not _looks_back(connection, as_of, current):
        failures += _worse_cells(connection, run_id, current)
    if _is_stored(connection, _CERTIFICATE):
        failures += _regressions(connection, current)
    return failures


def coverage_losses(connection: psycopg.Connection[Any], current: int | None) -> list[str]:
    """Each company and line that has fewer sound cells than in the current publication."""
    if current is None or not _is_stored(connection, _FACTS):
        return []
    return [
        f"{subject} {now:,} of {before:,}"
        for subject, before, now in connection.execute(_LOSSES, {"current": current})
    ]


def _is_stored(connection: psycopg.Connection[Any], mart: str) -> bool:
    row = connection.execute(
        "select to_regclass(%s) is not null and to_regclass(%s) is not null",
        (f"published.{mart}", f"build.{mart}"),
    ).fetchone()
    assert row is not None
    return bool(row[0])


def _looks_back(connection: psycopg.Connection[Any], as_of: date, current: int) -> bool:
    row = connection.execute(
        "select as_of > %s from ops.publications where run_id = %s", (as_of, current)
    ).fetchone()
    return row is not None and bool(row[0])


def _worse_cells(
    connection: psycopg.Connection[Any], run_id: int, current: int
) -> list[GateFailure]:
    row = connection.execute(_WORSE, {"current": current}).fetchone()
    assert row is not None
    ok_before, newly_failed, lost = row
    failures = []
    if newly_failed > CHECK_FAILED_LIMIT * ok_before:
        failures.append(
            GateFailure(
                "check_failed",
                f"{newly_failed:,} of {ok_before:,} sound cells break an identity now, more than "
                f"{CHECK_FAILED_LIMIT:.0%}",
            )
        )
    if lost > LOST_LIMIT * ok_before and not _had_outage(connection, run_id):
        left = "; ".join(coverage_losses(connection, current)[:_SHOWN])
        failures.append(
            GateFailure(
                "coverage",
                f"{lost:,} of {ok_before:,} sound cells are blank or gone, more than "
                f"{LOST_LIMIT:.0%}, and no source was down; left are {left}",
            )
        )
    return failures


def _had_outage(connection: psycopg.Connection[Any], run_id: int) -> bool:
    row = connection.execute(
        "select exists (select from ops.outcomes where run_id = %s and source = 'sec'"
        " and step = 'fetch' and status = 'failed')",
        (run_id,),
    ).fetchone()
    assert row is not None
    return bool(row[0])


def _regressions(connection: psycopg.Connection[Any], current: int) -> list[GateFailure]:
    cells = [row[0] for row in connection.execute(_REGRESSED, {"current": current})]
    if not cells:
        return []
    more = f" and {len(cells) - _SHOWN} more" if len(cells) > _SHOWN else ""
    return [
        GateFailure(
            "certificate",
            f"{len(cells)} hand-checked cells were not wrong and are now: "
            f"{'; '.join(cells[:_SHOWN])}{more}",
        )
    ]
