"""Answers as bytes: the publication that they are of, rows as JSON or CSV, and the next page.

A client that has the answer already, by its entity tag, is told so before rows are asked for.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from io import BytesIO
from typing import Any, Final

from fastapi import Request, Response

from api import unchanged
from api.asked import ListQuestion, Question, cursor
from reports.formats import as_json, write
from warehouse.read.connection import Reader
from warehouse.read.pool import ReaderPool
from warehouse.read.publications import Published, current_publication
from warehouse.read.statement import Column

TOTAL_HEADER: Final = "Corpintel-Total"


@dataclass(frozen=True)
class Snapshot:
    """A connection whose every question is answered from this one publication.

    `form` is how to answer, and `skip` how many rows the pages before had.
    """

    connection: Reader
    publication: Published
    form: str
    tag: unchanged.Tag
    skip: int


@dataclass(frozen=True)
class CompanySnapshot(Snapshot):
    """A snapshot for the rows of one company."""

    company_id: str


@contextmanager
def snapshot(request: Request, question: Question) -> Iterator[Snapshot]:
    """What a question on the whole publication is answered from.

    Raises NotModifiedError where the client has the answer, and RequestError for a cursor of
    another publication.
    """
    with _lent(request) as (connection, publication):
        form = _form(request, question)
        skip = _skip(question, publication)
        tag = _tag(request, question, form, publication, None)
        yield Snapshot(connection, publication, form, tag, skip)


@contextmanager
def company_snapshot(
    request: Request, question: Question, asked: str, *marts: str
) -> Iterator[CompanySnapshot]:
    """What a question on a company's rows in these marts, and on nothing else, is answered from.

    Raises what `snapshot` does, and UnknownCompanyError.
    """
    stamps: unchanged.Stamps = request.app.state.stamps
    with _lent(request) as (connection, publication):
        form = _form(request, question)
        skip = _skip(question, publication)
        stamp = stamps.of_company(connection, publication, asked, marts)
        tag = _tag(request, question, form, publication, stamp)
        yield CompanySnapshot(connection, publication, form, tag, skip, stamp.company_id)


@contextmanager
def _lent(request: Request) -> Iterator[tuple[Reader, Published]]:
    pool: ReaderPool = request.app.state.pool
    with pool.snapshot() as connection:
        yield connection, current_publication(connection)


def _skip(question: Question, publication: Published) -> int:
    return question.skip(publication.run_id) if isinstance(question, ListQuestion) else 0


def _tag(
    request: Request,
    question: Question,
    form: str,
    publication: Published,
    stamp: unchanged.CompanyStamp | None,
) -> unchanged.Tag:
    asked = question.model_dump(mode="json", exclude={"format"}, exclude_defaults=True)
    tag = unchanged.tag(request.scope["route"].path, asked, form, publication, stamp)
    tag.require_other(request, _headers(publication))
    return tag


def one(seen: Snapshot, row: Mapping[str, Any]) -> Response:
    """An answer of one row."""
    headers = _tagged(seen, seen.tag.whole)
    if seen.form == "csv":
        return _csv(list(row), [row], headers)
    told = {"publication": _publication(seen), "data": row}
    return Response(as_json(told), headers=headers, media_type="application/json")


def page(
    request: Request,
    seen: Snapshot,
    columns: Sequence[str],
    rows: Sequence[Mapping[str, Any]],
    total: int,
) -> Response:
    """A page of a list, with the way to the next one where there is one."""
    end = seen.skip + len(rows)
    following = cursor(seen.publication.run_id, end) if rows and end < total else None
    headers = _tagged(seen, seen.tag.whole if following is None else seen.tag.with_next)
    headers[TOTAL_HEADER] = str(total)
    if following is not None:
        target = request.url.include_query_params(cursor=following)
        headers["Link"] = f'<{target.path}?{target.query}>; rel="next"'
    if seen.form == "csv":
        return _csv(columns, rows, headers)
    told = {
        "publication": _publication(seen),
        "total": total,
        "next": following,
        "data": rows,
    }
    return Response(as_json(told), headers=headers, media_type="application/json")


def cut(question: ListQuestion, seen: Snapshot, rows: Sequence[Any]) -> Sequence[Any]:
    """The page's part of a short list that was read whole."""
    return rows[seen.skip : seen.skip + question.limit]


def fields(row: Any) -> dict[str, Any]:
    """A dataclass as a row."""
    return asdict(row)


def _headers(publication: Published) -> dict[str, str]:
    return {
        unchanged.PUBLICATION_HEADER: str(publication.run_id),
        "Vary": "Accept",
        # The next publication may come at any time, so that each use is asked for.
        "Cache-Control": "private, no-cache",
    }


def _tagged(seen: Snapshot, tag: str) -> dict[str, str]:
    return {**_headers(seen.publication), "ETag": unchanged.weak(tag)}


def _publication(seen: Snapshot) -> dict[str, Any]:
    return {"run_id": seen.publication.run_id, "as_of": seen.publication.as_of}


def _form(request: Request, question: Question) -> str:
    if question.format is not None:
        return question.format
    accepted = request.headers.get("accept", "")
    return "csv" if "text/csv" in accepted and "application/json" not in accepted else "json"


def _csv(
    columns: Sequence[str], rows: Sequence[Mapping[str, Any]], headers: Mapping[str, str]
) -> Response:
    out = BytesIO()
    write(
        [Column(name) for name in columns], [[row[c] for c in columns] for row in rows], "csv", out
    )
    return Response(out.getvalue(), headers=dict(headers), media_type="text/csv")
