"""The rows that a Twelve Data `time_series` document holds."""

from datetime import date
from decimal import Decimal
from typing import NamedTuple

PRICES = "twelve_data_prices"


class TwelveDataPrice(NamedTuple):
    """One trading day by the exchange's calendar; prices in `currency`.

    The source does not say on which split basis; the marts find out by comparing.
    """

    ticker: str
    price_date: date
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: int | None
    currency: str
    exchange: str | None
