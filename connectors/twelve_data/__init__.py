"""Twelve Data `time_series`: daily prices of one ticker, as a second witness to Yahoo's."""

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from connectors.service import DAY, MINUTE, Limit, Service

SERVICE = Service(
    "twelve_data",
    limits=(Limit(8, MINUTE), Limit(800, DAY)),
    base_urls={"twelve_data_url": "https://api.twelvedata.com"},
    key="twelve_data_api_key",
    key_example="the key of your Twelve Data account",
)
SOURCE = SERVICE.name

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
