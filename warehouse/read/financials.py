"""The cells of a company's statements: the newest known, as of an instant, and the blank ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

import psycopg

from warehouse.read.companies import Company
from warehouse.read.connection import fetch


@dataclass(frozen=True)
class Cell:
    """A line of a period: `value` in `currency` as reported, or blank with its reason."""

    cik: int
    line: str
    period_type: str
    period_start: date | None
    period_end: date
    fiscal_year: int | None
    fiscal_quarter: int | None
    currency: str | None
    value: Decimal | None
    value_usd: Decimal | None
    split_factor: Decimal
    derivation: str | None
    accession: str | None
    known_from: datetime
    status: str
    blank_reason: str | None


@dataclass(frozen=True)
class Line:
    """A line of the statements; a balance is of a day, every other line of a period."""

    line: str
    is_balance: bool


_ASKED: Final = """
where cik = %(cik)s
    and (%(lines)s::text[] is null or line = any(%(lines)s))
    and (%(period_types)s::text[] is null or period_type = any(%(period_types)s))
    and (%(status)s::text is null or status = %(status)s)
order by line, period_type, period_end desc
"""
_NEWEST: Final = "select {columns} from marts.fct_financials" + _ASKED
_AS_OF: Final = (
    "select {columns} from marts.financials_as_of(%(known_at)s, %(loaded_before)s)" + _ASKED
)


def newest_financials(
    connection: psycopg.Connection[Any],
    company: Company,
    lines: Sequence[str] | None = None,
    period_types: Sequence[str] | None = None,
) -> list[Cell]:
    """The newest known value or blank of each cell; none for a company without filings.

    Period types are annual, half_year, quarter, ttm and instant.
    """
    return _cells(connection, _NEWEST, company, lines, period_types)


def financials_as_of(
    connection: psycopg.Connection[Any],
    company: Company,
    known_at: datetime,
    loaded_before: datetime | None = None,
    lines: Sequence[str] | None = None,
    period_types: Sequence[str] | None = None,
) -> list[Cell]:
    """What was known of each cell at `known_at`, from what was published before `loaded_before`."""
    return _cells(
        connection,
        _AS_OF,
        company,
        lines,
        period_types,
        known_at=known_at,
        loaded_before="infinity" if loaded_before is None else loaded_before,
    )


def blank_financials(
    connection: psycopg.Connection[Any],
    company: Company,
    lines: Sequence[str] | None = None,
    period_types: Sequence[str] | None = None,
) -> list[Cell]:
    """The cells that the company owes and that have no value, each with its reason."""
    return _cells(connection, _NEWEST, company, lines, period_types, status="blank")


def lines(connection: psycopg.Connection[Any]) -> list[Line]:
    """The lines that any company has, from filings or from a vendor, by name."""
    return fetch(
        connection,
        Line,
        """
        select line, bool_or(period_type = 'instant') as is_balance
        from (
            select line, period_type from marts.fct_financials
            union
            select line, period_type from marts.fct_vendor_financials
        ) as named
        group by line
        order by line
        """,
    )


def _cells(
    connection: psycopg.Connection[Any],
    statement: Any,
    company: Company,
    lines: Sequence[str] | None,
    period_types: Sequence[str] | None,
    status: str | None = None,
    **instants: Any,
) -> list[Cell]:
    return fetch(
        connection,
        Cell,
        statement,
        cik=company.cik,
        lines=None if lines is None else list(lines),
        period_types=None if period_types is None else list(period_types),
        status=status,
        **instants,
    )
