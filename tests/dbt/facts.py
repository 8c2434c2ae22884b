"""Facts of the bundled sample, as records that a test loads."""

import functools

import httpx

from connectors.sample.addresses import SEC_DATA_URL
from connectors.sample.transport import SampleTransport
from connectors.sec import COMPANIES, FACTS, TICKERS, SecCompany, SecFact, SecTicker
from connectors.sec import parse as sec
from connectors.sec.fetch import companyfacts_url
from tests.dbt.compiled import Records
from tests.nights import ROOT


@functools.cache
def used_concepts() -> frozenset[str]:
    """The concepts that some line may use."""
    lines = (ROOT / "dbt_project" / "seeds" / "line_concepts.csv").read_text().splitlines()
    return frozenset(line.split(",")[2] for line in lines[1:])


def sample_body(cik: int) -> bytes:
    """The bundled companyfacts of a filer."""
    request = httpx.Request("GET", companyfacts_url(SEC_DATA_URL, cik))
    return SampleTransport().handle_request(request).read()


def facts_of(cik: int, years: range) -> list[SecFact]:
    """The bundled facts that some line may use, from filings of some years."""
    found = sec.parse_companyfacts(sample_body(cik), cik).rows[FACTS]
    return [
        fact
        for fact in found
        if isinstance(fact, SecFact)
        and fact.concept in used_concepts()
        and fact.filed_date.year in years
    ]


def registrant(cik: int, ticker: str) -> Records:
    """The registrant and its ticker as SEC names them."""
    blank = (None,) * 7
    return {
        COMPANIES: [SecCompany(cik, "companyfacts", f"{ticker} Inc", *blank)],
        TICKERS: [SecTicker(cik, ticker, f"{ticker} Inc")],
    }
