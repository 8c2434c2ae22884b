"""Answers as bytes: the publication that they are of, rows as JSON or CSV, and the next page."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from io import BytesIO
from typing import Any, Final

from fastapi import Request, Response

from api.asked import ListQuestion, Question, cursor
from reports.formats import as_json, write
from warehouse.read.connection import Reader
from warehouse.read.pool import ReaderPool
from warehouse.read.publications import Published, current_publication
from warehouse.read.statement import Column

PUBLICATION_HEADER: Final = "Corpintel-Publication"
TOTAL_HEADER: Final = "Corpintel-Total"


@dataclass(frozen=True)
class Snapshot:
    """A connection whose every question is answered from this one publication."""

    connection: Reader
    publication: Published


@contextmanager
def snapshot(request: Request) -> Iterator[Snapshot]:
    """What the request is answered from."""
    pool: ReaderPool = request.app.state.pool
    with pool.snapshot() as connection:
        yield Snapshot(connection, current_publication(connection))


def one(request: Request, question: Question, seen: Snapshot, row: Mapping[str, Any]) -> Response:
    """An answer of one row."""
    headers = _headers(seen)
    if _is_csv(request, question):
        return _csv(list(row), [row], headers)
    told = {"publication": _publication(seen), "data": row}
    return Response(as_json(told), headers=headers, media_type="application/json")


def page(
    request: Request,
    question: ListQuestion,
    seen: Snapshot,
    columns: Sequence[str],
    rows: Sequence[Mapping[str, Any]],
    total: int,
) -> Response:
    """A page of a list, with the way to the next one where there is one."""
    end = question.skip(seen.publication.run_id) + len(rows)
    following = cursor(seen.publication.run_id, end) if rows and end < total else None
    headers = {**_headers(seen), TOTAL_HEADER: str(total)}
    if following is not None:
        target = request.url.include_query_params(cursor=following)
        headers["Link"] = f'<{target.path}?{target.query}>; rel="next"'
    if _is_csv(request, question):
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
    skip = question.skip(seen.publication.run_id)
    return rows[skip : skip + question.limit]


def fields(row: Any) -> dict[str, Any]:
    """A dataclass as a row."""
    return asdict(row)


def _headers(seen: Snapshot) -> dict[str, str]:
    return {PUBLICATION_HEADER: str(seen.publication.run_id), "Vary": "Accept"}


def _publication(seen: Snapshot) -> dict[str, Any]:
    return {"run_id": seen.publication.run_id, "as_of": seen.publication.as_of}


def _is_csv(request: Request, question: Question) -> bool:
    if question.format is not None:
        return question.format == "csv"
    accepted = request.headers.get("accept", "")
    return "text/csv" in accepted and "application/json" not in accepted


def _csv(
    columns: Sequence[str], rows: Sequence[Mapping[str, Any]], headers: Mapping[str, str]
) -> Response:
    out = BytesIO()
    write(
        [Column(name) for name in columns], [[row[c] for c in columns] for row in rows], "csv", out
    )
    return Response(out.getvalue(), headers=dict(headers), media_type="text/csv")
