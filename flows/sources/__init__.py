"""How each source is asked during a night: which subjects, and what parses their answers."""

from flows.sources import (
    alpha_vantage,
    crunchbase,
    document_texts,
    ecb,
    feeds,
    filed_documents,
    github,
    investor_pages,
    newsapi,
    sec,
    twelve_data,
    yahoo_chart,
    yahoo_statements,
)
from flows.sources.subject import Source

SOURCES: dict[str, Source] = {
    source.name: source
    for source in (
        sec.SOURCE,
        yahoo_chart.SOURCE,
        yahoo_statements.SOURCE,
        ecb.SOURCE,
        alpha_vantage.SOURCE,
        twelve_data.SOURCE,
        newsapi.SOURCE,
        feeds.SOURCE,
        github.SOURCE,
        crunchbase.SOURCE,
        filed_documents.SOURCE,
        investor_pages.SOURCE,
        document_texts.SOURCE,
    )
}
FILING_SOURCES = ("sec",)
MARKET_SOURCES = ("yahoo_chart", "yahoo_statements", "ecb", "alpha_vantage", "twelve_data")
ALTERNATIVE_SOURCES = ("newsapi", "feeds", "github", "crunchbase")
DOCUMENT_SOURCES = ("filed_documents", "investor_pages")
READING_SOURCES = ("document_texts",)
# Each wave is loaded before the next begins: filings lead to documents, and these to their texts.
WAVES = (
    (*FILING_SOURCES, *MARKET_SOURCES, *ALTERNATIVE_SOURCES),
    DOCUMENT_SOURCES,
    READING_SOURCES,
)
