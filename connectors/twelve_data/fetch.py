"""Address of Twelve Data's `time_series`, and the errors that it sends with status 200."""

from datetime import date

from connectors.bodies import load_object
from connectors.errors import (
    NotFoundError,
    RefusedError,
    RetryableError,
    SkipError,
    StopSourceError,
)
from connectors.http import HttpClient, Response
from connectors.request import Answer
from connectors.twelve_data import SOURCE

# One symbol of `time_series` costs one credit.
CREDITS = 1
_MINUTE = 60.0


def series_url(base_url: str) -> str:
    """Address of a series, without the asked symbol and days."""
    return f"{base_url.rstrip('/')}/time_series"


def series_params(ticker: str, start: date, end: date) -> dict[str, str]:
    """Parameters for daily bars from `start` to `end`, both included."""
    return {
        "symbol": ticker,
        "interval": "1day",
        "start_date": start.isoformat(),
        # Twelve Data leaves the end itself out when it has no time of day.
        "end_date": f"{end.isoformat()} 23:59:59",
        "outputsize": "5000",
        "order": "asc",
    }


def fetch_series(
    client: HttpClient, base_url: str, api_key: str, ticker: str, start: date, end: date
) -> Response:
    """Fetch daily bars of a ticker, `end` included."""
    return client.get(
        SOURCE,
        series_url(base_url),
        params=series_params(ticker, start, end),
        headers={"Authorization": f"apikey {api_key}"},
        secrets=(api_key,),
        units=CREDITS,
        judge=refuse_error,
    )


def refuse_error(answer: Answer) -> None:
    """Raise the error that a body of {code, message, status: error} means, whatever its status."""
    if answer.status != 200 and not answer.body.lstrip().startswith(b"{"):
        return
    document = load_object(SOURCE, answer.body)
    if document.get("status") != "error" and "code" not in document:
        return
    code = document.get("code")
    message = str(document.get("message"))
    if code == 429 and "minute" in message:
        raise RetryableError(SOURCE, "credits of the minute are spent", "429", "wait", _MINUTE)
    if code == 429:
        raise StopSourceError(SOURCE, "credits of the day are spent", "429", "go on tomorrow")
    if code in (401, 403):
        raise RefusedError(
            SOURCE, f"refused the key (code {code})", "key hidden", "check the API key"
        )
    if code == 404:
        raise NotFoundError(SOURCE, "unknown at Twelve Data", "code 404", "check the ticker")
    if isinstance(code, int) and code >= 500:
        raise RetryableError(SOURCE, "server error in the body", str(code), "ask again later")
    raise SkipError(SOURCE, "error in the body", f"code {code!r:.40}", "look at the parameters")
