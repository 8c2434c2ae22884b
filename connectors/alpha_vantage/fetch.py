"""Addresses of Alpha Vantage's functions, and the errors that it sends with status 200."""

from connectors.alpha_vantage import SOURCE
from connectors.bodies import load_object
from connectors.errors import NotFoundError, RefusedError, RetryableError, StopSourceError
from connectors.http import HttpClient, Response
from connectors.request import Answer

OVERVIEW = "OVERVIEW"
INCOME_STATEMENT = "INCOME_STATEMENT"
BALANCE_SHEET = "BALANCE_SHEET"
CASH_FLOW = "CASH_FLOW"
EARNINGS = "EARNINGS"
# In the order in which they are worth one of 25 answers a day.
FUNCTIONS = (INCOME_STATEMENT, BALANCE_SHEET, CASH_FLOW, OVERVIEW, EARNINGS)


def query_url(base_url: str) -> str:
    """Address of all functions."""
    return f"{base_url.rstrip('/')}/query"


def query_params(function: str, ticker: str) -> dict[str, str]:
    """Parameters of one function for one ticker."""
    return {"function": function, "symbol": ticker}


def fetch_function(
    client: HttpClient, base_url: str, api_key: str, function: str, ticker: str
) -> Response:
    """Fetch one function's document of a ticker; the key is in no capture, key or error."""
    return client.get(
        SOURCE,
        query_url(base_url),
        params=query_params(function, ticker),
        secret_params={"apikey": api_key},
        judge=refuse_error,
    )


def refuse_error(answer: Answer) -> None:
    """Raise the error that {Information}, {Note}, {Error Message} or {} means with status 200."""
    if answer.status != 200:
        return
    document = load_object(SOURCE, answer.body)
    if not document:
        raise NotFoundError(SOURCE, "unknown at Alpha Vantage", "an empty object", "leave it out")
    # The text itself greets us by our key, so no error quotes it.
    text = " ".join(
        str(document[name])
        for name in ("Information", "Note", "Error Message")
        if document.get(name)
    ).lower()
    if not text:
        return
    if "per second" in text or "per minute" in text:
        raise RetryableError(SOURCE, "limit text in place of data", "per minute", "wait", 15.0)
    if "per day" in text or "rate limit" in text:
        raise StopSourceError(
            SOURCE, "limit text in place of data", "per day", "go on tomorrow, or buy a plan"
        )
    if "api key" in text or "apikey" in text:
        raise RefusedError(SOURCE, "refused the key", "key hidden", "check the API key")
    if "premium" in text:
        raise StopSourceError(SOURCE, "a paid endpoint", "premium", "buy a plan or unset the key")
    raise NotFoundError(SOURCE, "refused the call", "Error Message", "check the ticker")
