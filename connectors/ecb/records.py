"""The rows that the ECB's `eurofxref-hist` holds."""

from datetime import date
from decimal import Decimal
from typing import NamedTuple

RATES = "ecb_rates"


class EcbRate(NamedTuple):
    """Units of `currency` for one euro on one day."""

    currency: str
    rate_date: date
    rate: Decimal
