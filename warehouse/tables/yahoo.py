"""Yahoo Finance: daily bars, splits and dividends, statement figures."""

from sqlalchemy import BigInteger, Column, Date, Numeric, Text

from warehouse.tables.base import (
    FETCHED_DAY,
    NOT_NEGATIVE,
    QUOTED_CURRENCY,
    STATEMENT_KEY,
    TICKER,
    Change,
    raw_table,
    statement_columns,
)

yahoo_prices = raw_table(
    "yahoo_prices",
    ("ticker", "price_date"),
    Column("ticker", Text, nullable=False, info={"matches": TICKER}),
    Column("price_date", Date, nullable=False),
    Column("open", Numeric),
    Column("high", Numeric),
    Column("low", Numeric, info={"not_after": "high"}),
    Column("close", Numeric, nullable=False, info={"is_positive": True}),
    Column("adjusted_close", Numeric),
    Column("volume", BigInteger, info={"in_range": NOT_NEGATIVE}),
    Column("currency", Text, nullable=False, info={"matches": QUOTED_CURRENCY}),
    changes=Change("'market'", "ticker", "price_date"),
    asked_by=(("ticker", "price_date"),),
)

yahoo_events = raw_table(
    "yahoo_events",
    ("ticker", "event_date", "kind"),
    Column("ticker", Text, nullable=False, info={"matches": TICKER}),
    Column("event_date", Date, nullable=False),
    Column("kind", Text, nullable=False, info={"in_set": ("split", "dividend")}),
    Column("amount", Numeric, info={"in_range": NOT_NEGATIVE}),
    Column("numerator", Numeric, info={"is_positive": True}),
    Column("denominator", Numeric, info={"is_positive": True}),
    # Most companies neither split nor pay in most windows.
    may_be_empty=True,
    changes=Change("case kind when 'split' then 'cells' else 'market' end", "ticker", "event_date"),
    asked_by=(("ticker",),),
)

yahoo_statements = raw_table(
    "yahoo_statements",
    STATEMENT_KEY,
    *statement_columns(),
    changes=Change("'vendors'", "ticker", FETCHED_DAY),
    asked_by=(("ticker",),),
)
