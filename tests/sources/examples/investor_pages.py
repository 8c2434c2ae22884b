"""An investor page."""

from connectors.investor_pages.fetch import fetch_page
from connectors.investor_pages.parse import parse_document as parse_page
from tests.sources.examples.example import Example

# A page for people may be anything: what is read of it is in tests/documents.
PAGES = [
    Example(
        "investor page",
        "investor_pages",
        b"<html><body><p>Figures for investors: a page of their own.</p></body></html>",
        lambda client, url: fetch_page(client, f"{url}/investors.html"),
        lambda body: parse_page(
            "example", "https://a.example", "https://a.example", None, "0" * 64
        ),
        "text/html",
    ),
]
ADDRESSES = {
    r"investors\.html": "investor page",
}
HANDLE = 'investor_pages: ["{url}/ok/investor_pages/investors.html"]'
