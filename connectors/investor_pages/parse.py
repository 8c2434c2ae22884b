"""What an investor page is: a document itself, or links to some."""

from urllib.parse import urldefrag, urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser

from connectors.investor_pages import INVESTOR_DOCUMENTS, InvestorDocument
from connectors.records import Parsed


def is_pdf(body: bytes) -> bool:
    """Whether bytes are those of a PDF."""
    return b"%PDF-" in body[:1024]


def links_to_pdfs(body: bytes, url: str) -> list[tuple[str, str]]:
    """(address, text) of each link of a page to a PDF of the page's own host, in their order."""
    tree = LexborHTMLParser(body.decode("utf-8", errors="replace"))
    host = urlsplit(url).hostname
    found: dict[str, str] = {}
    for link in tree.css("a[href]"):
        try:
            address = urldefrag(urljoin(url, link.attributes.get("href") or "")).url
            parts = urlsplit(address)
        except ValueError:
            continue
        if parts.hostname == host and parts.path.lower().endswith(".pdf"):
            found.setdefault(address, link.text(strip=True))
    return [*found.items()]


def parse_document(
    company_id: str, page_url: str, url: str, title: str | None, sha256: str
) -> Parsed:
    """The row of a document that was fetched."""
    record = InvestorDocument(company_id, url, page_url, title or None, sha256)
    return Parsed({INVESTOR_DOCUMENTS: [record]})
