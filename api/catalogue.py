"""Questions on the whole publication: segments, lines, columns, publications and what moved."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response

from api import answers
from api.asked import (
    ChangesQuestion,
    DictionaryQuestion,
    JsonQuestion,
    ListQuestion,
    QualityQuestion,
    SearchQuestion,
)
from warehouse.read.companies import find_company
from warehouse.read.documents import (
    HIT_START,
    HIT_STOP,
    FoundSection,
    count_sections,
    search_documents,
)
from warehouse.read.marts import MartColumn, mart_columns, mart_page
from warehouse.read.publications import Published, publications
from warehouse.read.quality import certificate
from warehouse.read.statement import Column

router: Final = APIRouter(prefix="/v1", tags=["publication"])

CHANGES_ORDER: Final = ("-run_id", "company_id", "line", "period_type", "-period_end", "cik")


@router.get("/segments", summary="Segments in total: mart_competitive_landscape.")
def segments(request: Request, question: Annotated[ListQuestion, Query()]) -> Response:
    """Size, growth, stage, concentration, leaders, and who was left out and why."""
    return _page(request, question, "mart_competitive_landscape", ("segment",))


@router.get("/lines", summary="Lines of the statements: dim_lines.")
def lines(request: Request, question: Annotated[ListQuestion, Query()]) -> Response:
    """In the order of the statements."""
    return _page(request, question, "dim_lines", ("sort_order", "line"))


@router.get("/changes", summary="What each publication moved: mart_run_changes.")
def changes(request: Request, question: Annotated[ChangesQuestion, Query()]) -> Response:
    """Cells before and after, and why each moved; the newest publication first."""
    equal: dict[str, Any] = {
        name: [value]
        for name, value in (("run_id", question.run_id), ("line", question.line))
        if value is not None
    }
    return _page(
        request, question, "mart_run_changes", CHANGES_ORDER, equal=equal, company=question.company
    )


@router.get("/search", summary="Sections of documents by the words in them.")
def search(request: Request, question: Annotated[SearchQuestion, Query()]) -> Response:
    """The fittest first, each with passages that say the words, and the words as they are there."""
    with answers.snapshot(request, question) as seen:
        asked = {
            "company_id": None
            if question.company is None
            else find_company(seen.connection, question.company).company_id,
            "form": question.form,
            "section": question.section,
        }
        found = search_documents(
            seen.connection, question.q, **asked, most=question.limit, skip=seen.skip
        )
        total = count_sections(seen.connection, question.q, **asked)
        columns = [*answers.columns_of(FoundSection), Column("hits")]
        return answers.page(request, seen, columns, [_passage(one) for one in found], total)


def _passage(found: FoundSection) -> dict[str, Any]:
    """A section that was found, its passage without marks and the words that it was found by."""
    hits = re.findall(f"{HIT_START}(.*?){HIT_STOP}", found.passage, re.DOTALL)
    plain = found.passage.replace(HIT_START, "").replace(HIT_STOP, "")
    return {**answers.fields(found), "passage": plain, "hits": list(dict.fromkeys(hits))}


@router.get("/quality", summary="Checks and how much of each held: mart_data_quality.")
def quality(request: Request, question: Annotated[QualityQuestion, Query()]) -> Response:
    """Coverage, blanks by reason, identities, refused records, and companies held back."""
    equal: dict[str, Any] = {
        name: [value]
        for name, value in (("check_name", question.check), ("subject", question.subject))
        if value is not None
    }
    order = ("check_name", "scope", "subject")
    return _page(request, question, "mart_data_quality", order, equal=equal)


@router.get("/quality/certificate", summary="How right the hand-checked answers are.")
def told_certificate(request: Request, question: Annotated[JsonQuestion, Query()]) -> Response:
    """How many have each verdict, and how many figures of documents are tagged otherwise."""
    with answers.snapshot(request, question) as seen:
        return answers.whole(seen, answers.fields(certificate(seen.connection)))


@router.get("/publications", summary="Publications, the newest first.")
def told_publications(request: Request, question: Annotated[ListQuestion, Query()]) -> Response:
    """With day, content hash, and which one is current."""
    with answers.snapshot(request, question) as seen:
        # There is one a night at most, or so.
        found = publications(seen.connection, most=100_000)
        rows = [answers.fields(row) for row in answers.cut(seen, question, found)]
        return answers.page(request, seen, answers.columns_of(Published), rows, len(found))


@router.get("/dictionary", summary="Columns of the marts, with type and meaning.")
def dictionary(request: Request, question: Annotated[DictionaryQuestion, Query()]) -> Response:
    """As the contracts of this publication describe them."""
    with answers.snapshot(request, question) as seen:
        found = mart_columns(seen.connection, question.mart)
        rows = [answers.fields(row) for row in answers.cut(seen, question, found)]
        return answers.page(request, seen, answers.columns_of(MartColumn), rows, len(found))


def _page(
    request: Request,
    question: ListQuestion,
    mart: str,
    order: tuple[str, ...],
    *,
    equal: Mapping[str, Any] | None = None,
    company: str | None = None,
) -> Response:
    with answers.snapshot(request, question) as seen:
        columns = answers.chosen(question, answers.mart_list(seen, mart))
        found = mart_page(
            seen.connection,
            mart,
            [column.name for column in columns],
            company_ids=None
            if company is None
            else [find_company(seen.connection, company).company_id],
            equal=equal,
            order_by=order,
            most=question.limit,
            skip=seen.skip,
        )
        return answers.page(request, seen, columns, found.rows, found.total)
