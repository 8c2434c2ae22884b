"""The envelope and the error forms that Yahoo's finance documents share."""

from typing import Any

from connectors.bodies import load_object
from connectors.errors import (
    BadBodyError,
    NotFoundError,
    RetryableError,
    SkipError,
    SourceError,
    StopSourceError,
)
from connectors.request import Answer


def first_result(source: str, body: bytes, envelope: str, ticker: str) -> dict[str, Any]:
    """The one result in {envelope: {"result": [...], "error": null}}; a typed error otherwise."""
    refuse_limit_text(source, body)
    document = load_object(source, body)
    # A refused crumb is answered in the envelope "finance", whatever was asked for.
    answer = document.get(envelope, document.get("finance"))
    if not isinstance(answer, dict):
        raise BadBodyError(
            source,
            f"answer without {envelope}",
            ticker,
            "look at the capture: Yahoo may have changed the format",
        )
    if answer.get("error") is not None:
        raise _answered_error(source, answer["error"], ticker)
    results = answer.get("result")
    if not isinstance(results, list) or not results:
        raise NotFoundError(source, "answer without a result", ticker, "check the ticker")
    if len(results) != 1 or not isinstance(results[0], dict):
        raise BadBodyError(
            source,
            "answer without exactly one result",
            ticker,
            "look at the capture: Yahoo may have changed the format",
        )
    return results[0]


def refuse_error(answer: Answer) -> None:
    """Stop asking for statements or charts where Yahoo refuses; the other goes on by itself."""
    if answer.status in (401, 403):
        raise StopSourceError(
            "yahoo", f"refused by Yahoo with status {answer.status}", "its crumb", "see tomorrow"
        )
    if answer.status == 200:
        refuse_limit_text("yahoo", answer.body)


def refuse_limit_text(source: str, body: bytes) -> None:
    """Raise RetryableError for the text that Yahoo sends with status 200 when it limits us."""
    if b"too many requests" in body[:500].lower():
        raise RetryableError(
            source, "rate limit text in place of data", "Too Many Requests", "ask again later"
        )


def yahoo_symbol(ticker: str) -> str:
    """Yahoo's spelling of a ticker: a class of shares follows a dash, as in JW-A for JW.A."""
    head, dot, tail = ticker.rpartition(".")
    # One letter is a class of shares; more name an exchange, which Yahoo spells the same way.
    return f"{head}-{tail}" if dot and len(tail) == 1 and tail.isalpha() else ticker


def check_symbol(source: str, found: object, ticker: str) -> None:
    """Raise BadBodyError when an answer names another ticker than the one asked for."""
    if not isinstance(found, str) or found.casefold() != yahoo_symbol(ticker).casefold():
        raise BadBodyError(
            source, f"answer for another ticker than {ticker}", f"{found!r:.40}", "fetch it again"
        )


def _answered_error(source: str, error: object, ticker: str) -> SourceError:
    code = str(error.get("code")) if isinstance(error, dict) else ""
    if code == "Not Found":
        return NotFoundError(source, "unknown at Yahoo", ticker, "check the ticker")
    if code == "Unauthorized":
        return StopSourceError(source, "refused by Yahoo", code, "fetch a new crumb")
    if code == "Too Many Requests":
        return RetryableError(source, "limited by Yahoo", code, "ask again later")
    return SkipError(source, f"error from Yahoo for {ticker}", code[:80] or "no code", "look at it")
