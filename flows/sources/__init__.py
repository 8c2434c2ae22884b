"""How each source is asked during a night: which subjects, and what parses their answers."""

from flows.sources import ecb, sec, yahoo_chart, yahoo_statements
from flows.sources.subject import Source

SOURCES: dict[str, Source] = {
    source.name: source
    for source in (sec.SOURCE, yahoo_chart.SOURCE, yahoo_statements.SOURCE, ecb.SOURCE)
}
FILING_SOURCES = ("sec",)
MARKET_SOURCES = ("yahoo_chart", "yahoo_statements", "ecb")
