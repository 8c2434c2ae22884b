"""What the API says where it cannot answer: problem details (RFC 9457), each with its cure."""

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final
from uuid import uuid4

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reports.formats import as_json
from warehouse.read.errors import (
    NothingPublishedError,
    QuestionError,
    ReaderRefusedError,
    UnknownCompanyError,
    UnknownLineError,
    UnknownPeriodError,
)
from warehouse.read.marts import UnknownColumnError
from warehouse.read.pool import BusyError, TooLongError
from warehouse.read.screen import WrongConditionError

CORRELATION_HEADER: Final = "X-Request-ID"
_CORRELATION: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_SHOWN_CHARACTERS: Final = 60
_ROUTES: Final = "see /openapi.json for what there is to ask"
_log = logging.getLogger(__name__)


class RequestError(QuestionError):
    """A parameter that does not fit the others; the message has the cure after its last `; `."""


@dataclass(frozen=True)
class _Kind:
    status: HTTPStatus
    code: str
    title: str
    retry_after: int | None = None


_KINDS: Final[Mapping[type[QuestionError], _Kind]] = {
    UnknownCompanyError: _Kind(HTTPStatus.NOT_FOUND, "unknown_company", "No such company"),
    UnknownLineError: _Kind(HTTPStatus.NOT_FOUND, "unknown_line", "No such line or measure"),
    UnknownPeriodError: _Kind(HTTPStatus.NOT_FOUND, "unknown_period", "No such period"),
    RequestError: _Kind(HTTPStatus.BAD_REQUEST, "bad_parameter", "A parameter is wrong"),
    UnknownColumnError: _Kind(HTTPStatus.BAD_REQUEST, "unknown_field", "No such column"),
    WrongConditionError: _Kind(HTTPStatus.BAD_REQUEST, "bad_condition", "A condition is wrong"),
    BusyError: _Kind(HTTPStatus.SERVICE_UNAVAILABLE, "busy", "Too many questions at once", 1),
    TooLongError: _Kind(HTTPStatus.SERVICE_UNAVAILABLE, "too_long", "The answer took too long", 30),
    NothingPublishedError: _Kind(
        HTTPStatus.SERVICE_UNAVAILABLE, "nothing_published", "Nothing is published", 60
    ),
    ReaderRefusedError: _Kind(
        HTTPStatus.SERVICE_UNAVAILABLE, "no_warehouse", "The warehouse cannot be asked", 10
    ),
}


def install(app: FastAPI) -> None:
    """Let every failure of the application be answered by a problem."""
    app.add_exception_handler(QuestionError, _unanswerable)
    app.add_exception_handler(RequestValidationError, _wrong_parameters)
    app.add_exception_handler(HTTPException, _no_such_route)
    app.add_exception_handler(Exception, _fault)
    app.add_middleware(Correlated)


class Correlated:
    """Gives each request an id, the client's own where it sends a plain one, and tells it back."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the id in a header, too."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        name = CORRELATION_HEADER.lower().encode()
        given = dict(scope["headers"]).get(name, b"").decode("latin-1")
        told = given if _CORRELATION.fullmatch(given) else uuid4().hex
        scope.setdefault("state", {})["correlation_id"] = told

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (name, told.encode())]
            await send(message)

        await self._app(scope, receive, send_with_id)


def refusal(request: Request, status: int, detail: str, cure: str) -> Response:
    """A problem that is told by its status alone."""
    of = HTTPStatus(status)
    kind = _Kind(of, of.phrase.lower().replace(" ", "_").replace("-", "_"), of.phrase)
    return _answer(request, kind, detail, cure)


def _answer(request: Request, kind: _Kind, detail: str, cure: str, **more: Any) -> Response:
    told = {
        "type": f"urn:corpintel:problem:{kind.code}",
        "title": kind.title,
        "status": int(kind.status),
        "code": kind.code,
        "detail": detail,
        "cure": cure,
        "correlation_id": request.state.correlation_id,
        **more,
    }
    headers = {} if kind.retry_after is None else {"Retry-After": str(kind.retry_after)}
    return Response(as_json(told), kind.status, headers, "application/problem+json")


def _unanswerable(request: Request, error: Exception) -> Response:
    known = next((_KINDS[one] for one in type(error).__mro__ if one in _KINDS), None)
    kind = known or _Kind(HTTPStatus.BAD_REQUEST, "bad_question", "It cannot be answered")
    # Errors of the warehouse say what is wrong, and after the last semicolon what to ask instead.
    detail, _, cure = str(error).rpartition("; ")
    return _answer(request, kind, detail or cure, cure if detail else _ROUTES)


def _wrong_parameters(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    wrong = [
        {"parameter": ".".join(map(str, one["loc"][1:])), "reason": _reason(one)}
        for one in error.errors()
    ]
    first = wrong[0]
    unknown = [one for one in error.errors() if one["type"] == "extra_forbidden"]
    kind = (
        _Kind(HTTPStatus.BAD_REQUEST, "unknown_parameter", "No such parameter")
        if unknown
        else _KINDS[RequestError]
    )
    name = _shortened(str(unknown[0]["loc"][-1]) if unknown else first["parameter"])
    detail = f"{name!r} is no parameter here" if unknown else f"{name}: {first['reason']}"
    return _answer(request, kind, detail, _ROUTES, parameters=wrong[:10])


def _reason(error: Mapping[str, Any]) -> str:
    if error["type"] == "extra_forbidden":
        return "there is no such parameter"
    return str(error["msg"])


def _no_such_route(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    detail = f"{request.method} {_shortened(request.url.path)} has no answer"
    return refusal(request, error.status_code, detail, _ROUTES)


def _fault(request: Request, error: Exception) -> Response:
    _log.error("request %s failed", request.state.correlation_id, exc_info=error)
    kind = _Kind(HTTPStatus.INTERNAL_SERVER_ERROR, "fault", "A fault of this server")
    answer = _answer(
        request,
        kind,
        "the question could not be answered, by a fault of ours",
        "look for the correlation_id in the server's log",
    )
    # It is answered outside of what adds the header elsewhere.
    answer.headers[CORRELATION_HEADER] = request.state.correlation_id
    return answer


def _shortened(text: str) -> str:
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}…"
