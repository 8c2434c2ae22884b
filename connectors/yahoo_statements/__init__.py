"""Yahoo Finance `v10/finance/quoteSummary`: income, balance and cash flow statements."""

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from connectors.yahoo_chart import SERVICE

SOURCE = SERVICE.name

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
