"""The row that says of a document of an investor page where it lies and which bytes it has."""

from typing import NamedTuple

INVESTOR_DOCUMENTS = "investor_documents"


class InvestorDocument(NamedTuple):
    """One document that a company's page is, or links to; `title` is the text of the link."""

    company_id: str
    url: str
    page_url: str
    title: str | None
    sha256: str
