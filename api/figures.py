"""Figures of companies' statements, of one or of several, and companies by their figures."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Final
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Query, Request, Response

from api import answers
from api.asked import Asked, FinancialsQuestion, ManyFinancialsQuestion, ScreenQuestion
from warehouse.read.companies import find_company
from warehouse.read.errors import UnknownLineError, nearest
from warehouse.read.marts import AsOf, MartRow, mart_page, mart_rows
from warehouse.read.screen import condition_column, screen, screen_columns
from warehouse.read.statement import Column

router: Final = APIRouter(prefix="/v1", tags=["figures"])

_MART: Final = "fct_financials"
_VINTAGES: Final = "fct_financial_vintages"
_FIGURES: Final[tuple[str, ...]] = (
    "company_id", "ticker", "line", "period_type", "period_start", "period_end", "fiscal_year",
    "fiscal_quarter", "status", "value", "blank_reason", "currency", "value_usd", "split_factor",
    "derivation", "rule", "accession", "known_from",
)  # fmt: skip
_ORDER: Final[tuple[str, ...]] = ("company_id", "line", "period_type", "-period_end", "cik")
# By the nature of a line, as dim_lines has it.
_UNITS: Final = {
    "flow": "money",
    "stock": "money",
    "per_share": "money_per_share",
    "shares": "shares",
}
# What a screen shows beside the columns that it asks for.
_WHO: Final = ("company_id", "cik", "ticker", "name", "segment")


@router.get(
    "/companies/{company}/financials", summary="Figures of a company's statements: fct_financials."
)
def financials(
    request: Request, company: Asked, question: Annotated[FinancialsQuestion, Query()]
) -> Response:
    """The newest known value of each line and period, or why it is blank, with its explanation.

    `unit` is money, money_per_share or shares; money is in `currency`.
    """
    # What was known and loaded at an instant is told by no digest.
    marts = () if question.known_at else (_VINTAGES if question.vintages else _MART,)
    with answers.company_snapshot(request, question, company, *marts) as seen:
        return _page(request, question, seen, [seen.company_id])


@router.get("/financials", summary="Figures of several companies' statements: fct_financials.")
def many_financials(
    request: Request, question: Annotated[ManyFinancialsQuestion, Query()]
) -> Response:
    """By company, line and period type, the newest period first."""
    named = question.companies()
    with answers.snapshot(request, question) as seen:
        ids = [find_company(seen.connection, name).company_id for name in named]
        return _page(request, question, seen, ids)


@router.get("/screen", name="screen", summary="Companies that meet conditions.")
def screened(request: Request, question: Annotated[ScreenQuestion, Query()]) -> Response:
    """On columns of mart_company_performance, and with `quarter.` of mart_company_quarters' newest.

    A blank meets no condition. Without `fields` the answer has the columns that are asked.
    """
    asked = [condition_column(condition) for condition in question.where]
    order = [] if question.sort is None else question.sort.split(",")
    with answers.snapshot(request, question) as seen:
        known = {name: one.column for name, one in screen_columns(seen.connection).items()}
        shown = [*_WHO, *asked, *(name.removeprefix("-") for name in order)]
        columns = (
            # One that is not known is refused, with its nearest, where the screen is asked.
            [known.get(name, Column(name)) for name in dict.fromkeys(shown)]
            if question.fields is None
            else answers.chosen(question, list(known.values()))
        )
        found = screen(
            seen.connection,
            question.where,
            [column.name for column in columns],
            order_by=order,
            most=question.limit,
            skip=seen.skip,
        )
        return answers.page(request, seen, columns, found.rows, found.total)


def _page(
    request: Request,
    question: FinancialsQuestion,
    seen: answers.Snapshot,
    company_ids: Sequence[str],
) -> Response:
    as_of = question.as_of()
    mart, names, order = _MART, _FIGURES, _ORDER
    if question.vintages is not None:
        mart, names, order = _VINTAGES, (*_FIGURES, "known_to"), (*_ORDER, "-known_from")
    units = {
        row["line"]: _UNITS[row["nature"]]
        for row in mart_rows(seen.connection, "dim_lines", ("line", "nature"))
    }
    if question.line is not None and question.line not in units:
        raise UnknownLineError(
            f"{question.line!r} is no line; {nearest(question.line, sorted(units))}"
        )
    equal: dict[str, Any] = {
        name: [value]
        for name, value in (
            ("line", question.line),
            ("period_type", question.period_type),
            ("status", question.status),
        )
        if value is not None
    }
    found = mart_page(
        seen.connection,
        mart,
        names,
        company_ids=company_ids,
        equal=equal,
        at_least={} if question.from_ is None else {"period_end": question.from_},
        at_most={} if question.to is None else {"period_end": question.to},
        order_by=order,
        most=question.limit,
        skip=seen.skip,
        as_of=as_of,
    )
    rows = [
        {**row, "unit": units[row["line"]], "explanation": _explanation(row, as_of)}
        for row in found.rows
    ]
    kinds = {column.name: column for column in answers.mart_list(seen, mart)}
    columns = [*(kinds[name] for name in names), *map(Column, ("unit", "explanation"))]
    return answers.page(request, seen, columns, rows, found.total)


def _explanation(row: MartRow, as_of: AsOf | None) -> str | None:
    """Where the figure is explained; None where explanations, which are of days, tell another."""
    asked = {name: row[name] for name in ("line", "period_type", "period_end")}
    if as_of is not None:
        if isinstance(as_of.known_at, datetime) or as_of.loaded_before is not None:
            return None
        asked["known_at"] = as_of.known_at
    elif row.get("known_to") is not None:
        return None
    return f"/v1/companies/{quote(row['company_id'], safe='')}/explain?{urlencode(asked)}"
