"""Addresses of Yahoo's `v10/finance/quoteSummary` and of the crumb that it asks for."""

import re
from contextlib import suppress
from urllib.parse import quote

from connectors.errors import NotFoundError, StopSourceError
from connectors.http import HttpClient, Response
from connectors.yahoo_answers import refuse_error, yahoo_symbol
from connectors.yahoo_statements import SOURCE

MODULES = (
    "incomeStatementHistory",
    "incomeStatementHistoryQuarterly",
    "balanceSheetHistory",
    "balanceSheetHistoryQuarterly",
    "cashflowStatementHistory",
    "cashflowStatementHistoryQuarterly",
    "financialData",
    "price",
)
_CRUMB = re.compile(rb"[^\s<>{}\"]{1,64}")


def statements_url(base_url: str, ticker: str) -> str:
    """Address of one ticker's summary, without the asked modules."""
    return f"{base_url.rstrip('/')}/v10/finance/quoteSummary/{quote(yahoo_symbol(ticker), safe='')}"


def statements_params() -> dict[str, str]:
    """Parameters for all statements, their currency and the symbol they are of."""
    return {"modules": ",".join(MODULES)}


def fetch_crumb(client: HttpClient, base_url: str, cookie_url: str | None = None) -> str:
    """Fetch the token that quoteSummary asks for; it is kept nowhere.

    Yahoo binds a crumb to a cookie, which any answer of `cookie_url` sets, one of 404 too.
    """
    if cookie_url is not None:
        with suppress(NotFoundError):
            client.get(SOURCE, cookie_url, keep=False, kind="page", judge=refuse_error)
    crumb_url = f"{base_url.rstrip('/')}/v1/test/getcrumb"
    body = client.get(SOURCE, crumb_url, keep=False, judge=refuse_error).body
    crumb = body.strip()
    if not _CRUMB.fullmatch(crumb) or not crumb.isascii():
        raise StopSourceError(
            SOURCE,
            "answer is not a crumb",
            f"{len(body)} bytes",
            "statements are left out tonight; see whether Yahoo asks for consent",
        )
    return crumb.decode("ascii")


def fetch_statements(client: HttpClient, base_url: str, ticker: str, crumb: str) -> Response:
    """Fetch the annual and quarterly statements of a ticker."""
    return client.get(
        SOURCE,
        statements_url(base_url, ticker),
        params=statements_params(),
        secret_params={"crumb": crumb},
        judge=refuse_error,
    )
