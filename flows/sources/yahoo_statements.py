"""Yahoo's statements in a night: a second witness, and the only figures of some companies."""

from collections.abc import Iterator

from connectors.http import HttpClient, Response
from connectors.yahoo_statements import fetch, parse
from flows.night.open import Night
from flows.sources.subject import Source, Subject


def _subjects(night: Night) -> Iterator[Subject]:
    crumbs: list[str] = []
    for target in night.targets:
        for ticker in target.all_tickers:
            yield _statements(night, ticker, crumbs)


def _statements(night: Night, ticker: str, crumbs: list[str]) -> Subject:
    """One ticker's statements; the crumb is asked for once and serves the whole night."""
    base_url = night.url("yahoo_url")

    def ask(client: HttpClient) -> list[Response]:
        if not crumbs:
            cookie_url = night.url("yahoo_cookie_url")
            crumbs.append(fetch.fetch_crumb(client, base_url, cookie_url))
        return [fetch.fetch_statements(client, base_url, ticker, crumbs[0])]

    return Subject(
        f"{ticker} statements",
        ask,
        lambda response: parse.parse_statements(response.body, ticker),
    )


SOURCE = Source(
    "yahoo_statements",
    ("yahoo_statements",),
    _subjects,
    lambda night: sum(len(target.all_tickers) for target in night.targets),
    is_bundled=True,
)
