"""SEC EDGAR: ticker list, submissions and XBRL company facts, as JSON from data.sec.gov."""

from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from connectors.service import SECOND, Limit, Service

# The law is 10 a second, and blocks were seen at 9.7.
SERVICE = Service(
    "sec",
    limits=(Limit(8, SECOND),),
    base_urls={"sec_data_url": "https://data.sec.gov", "sec_www_url": "https://www.sec.gov"},
)
SOURCE = SERVICE.name

TICKERS = "sec_tickers"
COMPANIES = "sec_companies"
FILINGS = "sec_filings"
FACTS = "sec_facts"
INDEX = "sec_index_filings"


class SecTicker(NamedTuple):
    """One listed symbol of one filer."""

    cik: int
    ticker: str
    name: str


class SecCompany(NamedTuple):
    """What one document (`submissions` or `companyfacts`) says about a filer.

    `fiscal_year_end` is MMDD; `tickers` and `exchanges` are JSON lists, `former_names` a JSON list
    of {name, from, to}; what a document does not say is None.
    """

    cik: int
    document: str
    name: str
    sic: str | None
    sic_description: str | None
    fiscal_year_end: str | None
    filer_category: str | None
    tickers: str | None
    exchanges: str | None
    former_names: str | None


class SecFiling(NamedTuple):
    """One filing of one filer; `size` is in bytes, `accepted_at` in UTC as SEC states it."""

    cik: int
    accession: str
    form: str
    filed_date: date
    report_date: date | None
    accepted_at: datetime | None
    primary_document: str | None
    primary_description: str | None
    items: str | None
    size: int | None
    is_xbrl: bool | None
    is_inline_xbrl: bool | None


class SecFact(NamedTuple):
    """One reported value; `start_date` is None for an instant, `fy` and `fp` are the filing's.

    SEC's `frame` is left out on purpose: it moves to the copy that was filed last, so with each new
    filing it would change rows that say the same. The capture keeps it.
    """

    cik: int
    taxonomy: str
    concept: str
    unit: str
    start_date: date | None
    end_date: date
    value: Decimal
    accession: str
    fy: int | None
    fp: str | None
    form: str
    filed_date: date


class SecIndexFiling(NamedTuple):
    """One line of a daily index: a filing as EDGAR announced it that day."""

    cik: int
    accession: str
    form: str
    name: str
    filed_date: date
    index_date: date
