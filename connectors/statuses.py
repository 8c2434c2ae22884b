"""What a status other than 200 means, and how long a source asks to be left alone."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from connectors.errors import NotFoundError, RefusedError, SkipError
from connectors.retry import TransientError

_LONGEST_WAIT = 86_400.0


def refusal(
    source: str, shown: str, status: int, headers: Mapping[str, str], now: datetime
) -> Exception:
    """The error for that status; a TransientError is tried again, all others are an answer."""
    wait = retry_after(headers, now)
    if status == 202:
        return TransientError("the source is still computing the answer", wait)
    if status == 429 or status >= 500:
        return TransientError(f"status {status}", wait)
    if status == 403 and wait is not None:
        # GitHub says 403 where others say 429.
        return TransientError("status 403, a rate limit", wait)
    if status in (404, 410):
        return NotFoundError(source, "no such document", shown, "check the identifier")
    if status in (401, 403):
        return RefusedError(
            source,
            f"refused with status {status}",
            shown,
            "check the key or the declared User-Agent, and wait before asking again",
        )
    return SkipError(source, f"status {status}", shown, "look at the request's parameters")


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds that the source asks to be left alone, from whichever header it says it in."""
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text), _LONGEST_WAIT)
    try:
        until = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return _reset_after(headers, now)
    # A date in the zone -0000 comes without one, and means UTC.
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    seconds: float = (until - now).total_seconds()
    return min(max(0.0, seconds), _LONGEST_WAIT)


def _reset_after(headers: Mapping[str, str], now: datetime) -> float | None:
    # GitHub's primary limit: nothing left, and when (in epoch seconds) there will be.
    reset = headers.get("x-ratelimit-reset", "")
    is_number = reset.isascii() and reset.isdigit()
    if headers.get("x-ratelimit-remaining") != "0" or not is_number:
        return None
    return min(max(0.0, float(reset) - now.timestamp()), _LONGEST_WAIT)
