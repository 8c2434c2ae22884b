"""Twelve Data: daily bars, a second witness to Yahoo's."""

from sqlalchemy import BigInteger, Column, Date, Numeric, Text

from warehouse.tables.base import (
    FETCHED_DAY,
    NOT_NEGATIVE,
    QUOTED_CURRENCY,
    TICKER,
    Change,
    raw_table,
)

twelve_data_prices = raw_table(
    "twelve_data_prices",
    ("ticker", "price_date"),
    Column("ticker", Text, nullable=False, info={"matches": TICKER}),
    Column("price_date", Date, nullable=False),
    Column("open", Numeric, nullable=False),
    Column("high", Numeric, nullable=False),
    Column("low", Numeric, nullable=False, info={"not_after": "high"}),
    Column("close", Numeric, nullable=False, info={"is_positive": True}),
    Column("volume", BigInteger, info={"in_range": NOT_NEGATIVE}),
    Column("currency", Text, nullable=False, info={"matches": QUOTED_CURRENCY}),
    Column("exchange", Text),
    changes=Change("'market'", "ticker", f"greatest(price_date, {FETCHED_DAY})"),
    asked_by=(("ticker", "price_date"),),
)
