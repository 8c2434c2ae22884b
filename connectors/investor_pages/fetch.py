"""An investor page of the watchlist, and the PDFs that it links to on its own host."""

from connectors.errors import SkipError, StopSourceError
from connectors.http import HttpClient, Response
from connectors.investor_pages import SOURCE
from connectors.investor_pages.parse import is_pdf, links_to_pdfs

# The newest stand first on such pages.
MOST_LINKS = 12


def fetch_page(client: HttpClient, url: str) -> list[Response]:
    """Fetch a page and its PDFs, the page first; a PDF that is not to be had is left out."""
    page = client.get(SOURCE, url, kind="page")
    if is_pdf(page.body):
        return [page]
    found = [page]
    for link, _ in links_to_pdfs(page.body, url)[:MOST_LINKS]:
        try:
            found.append(client.get(SOURCE, link, kind="page"))
        except StopSourceError:
            raise
        except SkipError:
            continue
    return found
