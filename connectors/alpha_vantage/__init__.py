"""Alpha Vantage: a vendor's overview, statements and earnings of one ticker; 25 answers a day."""

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from connectors.service import DAY, SECOND, Limit, Service

SERVICE = Service(
    "alpha_vantage",
    limits=(Limit(1, SECOND), Limit(25, DAY)),
    base_urls={"alpha_vantage_url": "https://www.alphavantage.co"},
    key="alpha_vantage_api_key",
    key_example="the key that Alpha Vantage sent you",
)
SOURCE = SERVICE.name

OVERVIEWS = "alpha_vantage_overviews"
STATEMENTS = "alpha_vantage_statements"
EARNINGS = "alpha_vantage_earnings"


class AlphaVantageOverview(NamedTuple):
    """What the vendor says of a company today; amounts in `currency`."""

    ticker: str
    name: str
    cik: int | None
    exchange: str | None
    currency: str
    sector: str | None
    industry: str | None
    fiscal_year_end: str | None
    latest_quarter: date | None
    market_capitalization: Decimal | None
    shares_outstanding: Decimal | None
    revenue_ttm: Decimal | None
    gross_profit_ttm: Decimal | None
    diluted_eps_ttm: Decimal | None
    ebitda: Decimal | None


class AlphaVantageStatement(NamedTuple):
    """One value of one statement as the vendor normalises it, in `currency`.

    `period_type` is annual or quarter, `statement` is income, balance or cash_flow, `field` is the
    vendor's own name.
    """

    ticker: str
    currency: str
    period_type: str
    statement: str
    period_end: date
    field: str
    value: Decimal


class AlphaVantageEarnings(NamedTuple):
    """Earnings per share of one period, and what analysts had expected, in no stated currency."""

    ticker: str
    period_type: str
    period_end: date
    reported_date: date | None
    reported_eps: Decimal | None
    estimated_eps: Decimal | None
    surprise: Decimal | None
    surprise_percentage: Decimal | None
    report_time: str | None
