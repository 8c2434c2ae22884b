"""Yahoo Finance `v8/finance/chart`: daily prices, splits and dividends of one ticker."""

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from connectors.service import SECOND, Limit, Service

SERVICE = Service(
    "yahoo",
    limits=(Limit(5, SECOND),),
    base_urls={
        "yahoo_url": "https://query1.finance.yahoo.com",
        "yahoo_cookie_url": "https://fc.yahoo.com",
    },
    follows={"yahoo_cookie_url": "yahoo_url"},
)
SOURCE = SERVICE.name

PRICES = "yahoo_prices"
EVENTS = "yahoo_events"


class YahooPrice(NamedTuple):
    """One trading day by the exchange's calendar; prices in `currency`, on today's split basis.

    `adjusted_close` is also adjusted for dividends, by Yahoo's method.
    """

    ticker: str
    price_date: date
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    adjusted_close: Decimal | None
    volume: int | None
    currency: str


class YahooEvent(NamedTuple):
    """One `dividend` with its `amount`, or one `split` of `numerator` new for `denominator` old."""

    ticker: str
    event_date: date
    kind: str
    amount: Decimal | None
    numerator: Decimal | None
    denominator: Decimal | None
