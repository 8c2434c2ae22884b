"""The rows that a Yahoo `v8/finance/chart` document holds."""

from datetime import date
from decimal import Decimal
from typing import NamedTuple

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
