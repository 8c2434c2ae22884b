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


def refuse_limit_text(source: str, body: bytes) -> None:
    """Raise RetryableError for the text that Yahoo sends with status 200 when it limits us."""
    if b"too many requests" in body[:500].lower():
        raise RetryableError(
            source, "rate limit text in place of data", "Too Many Requests", "ask again later"
        )


def check_symbol(source: str, found: object, ticker: str) -> None:
    """Raise BadBodyError when an answer names another ticker than the one asked for."""
    if not isinstance(found, str) or found.casefold() != ticker.casefold():
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
