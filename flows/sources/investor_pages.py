"""Investor pages in a night: each page of the watchlist, and the PDFs that it links to."""

from collections.abc import Iterator

from connectors.http import HttpClient, Response
from connectors.investor_pages import fetch
from connectors.investor_pages.parse import links_to_pdfs, parse_document
from connectors.records import Parsed
from flows.night.open import Night
from flows.sources.subject import Source, Subject


def _pages(night: Night) -> list[tuple[str, str]]:
    return [
        (target.company_id, url)
        for target in night.targets
        for url in target.known_as("investor_pages")
    ]


def _subjects(night: Night) -> Iterator[Subject]:
    for company_id, url in _pages(night):
        yield _page(company_id, url)


def _page(company_id: str, page_url: str) -> Subject:
    titles: dict[str, str] = {}

    def ask(client: HttpClient) -> list[Response]:
        responses = fetch.fetch_page(client, page_url)
        titles.update(links_to_pdfs(responses[0].body, page_url))
        return responses

    def read(response: Response) -> Parsed:
        url = response.capture.url
        return parse_document(company_id, page_url, url, titles.get(url), response.capture.sha256)

    return Subject(f"{company_id} {page_url}", ask, read)


SOURCE = Source(
    "investor_pages",
    (),
    _subjects,
    lambda night: len(_pages(night)),
    is_bundled=True,
    has_many_hosts=True,
)
