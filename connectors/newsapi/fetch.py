"""Address of NewsAPI's `everything`, and what its error codes mean."""

from datetime import date

from connectors.bodies import load_object
from connectors.errors import RefusedError, RetryableError, SkipError, StopSourceError
from connectors.http import HttpClient, Response
from connectors.newsapi import SOURCE
from connectors.request import Answer

# The free plan ends at 100 results; a further page would be answered 426.
PAGE_SIZE = 100


def everything_url(base_url: str) -> str:
    """Address of the search."""
    return f"{base_url.rstrip('/')}/v2/everything"


def everything_params(query: str, start: date, end: date) -> dict[str, str]:
    """Parameters for the newest articles that name the query as a phrase."""
    return {
        "q": f'"{query}"',
        "searchIn": "title,description",
        "from": start.isoformat(),
        "to": end.isoformat(),
        "language": "en",
        "sortBy": "publishedAt",
        "pageSize": str(PAGE_SIZE),
    }


def fetch_articles(
    client: HttpClient, base_url: str, api_key: str, query: str, start: date, end: date
) -> Response:
    """Fetch up to 100 articles of the days from `start` to `end`, newest first."""
    return client.get(
        SOURCE,
        everything_url(base_url),
        params=everything_params(query, start, end),
        headers={"X-Api-Key": api_key},
        secrets=(api_key,),
        judge=refuse_error,
    )


def refuse_error(answer: Answer) -> None:
    """Raise the error that a body of {status: error, code, message} means, with any status."""
    if not answer.body.lstrip().startswith(b"{"):
        return
    document = load_object(SOURCE, answer.body)
    if document.get("status") != "error":
        return
    code = str(document.get("code"))
    if code in ("apiKeyInvalid", "apiKeyMissing", "apiKeyDisabled"):
        raise RefusedError(SOURCE, f"refused the key ({code})", "key hidden", "check the API key")
    if code in ("rateLimited", "apiKeyExhausted"):
        raise StopSourceError(SOURCE, "requests of the day are spent", code, "go on tomorrow")
    if answer.status == 426 or code in ("maximumResultsReached", "parameterInvalid"):
        raise SkipError(
            SOURCE, "beyond what the plan allows", f"{answer.status} {code:.40}", "ask for less"
        )
    if code == "unexpectedError" or answer.status >= 500:
        raise RetryableError(SOURCE, "server error", f"{code:.40}", "ask again later")
    raise SkipError(SOURCE, "error in the body", f"code {code:.40}", "look at the parameters")
