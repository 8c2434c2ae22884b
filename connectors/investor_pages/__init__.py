"""Investor pages of the watchlist: documents that a company publishes itself, PDF or HTML."""

from typing import NamedTuple

from connectors.service import SECOND, Limit, Service

# Their hosts stand in the watchlist.
SERVICE = Service("investor_pages", limits=(Limit(2, SECOND),))
SOURCE = SERVICE.name

INVESTOR_DOCUMENTS = "investor_documents"


class InvestorDocument(NamedTuple):
    """One document that a company's page is, or links to; `title` is the text of the link."""

    company_id: str
    url: str
    page_url: str
    title: str | None
    sha256: str
