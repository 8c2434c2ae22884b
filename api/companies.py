"""Questions on companies: who they are, where they stand, their figures and what is behind them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response

from api import answers
from api.asked import (
    Asked,
    CompaniesQuestion,
    ExplainQuestion,
    ListQuestion,
    RowsQuestion,
)
from api.problems import RequestError
from warehouse.read import explain as explaining
from warehouse.read.companies import ListedCompany, listed_company, search_companies
from warehouse.read.marts import mart_page, mart_rows
from warehouse.read.measures import explain_measure

router: Final = APIRouter(prefix="/v1/companies", tags=["companies"])


@dataclass(frozen=True)
class CompanyList:
    """A mart of which a company has rows; `order` has its key, so that pages repeat nothing.

    One that `has_undigested` columns may give other values of them from rows of one digest.
    """

    mart: str
    order: tuple[str, ...]
    summary: str
    has_undigested: bool = False


# By the last part of the route's path.
LISTS: Final[Mapping[str, CompanyList]] = {
    "kpis": CompanyList(
        "mart_company_kpis",
        ("metric", "-period_end", "unit", "period_type", "period"),
        "Metrics as management states them, with the sentence.",
    ),
    "segments": CompanyList(
        "mart_segments",
        ("-period_end", "line", "breakdown", "member", "currency", "-period_start"),
        "Parts of revenue or profit.",
    ),
    "guidance": CompanyList(
        "mart_guidance",
        ("-known_from", "metric", "unit", "period_type", "period", "url"),
        "Ranges that management expected, each time it said so.",
    ),
    "risk-factors": CompanyList(
        "mart_risk_factors",
        ("-period_end", "change", "risk_position", "url"),
        "Paragraphs on risks that are new or gone.",
    ),
    "news": CompanyList("mart_news", ("-published_at", "url"), "Articles."),
    "restatements": CompanyList(
        "mart_restatements",
        ("-known_from", "line", "period_length", "-period_end", "cik"),
        "Changes of reported figures, with the filings before and after.",
    ),
    "filings": CompanyList("mart_filings", ("-filed_date", "accession", "cik"), "SEC filings."),
    "documents": CompanyList(
        "mart_documents",
        ("-filed_date", "url"),
        "Documents that were read, each with its verdict.",
        has_undigested=True,
    ),
    "prices": CompanyList(
        "fct_prices", ("-price_date", "source", "ticker"), "Closes as traded and adjusted."
    ),
}


@router.get("", summary="Companies, of a segment or by a part of a name or a ticker.")
def companies(request: Request, question: Annotated[CompaniesQuestion, Query()]) -> Response:
    """In the order of company_id, which never changes."""
    with answers.snapshot(request, question) as seen:
        found = search_companies(
            seen.connection,
            segment=question.segment,
            search=question.search,
            most=question.limit,
            skip=seen.skip,
        )
        rows = [answers.fields(company) for company in found.companies]
        columns = answers.columns_of(ListedCompany)
        return answers.page(request, seen, columns, rows, found.total)


@router.get("/{company}", summary="Who a company is.")
def company(
    request: Request, company: Asked, question: Annotated[RowsQuestion, Query()]
) -> Response:
    """By company_id, ticker, former ticker or CIK; who has a ticker now comes first."""
    marts = ("dim_company_history", "mart_company_performance")
    with answers.company_snapshot(request, question, company, *marts) as seen:
        found = listed_company(seen.connection, company)
        return answers.one(seen, answers.columns_of(ListedCompany), answers.fields(found))


@router.get("/{company}/performance", summary="Where a company stands: mart_company_performance.")
def performance(
    request: Request, company: Asked, question: Annotated[RowsQuestion, Query()]
) -> Response:
    """Growth, margins, value, rank, health and freshness, each blank one with its reason."""
    mart = "mart_company_performance"
    with answers.company_snapshot(request, question, company, mart) as seen:
        columns = answers.chosen(question, answers.mart_list(seen, mart))
        names = [column.name for column in columns]
        [row] = mart_rows(seen.connection, mart, names, company_ids=[seen.company_id])
        return answers.one(seen, columns, row)


@router.get("/{company}/explain", summary="Where a figure comes from, or why there is none.")
def explain(
    request: Request, company: Asked, question: Annotated[ExplainQuestion, Query()]
) -> Response:
    """Of a line: formula, facts, filings, other vintages, refusals. Of a measure: its parts."""
    if (question.line is None) == (question.measure is None):
        raise RequestError("line, measure: one of them says what to explain; give exactly one")
    end = None if question.period_end is None else question.period_end.isoformat()
    if question.measure is not None:
        if question.period_type is not None or question.known_at is not None:
            raise RequestError(
                "measure: it is told as it is now, at a period_end; leave period_type and known_at "
                "out, or ask for a line that it is made of"
            )
        with answers.snapshot(request, question) as seen:
            measured = explain_measure(seen.connection, company, question.measure, end)
            return answers.whole(seen, answers.fields(measured))
    if question.period_type is not None and end is None:
        raise RequestError("period_type: a line is explained at a period's end; give period_end")
    with answers.snapshot(request, question) as seen:
        told = explaining.explain(
            seen.connection,
            explaining.Question(
                company,
                question.line or "",
                end,
                question.known_at,
                None if question.period_type is None else question.period_type.value,
            ),
        )
        return answers.whole(seen, answers.fields(told))


def _listing(of: CompanyList) -> Callable[..., Response]:
    digested = () if of.has_undigested else (of.mart,)

    def listing(
        request: Request, company: Asked, question: Annotated[ListQuestion, Query()]
    ) -> Response:
        with answers.company_snapshot(request, question, company, *digested) as seen:
            columns = answers.chosen(question, answers.mart_list(seen, of.mart))
            found = mart_page(
                seen.connection,
                of.mart,
                [column.name for column in columns],
                company_ids=[seen.company_id],
                order_by=of.order,
                most=question.limit,
                skip=seen.skip,
            )
            return answers.page(request, seen, columns, found.rows, found.total)

    return listing


for _name, _list in LISTS.items():
    router.get(
        f"/{{company}}/{_name}",
        name=_name,
        summary=_list.summary,
        description=f"Rows of {_list.mart}; /v1/dictionary?mart={_list.mart} has their columns.",
    )(_listing(_list))
