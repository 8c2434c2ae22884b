"""Where a figure comes from, or why there is none: formula, facts, other vintages, refusals."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

import psycopg
from psycopg.rows import scalar_row

from warehouse.read.companies import Company, find_company
from warehouse.read.connection import fetch
from warehouse.read.errors import (
    NothingPublishedError,
    UnknownLineError,
    UnknownPeriodError,
    nearest,
)
from warehouse.read.financials import lines
from warehouse.read.measures import measures
from warehouse.read.reasons import NO_FILINGS, Reason, reason_of

# Filings are dated in New York.
NEW_YORK: Final = ZoneInfo("America/New_York")
_PERIOD: Final = re.compile(
    r"FY(?P<year>\d{4})|(?P<quarter_year>\d{4})Q(?P<quarter>[1-4])|(?P<end>\d{4}-\d\d-\d\d)|TTM",
    re.I,
)
_AWAITED: Final = ("not_due", "not_filed", "source_down")
# A vendor may end a period on the last day of the month, a filer on its last Saturday.
_SAME_END_DAYS: Final = 7
MOST_VENDOR_FIGURES: Final = 8

# Of the vintages in force at the instant asked about, those of the period.
_VINTAGES: Final = """
select {columns}
from marts.financials_explained
where cik = %(cik)s and line = %(line)s and period_type = any(%(period_types)s)
    and (%(year)s::int is null or fiscal_year = %(year)s)
    and (%(quarter)s::int is null or fiscal_quarter = %(quarter)s)
    and (%(end)s::date is null or period_end = %(end)s)
    and known_from <= %(known_at)s
order by period_end desc, known_from desc
"""
_PERIODS: Final = """
select distinct on (period_end)
    coalesce(
        case period_type
            when 'annual' then 'FY' || fiscal_year
            else fiscal_year || 'Q' || fiscal_quarter
        end,
        -- Before the first annual report a period has no other name than its last day.
        period_end::text
    ) as label
from marts.fct_financials
where cik = %(cik)s and line = %(line)s and period_type in ('annual', 'quarter', 'instant')
    and status = 'ok'
order by period_end desc
limit 6
"""
_HAS_CELLS: Final = "select exists (select from marts.fct_financials where cik = %(cik)s)"
_KNOWN_AT: Final = """
select (coalesce(%(as_of)s::date, max(as_of) filter (where is_current)) + time '23:59:59')
    at time zone 'America/New_York'
from marts.publications
"""
_VENDORS: Final = """
select
    f.source, f.field, f.period_type, f.period_end, f.currency, f.value, f.is_trusted,
    f.captured_at, c.filed_value, c.difference_pct, c.is_agreeing, a.compared_count,
    a.agreeing_count
from marts.fct_vendor_financials as f
left join marts.fct_vendor_comparisons as c
    on f.source = c.source and f.field = c.field and f.company_id = c.company_id
        and f.line = c.line and f.period_type = c.period_type and f.period_end = c.period_end
left join lateral (
    select
        sum(s.compared_count)::int as compared_count,
        sum(s.agreeing_count)::int as agreeing_count
    from marts.mart_vendor_accuracy as s
    where s.source = f.source and s.field = f.field and s.line = f.line
) as a on true
where f.company_id = %(company_id)s and f.line = %(line)s and f.captured_at <= %(known_at)s
    and (%(period_types)s::text[] is null or f.period_type = any(%(period_types)s))
    and (%(period_end)s::date is null or abs(f.period_end - %(period_end)s) <= %(near)s)
    and (%(year)s::int is null or extract(year from f.period_end) = %(year)s)
    and (%(quarter)s::int is null or extract(quarter from f.period_end) = %(quarter)s)
order by f.period_end desc, f.period_type, f.source, f.field
limit %(most)s
"""


@dataclass(frozen=True)
class Question:
    """What is asked: a cell's line and period, such as FY2024, 2024Q3, TTM or a quarter's last day,
    and as of when. With a `period_type` the period is its last day.
    """

    company: str
    line: str
    period: str | None
    as_of: date | None
    period_type: str | None = None

    @property
    def is_fiscal_year(self) -> bool:
        """Whether a whole fiscal year is asked about."""
        return (self.period or "").upper().startswith("FY")


@dataclass(frozen=True)
class ExplainedCell:
    """A vintage of a cell, with the facts behind it and all that it could have been made of."""

    cik: int
    ticker: str | None
    line: str
    period_type: str
    period_start: date | None
    period_end: date
    fiscal_year: int | None
    fiscal_quarter: int | None
    currency: str | None
    value: Decimal | None
    status: str
    blank_reason: str | None
    derivation: str | None
    rule: str | None
    formula: str | None
    reason: str | None
    known_from: datetime
    known_to: datetime | None
    split_factor: Decimal
    inputs: list[dict[str, Any]] | None
    candidates: list[dict[str, Any]] | None


@dataclass(frozen=True)
class VendorFigure:
    """A vendor's figure with what filings say of that period, and how often the field is right."""

    source: str
    field: str
    period_type: str
    period_end: date
    currency: str | None
    value: Decimal
    is_trusted: bool
    captured_at: datetime
    filed_value: Decimal | None
    difference_pct: Decimal | None
    is_agreeing: bool | None
    compared_count: int | None
    agreeing_count: int | None


@dataclass(frozen=True)
class Explanation:
    """The answer: a cell with the others of its kind, or a blank with its reason.

    `cell` is None for a company of whose filings no cell is loaded. `vendor_figures` are given
    beside a blank alone; they are no part of any answer from filings.
    """

    company: Company
    line: str
    as_of: datetime
    cell: ExplainedCell | None
    other_vintages: list[ExplainedCell]
    blank: Reason | None
    vendor_figures: list[VendorFigure]


@dataclass(frozen=True)
class _Period:
    """Which cells a label stands for."""

    types: list[str]
    year: int | None = None
    quarter: int | None = None
    end: date | None = None


def explain(connection: psycopg.Connection[Any], question: Question) -> Explanation:
    """The vintage in force with the others of its cell, or why there is none.

    Raises UnknownCompanyError, UnknownLineError or UnknownPeriodError.
    """
    company = find_company(connection, question.company, question.as_of)
    is_balance = _is_balance(connection, question.line)
    period = _period(question.period, is_balance)
    if question.period_type is not None:
        if period.end is None:
            raise UnknownPeriodError(
                f"period type {question.period_type} needs the last day of the period; give it "
                "like 2025-12-31"
            )
        period = _Period([question.period_type], end=period.end)
    known_at = _known_at(connection, question.as_of)
    if not _one(connection, _HAS_CELLS, cik=company.cik):
        return _without_cells(connection, company, question, period, known_at)
    vintages = fetch(
        connection,
        ExplainedCell,
        _VINTAGES,
        cik=company.cik,
        line=question.line,
        period_types=period.types,
        year=period.year,
        quarter=period.quarter,
        end=period.end,
        known_at=known_at,
    )
    in_force = [row for row in vintages if row.known_to is None or row.known_to > known_at]
    if question.period is None or question.period.upper() == "TTM":
        # The newest period with an answer, else the newest that is filed: an awaited one explains
        # nothing.
        sound = [row for row in in_force if row.status == "ok"]
        filed = [row for row in in_force if row.blank_reason not in _AWAITED]
        in_force = sound or filed or in_force
    if not in_force:
        raise UnknownPeriodError(_not_owed(connection, company, question, known_at))
    cell = in_force[0]
    same_cell = (cell.period_type, cell.period_end)
    return Explanation(
        company=company,
        line=question.line,
        as_of=known_at,
        cell=cell,
        other_vintages=[
            row
            for row in vintages
            if row is not cell and (row.period_type, row.period_end) == same_cell
        ],
        blank=None if cell.blank_reason is None else reason_of(cell.blank_reason),
        vendor_figures=[]
        if cell.blank_reason is None
        else _vendor_figures(
            connection, company, question.line, known_at, period_end=cell.period_end
        ),
    )


def _without_cells(
    connection: psycopg.Connection[Any],
    company: Company,
    question: Question,
    period: _Period,
    known_at: datetime,
) -> Explanation:
    # A vendor gives the ends of periods and no names: those of the calendar's year and quarter.
    figures = _vendor_figures(
        connection,
        company,
        question.line,
        known_at,
        period_types=period.types if period.year or period.end else None,
        period_end=period.end,
        year=period.year,
        quarter=None if question.is_fiscal_year else period.quarter,
    )
    return Explanation(
        company=company,
        line=question.line,
        as_of=known_at,
        cell=None,
        other_vintages=[],
        blank=NO_FILINGS,
        vendor_figures=figures,
    )


def _vendor_figures(
    connection: psycopg.Connection[Any],
    company: Company,
    line: str,
    known_at: datetime,
    period_types: list[str] | None = None,
    period_end: date | None = None,
    year: int | None = None,
    quarter: int | None = None,
) -> list[VendorFigure]:
    return fetch(
        connection,
        VendorFigure,
        _VENDORS,
        company_id=company.company_id,
        line=line,
        known_at=known_at,
        period_types=period_types,
        period_end=period_end,
        near=_SAME_END_DAYS,
        year=year,
        quarter=quarter,
        most=MOST_VENDOR_FIGURES,
    )


def _is_balance(connection: psycopg.Connection[Any], asked: str) -> bool:
    known = {line.line: line.is_balance for line in lines(connection)}
    if asked not in known:
        names = [*known, *(one.measure for one in measures(connection))]
        raise UnknownLineError(
            f"{asked!r} is no line of ours, and no measure; {nearest(asked, names)}"
        )
    return known[asked]


def _known_at(connection: psycopg.Connection[Any], as_of: date | None) -> datetime:
    known_at: datetime | None = _one(connection, _KNOWN_AT, as_of=as_of)
    if known_at is None:
        raise NothingPublishedError(
            "nothing is published yet; run corpintel nightly --sample first"
        )
    return known_at


def _one(connection: psycopg.Connection[Any], statement: Any, **asked: Any) -> Any:
    with connection.cursor(row_factory=scalar_row) as cursor:
        return cursor.execute(statement, asked).fetchone()


def _not_owed(
    connection: psycopg.Connection[Any],
    company: Company,
    question: Question,
    known_at: datetime,
) -> str:
    with connection.cursor(row_factory=scalar_row) as cursor:
        known = cursor.execute(_PERIODS, {"cik": company.cik, "line": question.line}).fetchall()
    labels = ", ".join(label for label in known if label)
    day = f"{known_at.astimezone(NEW_YORK):%Y-%m-%d}"
    return (
        f"period {question.period or 'TTM'}: {company.label} owes no {question.line} for it as of "
        f"{day}; {f'periods known: {labels}' if labels else 'none known'}"
    )


def _period(given: str | None, is_balance: bool) -> _Period:
    """What a label such as FY2024 or 2024Q3, or the last day of a quarter, stands for."""
    if given is None:
        return _Period(["instant"] if is_balance else ["ttm", "annual"])
    found = _PERIOD.fullmatch(given)
    if found is None:
        raise UnknownPeriodError(f"{given!r} is no period; write it like FY2024, 2024Q3 or TTM")
    if found["end"]:
        try:
            end = date.fromisoformat(found["end"])
        except ValueError as error:
            raise UnknownPeriodError(f"period {given} is no day of the calendar") from error
        return _Period(["instant"] if is_balance else ["quarter"], end=end)
    if found["year"]:
        if is_balance:
            return _Period(["instant"], int(found["year"]), 4)
        return _Period(["annual"], int(found["year"]))
    if found["quarter_year"]:
        return _Period(
            ["instant"] if is_balance else ["quarter"],
            int(found["quarter_year"]),
            int(found["quarter"]),
        )
    if is_balance:
        raise UnknownPeriodError(
            "period TTM: a balance has no twelve months; write it like FY2024 or 2024Q3"
        )
    return _Period(["ttm"])
