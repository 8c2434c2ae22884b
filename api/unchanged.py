"""What has not changed since a client asked: entity tags, made of digests kept in memory.

A tag is weak: with the same one an answer has the same rows, and perhaps another publication's
name.
"""

import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files
from typing import Any, Final

import orjson
from fastapi import FastAPI, Request, Response

from warehouse.read.companies import find_company
from warehouse.read.connection import Reader
from warehouse.read.digests import company_digests
from warehouse.read.publications import Published

PUBLICATION_HEADER: Final = "Corpintel-Publication"
_MOST_KEPT: Final = 20_000
_TAG: Final = re.compile(r'"([^"]*)"')


def _sha_of_code() -> str:
    """Of the modules that make answers: others may answer otherwise from the same rows."""
    made = sha256()
    for package in ("api", "warehouse.read", "reports"):
        for file in sorted(files(package).iterdir(), key=lambda file: file.name):
            if file.name.endswith(".py"):
                made.update(file.read_bytes())
    return made.hexdigest()


_CODE: Final = _sha_of_code()


class NotModifiedError(Exception):
    """The client has the answer already; it holds the headers that say so."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        super().__init__("not modified")
        self.headers = headers


@dataclass(frozen=True)
class CompanyStamp:
    """Which company is meant, and what its rows are; None where their digests do not say it."""

    company_id: str
    digests: tuple[str, ...] | None


@dataclass(frozen=True)
class Tag:
    """The tags of an answer: of a whole one, and of a page with a next one.

    The address of a next page is of its publication, so that a page with one goes with it.
    """

    whole: str
    with_next: str

    def require_other(self, request: Request, headers: Mapping[str, str]) -> None:
        """Raise NotModifiedError where the client names one of these tags."""
        asked = request.headers.get("if-none-match", "")
        for tag in (self.whole, self.with_next):
            if asked.strip() == "*" or tag in _TAG.findall(asked):
                raise NotModifiedError({**headers, "ETag": weak(tag)})


class Stamps:
    """Companies by what they were asked as, of the newest publication that was seen."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._publication: tuple[int, str] | None = None
        self._kept: dict[tuple[str, Sequence[str]], CompanyStamp] = {}

    def of_company(
        self, connection: Reader, publication: Published, asked: str, marts: tuple[str, ...]
    ) -> CompanyStamp:
        """The company, with what its rows in these marts are; raises UnknownCompanyError.

        Asks the warehouse once for each publication. A mart without a digest has no row of the
        company, or is none whose rows are kept by company.
        """
        seen = (publication.run_id, publication.content_hash)
        key = (asked, marts)
        with self._lock:
            if self._publication != seen or len(self._kept) >= _MOST_KEPT:
                self._publication, self._kept = seen, {}
            kept = self._kept
            known = kept.get(key)
        if known is None:
            company_id = find_company(connection, asked).company_id
            found = company_digests(connection, company_id, marts) if marts else []
            is_told = bool(marts) and len(found) == len(marts)
            known = CompanyStamp(company_id, tuple(of.digest for of in found) if is_told else None)
            # One that another publication replaced meanwhile is nobody's any more.
            kept[key] = known
        return known


def tag(
    route: str,
    asked: Mapping[str, Any],
    form: str,
    publication: Published,
    company: CompanyStamp | None,
) -> Tag:
    """The tags of the answer of a route to parameters in a format.

    It changes with the rows of the company, where digests tell of them, else with each publication;
    and with the models and seeds that were built, which have the columns and the lines.
    """
    told: list[Any] = [_CODE, route, asked, form, publication.dbt_manifest_hash]
    if company is not None:
        told += [company.company_id, company.digests]
    with_next = _sha([*told, publication.run_id, publication.content_hash])
    is_told = company is not None and company.digests is not None
    return Tag(_sha(told) if is_told else with_next, with_next)


def weak(tag: str) -> str:
    """A tag as the header has it."""
    return f'W/"{tag}"'


def install(app: FastAPI) -> None:
    """Answer 304 where the client has the answer."""
    app.state.stamps = Stamps()
    app.add_exception_handler(NotModifiedError, _not_modified)


def _not_modified(_request: Request, error: Exception) -> Response:
    assert isinstance(error, NotModifiedError)
    # It stands for an answer that may have been compressed.
    headers = {**error.headers, "Vary": "Accept, Accept-Encoding"}
    return Response(status_code=304, headers=headers)


def _sha(told: Sequence[Any]) -> str:
    return sha256(orjson.dumps(told, option=orjson.OPT_SORT_KEYS)).hexdigest()[:32]
