"""Where a measure of a company comes from: its formula, and the cells or measures it is made of."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

import psycopg

from warehouse.read.companies import Company, find_company
from warehouse.read.connection import fetch
from warehouse.read.errors import UnknownLineError, UnknownPeriodError
from warehouse.read.marts import mart_rows
from warehouse.read.reasons import Reason, reason_of


@dataclass(frozen=True)
class Measure:
    """A measure as dim_measures describes it; `parts` name what the formula does."""

    measure: str
    unit: str
    direction: str
    formula: str
    description: str
    parts: list[dict[str, str | None]]


@dataclass(frozen=True)
class Part:
    """What a measure is made of: a cell with its rule and filing, or another measure.

    `at` is now, or the time before the period end such as year_before. A part without a value has
    its reason, or none where the company owes no such cell.
    """

    name: str
    at: str
    period_type: str | None
    period_end: date | None
    currency: str | None
    value: Decimal | None
    blank_reason: str | None
    rule: str | None
    accession: str | None


@dataclass(frozen=True)
class ExplainedMeasure:
    """A company's measure at a period end, in its unit; blank with its reason."""

    company: Company
    measure: Measure
    period_end: date
    currency: str | None
    value: Decimal | None
    blank: Reason | None
    parts: list[Part]


_YEARS_BEFORE: Final = {
    "now": 0.0,
    "quarter_before": 0.25,
    "year_before": 1.0,
    "two_years_before": 2.0,
    "three_years_before": 3.0,
}
# A fiscal year of 52 weeks ends a day or two away from the date of the year before, one of 53 more.
_NEAR_DAYS: Final = 20
# The period types of cells that a part may be, the first that has a value.
_TYPES: Final = {
    "ttm": ["ttm"],
    "quarter": ["quarter"],
    "balance": ["instant"],
    "average": ["ttm", "quarter"],
}
_CELL: Final = """
select
    %(name)s::text as name, %(at)s::text as at, c.period_type, c.period_end, c.currency,
    c.value * case when l.nature = 'shares' then c.split_factor else 1 end as value,
    c.blank_reason, c.rule, c.accession
from marts.fct_financials as c
inner join marts.dim_lines as l on c.line = l.line
where c.company_id = %(company_id)s and c.line = %(line)s and c.period_type = any(%(types)s)
    and abs(c.period_end - %(end)s::date + %(days)s) <= %(near)s
order by
    abs(c.period_end - %(end)s::date + %(days)s), c.value is null,
    array_position(%(types)s::text[], c.period_type)
limit 1
"""


def measures(connection: psycopg.Connection[Any]) -> list[Measure]:
    """Every measure in its order."""
    return fetch(
        connection, Measure, "select {columns} from marts.dim_measures order by sort_order"
    )


def explain_measure(
    connection: psycopg.Connection[Any], asked: str, name: str, period: str | None = None
) -> ExplainedMeasure:
    """The measure at a period (FY2025, 2025Q4, its last day), or the newest that has a value.

    Raises UnknownCompanyError, UnknownLineError or UnknownPeriodError.
    """
    company = find_company(connection, asked)
    found = [measure for measure in measures(connection) if measure.measure == name]
    if not found:
        raise UnknownLineError(f"{name!r} is no measure; dim_measures lists them")
    [measure] = found
    others = [str(part["name"]) for part in measure.parts if part["line"] is None]
    rows = mart_rows(
        connection,
        "mart_company_quarters",
        ("period_end", "fiscal_year", "fiscal_quarter", "currency", "blank_reasons", name, *others),
        company_ids=[company.company_id],
        order_by=("-period_end",),
    )
    row = _row(rows, company, name, period)
    why = (row["blank_reasons"] or {}).get(name)
    return ExplainedMeasure(
        company=company,
        measure=measure,
        period_end=row["period_end"],
        currency=row["currency"],
        value=row[name],
        blank=None if why is None else reason_of(why),
        parts=[_part(connection, company, rows, row["period_end"], part) for part in measure.parts],
    )


def _row(
    rows: list[dict[str, Any]], company: Company, name: str, period: str | None
) -> dict[str, Any]:
    named = {
        label: row
        for row in reversed(rows)
        for label in (str(row["period_end"]), f"{row['fiscal_year']}Q{row['fiscal_quarter']}")
    }
    named |= {f"FY{row['fiscal_year']}": row for row in rows if row["fiscal_quarter"] == 4}
    wanted = "TTM" if period is None else period.upper()
    if wanted in named:
        return named[wanted]
    if wanted != "TTM" or not rows:
        ends = ", ".join(str(row["period_end"]) for row in rows)
        raise UnknownPeriodError(
            f"period {period or 'newest'}: {company.label} has no {name} at it; "
            f"{f'period ends known: {ends}' if ends else 'no figures from filings are loaded'}"
        )
    return next((row for row in rows if row[name] is not None), rows[0])


def _part(
    connection: psycopg.Connection[Any],
    company: Company,
    rows: list[dict[str, Any]],
    end: date,
    part: dict[str, str | None],
) -> Part:
    name, at = str(part["name"]), str(part["at"])
    days = round(_YEARS_BEFORE[at] * 365.25)
    if part["line"] is None:
        return _measure_part(rows, end, name, at, days)
    found = fetch(
        connection,
        Part,
        _CELL,
        name=name,
        at=at,
        company_id=company.company_id,
        line=part["line"],
        types=_TYPES[str(part["period_type"])],
        end=end,
        days=days,
        near=_NEAR_DAYS,
    )
    return found[0] if found else Part(name, at, None, None, None, None, None, None, None)


def _measure_part(rows: list[dict[str, Any]], end: date, name: str, at: str, days: int) -> Part:
    for row in rows:
        if abs((end - row["period_end"]).days - days) <= _NEAR_DAYS:
            why = (row["blank_reasons"] or {}).get(name)
            value, currency = row[name], row["currency"]
            return Part(name, at, "measure", row["period_end"], currency, value, why, None, None)
    return Part(name, at, None, None, None, None, None, None, None)
