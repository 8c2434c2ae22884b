"""The call planner: which questions a source's quota is spent on tonight, as a readable table.

A company that filed since a question was last answered comes first, then one never asked about,
then one whose next report is due, then the one whose answer is oldest. Nothing is asked again
before its answer is old enough to have changed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import insert, text

from warehouse.db import Warehouse, has_table
from warehouse.tables import ops as tables

_NEW_YORK = ZoneInfo("America/New_York")
PERIODIC_FORMS = ("10-K", "10-Q", "10-KT", "10-QT", "20-F", "40-F")
_AMENDED_TOO = [*PERIODIC_FORMS, *(f"{form}/A" for form in PERIODIC_FORMS)]
# Reports come a quarter or a year after the last one, some days early or late.
_DUE_EARLY = timedelta(days=7)


@dataclass(frozen=True)
class Call:
    """One question that could be asked; `ciks` are the filers that it is about."""

    subject: str
    ciks: tuple[int, ...] = ()
    units: int = 1


@dataclass(frozen=True)
class PlannedCall:
    """A call with its place in the plan and the reason for it."""

    call: Call
    position: int
    reason: str
    last_asked_at: datetime | None
    due_date: date | None
    is_planned: bool


@dataclass(frozen=True)
class _Filer:
    last_filed: date
    next_due: date


def last_answered(
    warehouse: Warehouse, source: str, *, or_unknown: bool = False
) -> dict[str, datetime]:
    """When each subject of a source was last answered in a package that was loaded.

    With `or_unknown` the answer that the source does not have it counts too.
    """
    with warehouse.engine.connect() as connection:
        rows = connection.execute(
            text(
                "select o.subject, max(o.happened_at) as answered_at from ops.outcomes as o"
                " inner join ops.loads as l on l.load_id = o.load_id"
                " where o.source = :source and l.status = 'loaded' and ("
                "(o.step = 'parse' and o.status = 'ok')"
                " or (:or_unknown and o.step = 'fetch' and o.status = 'skipped'))"
                " group by o.subject"
            ),
            {"source": source, "or_unknown": or_unknown},
        )
        return {row.subject: row.answered_at for row in rows}


def last_row_counts(warehouse: Warehouse, source: str) -> dict[str, int]:
    """How many rows the last answer about each subject brought, in a package that was loaded."""
    with warehouse.engine.connect() as connection:
        rows = connection.execute(
            text(
                "select distinct on (o.subject) o.subject, o.row_count from ops.outcomes as o"
                " inner join ops.loads as l on l.load_id = o.load_id"
                " where o.source = :source and l.status = 'loaded' and o.step = 'parse'"
                " and o.status = 'ok' order by o.subject, o.outcome_id desc"
            ),
            {"source": source},
        )
        return {row.subject: row.row_count for row in rows}


def loaded_editions(warehouse: Warehouse, source: str) -> set[tuple[str, str]]:
    """Each subject and edition of it that a loaded package brought, no document of it missing."""
    with warehouse.engine.connect() as connection:
        rows = connection.execute(
            text(
                "select o.subject, min(o.detail) filter (where o.status = 'ok') as edition"
                " from ops.outcomes as o inner join ops.loads as l on l.load_id = o.load_id"
                " where o.source = :source and l.status = 'loaded' and o.step = 'parse'"
                " group by o.subject, o.load_id"
                " having bool_and(o.status = 'ok') and bool_and(o.detail is not null)"
            ),
            {"source": source},
        )
        return {(row.subject, row.edition) for row in rows}


def lagging_filers(warehouse: Warehouse, since: date) -> set[int]:
    """Filers whose announced report is not among their facts yet: SEC needs a while."""
    with warehouse.engine.connect() as connection:
        rows = connection.execute(
            text(
                "select distinct i.cik from raw.sec_index_filings as i"
                " where i.index_date >= :since and i.form = any(:forms) and not exists ("
                "select from raw.sec_facts as f where f.cik = i.cik and f.accession = i.accession)"
            ),
            {"since": since, "forms": _AMENDED_TOO},
        )
        return {cik for (cik,) in rows}


def plan_calls(
    warehouse: Warehouse,
    run_id: int,
    source: str,
    calls: Sequence[Call],
    budget: int | None,
    as_of: date,
    max_age: timedelta,
) -> list[PlannedCall]:
    """Order the calls, mark those that the budget (in units) pays for, and store the plan.

    `max_age` is how old an answer may be before it is asked for again without another reason.
    """
    # A ticker that the source does not know would else be the most wanted one every night.
    answered = last_answered(warehouse, source, or_unknown=True)
    filers = _filers(warehouse)
    ranked = sorted(
        (
            _rank(call, answered.get(call.subject), filers, as_of, max_age, place)
            for place, call in enumerate(calls)
        ),
        key=lambda ranked: ranked[0],
    )
    left = budget
    plan = []
    for position, ((tier, *_), call, reason, due) in enumerate(ranked, start=1):
        is_planned = tier < _FRESH and (left is None or call.units <= left)
        if is_planned and left is not None:
            left -= call.units
        if tier < _FRESH and not is_planned:
            reason = f"{reason}; left for another night, the quota is spent"
        plan.append(
            PlannedCall(call, position, reason, answered.get(call.subject), due, is_planned)
        )
    _store(warehouse, run_id, source, plan)
    return plan


@dataclass(frozen=True)
class KeptCall:
    """A call as its source's newest plan has it."""

    source: str
    position: int
    subject: str
    units: int
    is_planned: bool
    reason: str
    due_date: date | None


def newest_plans(warehouse: Warehouse, source: str | None) -> list[KeptCall]:
    """The newest plan of each source, or of one, by source and position."""
    with warehouse.engine.connect() as connection:
        if not has_table(connection, "ops.call_plan"):
            return []
        rows = connection.execute(
            text(
                """
                select
                    p.source, p.position, p.subject, p.units, p.is_planned, p.reason, p.due_date
                from ops.call_plan as p
                where
                    p.run_id = (
                        select max(n.run_id) from ops.call_plan as n where n.source = p.source
                    )
                    and (cast(:source as text) is null or p.source = :source)
                order by p.source, p.position
                """
            ),
            {"source": source},
        )
        return [KeptCall(*row) for row in rows]


_FILED, _NEVER, _DUE, _STALE, _FRESH = range(5)
_Rank = tuple[int, float, int]


def _rank(
    call: Call,
    asked_at: datetime | None,
    filers: dict[int, _Filer],
    as_of: date,
    max_age: timedelta,
    place: int,
) -> tuple[_Rank, Call, str, date | None]:
    known = [filers[cik] for cik in call.ciks if cik in filers]
    last_filed = max((filer.last_filed for filer in known), default=None)
    due = min((filer.next_due for filer in known), default=None)
    if asked_at is None:
        return (_NEVER, 0.0, place), call, "never asked", due
    # Filings and logical days are New York's; by UTC a night would be asked a day later.
    asked_on = asked_at.astimezone(_NEW_YORK).date()
    age = as_of - asked_on
    oldest_first = asked_at.timestamp()
    if last_filed is not None and last_filed >= asked_on and age > timedelta(0):
        return (_FILED, oldest_first, place), call, f"filed on {last_filed}", due
    if due is not None and due - _DUE_EARLY <= as_of and age > timedelta(days=1):
        return (_DUE, oldest_first, place), call, f"a report is due about {due}", due
    if age >= max_age:
        return (_STALE, oldest_first, place), call, f"asked {age.days} days ago", due
    return (_FRESH, oldest_first, place), call, f"asked {age.days} days ago, fresh enough", due


def _filers(warehouse: Warehouse) -> dict[int, _Filer]:
    """Per filer the day of its newest report, and when the next one should come."""
    with warehouse.engine.connect() as connection:
        rows = connection.execute(
            text(
                "select cik, max(filed_date), bool_or(form = '10-Q') from ("
                "select distinct f.cik, h.form, h.filed_date from ("
                "select distinct filing_id, heading_id from raw.sec_fact_values) as v"
                " inner join raw.sec_fact_filings as f using (filing_id)"
                " inner join raw.sec_fact_headings as h using (heading_id)"
                " where h.form = any(:forms)) as reports group by cik"
            ),
            {"forms": list(PERIODIC_FORMS)},
        )
        return {
            cik: _Filer(filed, filed + timedelta(days=91 if has_quarters else 365))
            for cik, filed, has_quarters in rows
        }


def _store(warehouse: Warehouse, run_id: int, source: str, plan: Sequence[PlannedCall]) -> None:
    rows = [
        {
            "run_id": run_id,
            "source": source,
            "position": planned.position,
            "subject": planned.call.subject,
            "units": planned.call.units,
            "reason": planned.reason,
            "last_asked_at": planned.last_asked_at,
            "due_date": planned.due_date,
            "is_planned": planned.is_planned,
        }
        for planned in plan
    ]
    if not rows:
        return
    with warehouse.engine.begin() as connection:
        connection.execute(insert(tables.call_plan), rows)
