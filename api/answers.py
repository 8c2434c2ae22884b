"""Answers as bytes: the publication that they are of, rows in a format, and the next page.

A client that has the answer already, by its entity tag, is told so before rows are asked for.
"""

import dataclasses
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from types import NoneType
from typing import Any, Final, get_args, get_type_hints

from fastapi import Request, Response

from api import unchanged
from api.asked import JsonQuestion, ListQuestion, Question, RowsQuestion, cursor
from api.problems import RequestError
from reports.formats import FormatError, as_json, write
from warehouse.read.connection import Reader
from warehouse.read.errors import nearest
from warehouse.read.marts import UnknownColumnError, mart_columns
from warehouse.read.pool import ReaderPool
from warehouse.read.publications import Published, current_publication
from warehouse.read.statement import Column, Kind, kind_of

TOTAL_HEADER: Final = "Corpintel-Total"
MEDIA_TYPES: Final[Mapping[str, str]] = {
    "json": "application/json",
    "ndjson": "application/x-ndjson",
    "csv": "text/csv",
    "parquet": "application/vnd.apache.parquet",
    "arrow": "application/vnd.apache.arrow.stream",
}
_QUALITY: Final = re.compile(r";\s*q=(\d(?:\.\d{1,3})?)\s*(?:;|$)")
# By the names that `reports.formats` has.
_WRITTEN_AS: Final = {"ndjson": "jsonl"}
_KINDS: Final[Mapping[Any, Kind]] = {
    bool: Kind.boolean,
    int: Kind.integer,
    Decimal: Kind.decimal,
    date: Kind.date,
    datetime: Kind.timestamp,
}


@dataclass(frozen=True)
class Snapshot:
    """A connection whose every question is answered from this one publication.

    `form` is how to answer, and `skip` how many rows the pages before had.
    """

    connection: Reader
    publication: Published
    question: Question
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
        yield Snapshot(connection, publication, question, form, tag, skip)


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
        yield CompanySnapshot(connection, publication, question, form, tag, skip, stamp.company_id)


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


def one(seen: Snapshot, columns: Sequence[Column], row: Mapping[str, Any]) -> Response:
    """An answer of one row."""
    given = chosen(seen.question, columns)
    headers = _tagged(seen, seen.tag.whole)
    if seen.form != "json":
        return _rows(seen, given, [row], headers)
    return _json(seen, {"data": {column.name: row[column.name] for column in given}}, headers)


def whole(seen: Snapshot, told: Mapping[str, Any]) -> Response:
    """An answer that is no row, in JSON."""
    return _json(seen, {"data": told}, _tagged(seen, seen.tag.whole))


def page(
    request: Request,
    seen: Snapshot,
    columns: Sequence[Column],
    rows: Sequence[Mapping[str, Any]],
    total: int,
) -> Response:
    """A page of a list, with the way to the next one where there is one."""
    given = chosen(seen.question, columns)
    end = seen.skip + len(rows)
    following = cursor(seen.publication.run_id, end) if rows and end < total else None
    headers = _tagged(seen, seen.tag.whole if following is None else seen.tag.with_next)
    headers[TOTAL_HEADER] = str(total)
    if following is not None:
        target = request.url.include_query_params(cursor=following)
        headers["Link"] = f'<{target.path}?{target.query}>; rel="next"'
    if seen.form != "json":
        return _rows(seen, given, rows, headers)
    data = [{column.name: row[column.name] for column in given} for row in rows]
    return _json(seen, {"total": total, "next": following, "data": data}, headers)


def mart_list(seen: Snapshot, mart: str) -> list[Column]:
    """The columns of a mart in its order."""
    return [
        Column(column.column, kind_of(column.data_type))
        for column in mart_columns(seen.connection, mart)
    ]


def columns_of(row_type: type) -> list[Column]:
    """The columns of rows that come as dataclasses; a list or an object is told as a text."""
    told = get_type_hints(row_type)
    columns = []
    for field in dataclasses.fields(row_type):
        one_of = [one for one in get_args(told[field.name]) if one is not NoneType]
        of_type = one_of[0] if one_of else told[field.name]
        columns.append(Column(field.name, _KINDS.get(of_type, Kind.text)))
    return columns


def chosen(question: Question, columns: Sequence[Column]) -> list[Column]:
    """The columns that the question's `fields` names, in its order, or all.

    Raises UnknownColumnError.
    """
    if not isinstance(question, RowsQuestion) or question.fields is None:
        return list(columns)
    known = {column.name: column for column in columns}
    # A name that is there twice is given once.
    names = list(dict.fromkeys(question.fields.split(",")))
    for name in names:
        if name not in known:
            raise UnknownColumnError(f"fields: {name!r} is none here; {nearest(name, list(known))}")
    return [known[name] for name in names]


def cut(seen: Snapshot, question: ListQuestion, rows: Sequence[Any]) -> Sequence[Any]:
    """The page's part of a short list that was read whole."""
    return rows[seen.skip : seen.skip + question.limit]


def fields(row: Any) -> dict[str, Any]:
    """A dataclass as a row."""
    return dataclasses.asdict(row)


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
    """The format that is asked for, else the one of ours that the client likes most, else JSON."""
    if question.format is not None:
        return question.format
    if isinstance(question, JsonQuestion):
        return "json"
    liked = [
        (_quality(said), -place, form)
        for place, said in enumerate(request.headers.get("accept", "").split(","))
        for form, media_type in MEDIA_TYPES.items()
        if said.partition(";")[0].strip().lower() == media_type
    ]
    best = max(liked, default=(0.0, 0, "json"))
    return best[2] if best[0] > 0 else "json"


def _quality(said: str) -> float:
    found = _QUALITY.search(said)
    return float(found[1]) if found else 1.0


def _json(seen: Snapshot, told: Mapping[str, Any], headers: Mapping[str, str]) -> Response:
    body = as_json({"publication": _publication(seen), **told})
    return Response(body, headers=dict(headers), media_type=MEDIA_TYPES["json"])


def _rows(
    seen: Snapshot,
    columns: Sequence[Column],
    rows: Sequence[Mapping[str, Any]],
    headers: Mapping[str, str],
) -> Response:
    """A page has so few rows that they are held, and the answer is whole or an error."""
    out = BytesIO()
    told = [[row[column.name] for column in columns] for row in rows]
    try:
        write(columns, told, _WRITTEN_AS.get(seen.form, seen.form), out)
    except FormatError as error:
        detail = str(error).partition("; ")[0]
        raise RequestError(f"format: {detail}; ask for format=json") from None
    return Response(out.getvalue(), headers=dict(headers), media_type=MEDIA_TYPES[seen.form])
