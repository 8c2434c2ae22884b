"""European Central Bank: euro reference rates of every business day since 1999."""

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from connectors.service import SECOND, Limit, Service

SERVICE = Service(
    "ecb",
    limits=(Limit(2, SECOND),),
    base_urls={"ecb_url": "https://www.ecb.europa.eu"},
)
SOURCE = SERVICE.name

RATES = "ecb_rates"


class EcbRate(NamedTuple):
    """Units of `currency` for one euro on one day."""

    currency: str
    rate_date: date
    rate: Decimal
