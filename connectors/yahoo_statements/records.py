"""The rows that a Yahoo `v10/finance/quoteSummary` document holds."""

from datetime import date
from decimal import Decimal
from typing import NamedTuple

STATEMENTS = "yahoo_statements"


class YahooStatement(NamedTuple):
    """One value of one statement as the vendor normalises it, in `currency`.

    `period_type` is annual or quarter, `statement` is income, balance or cash_flow, `field` is
    Yahoo's own name.
    """

    ticker: str
    currency: str
    period_type: str
    statement: str
    period_end: date
    field: str
    value: Decimal
