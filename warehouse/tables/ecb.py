"""European Central Bank: euro reference rates."""

from datetime import date

from sqlalchemy import Column, Date, Numeric, Text

from warehouse.tables.base import CURRENCY, LAST_PERIOD, Change, raw_table

ecb_rates = raw_table(
    "ecb_rates",
    ("currency", "rate_date"),
    Column("currency", Text, nullable=False, info={"matches": CURRENCY}),
    Column("rate_date", Date, nullable=False, info={"in_range": (date(1999, 1, 1), LAST_PERIOD)}),
    Column("rate", Numeric, nullable=False, info={"is_positive": True}),
    changes=Change("'cells'", "currency", "rate_date"),
)
