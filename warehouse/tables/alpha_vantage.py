"""Alpha Vantage: overviews, statement figures and earnings."""

from sqlalchemy import BigInteger, Column, Date, Numeric, Text

from warehouse.tables.base import (
    CIKS,
    CURRENCY,
    FETCHED_DAY,
    FIRST_PERIOD,
    LAST_PERIOD,
    STATEMENT_KEY,
    TICKER,
    Change,
    raw_table,
    statement_columns,
)

alpha_vantage_overviews = raw_table(
    "alpha_vantage_overviews",
    ("ticker",),
    Column("ticker", Text, nullable=False, info={"matches": TICKER}),
    Column("name", Text, nullable=False),
    Column("cik", BigInteger, info={"in_range": CIKS}),
    Column("exchange", Text),
    Column("currency", Text, nullable=False, info={"matches": CURRENCY}),
    Column("sector", Text),
    Column("industry", Text),
    Column("fiscal_year_end", Text),
    Column("latest_quarter", Date),
    Column("market_capitalization", Numeric, info={"is_positive": True}),
    Column("shares_outstanding", Numeric, info={"is_positive": True}),
    Column("revenue_ttm", Numeric),
    Column("gross_profit_ttm", Numeric),
    Column("diluted_eps_ttm", Numeric),
    Column("ebitda", Numeric),
    changes=Change("'vendors'", "ticker", FETCHED_DAY),
    asked_by=(("ticker",),),
)

alpha_vantage_statements = raw_table(
    "alpha_vantage_statements",
    STATEMENT_KEY,
    *statement_columns(),
    changes=Change("'vendors'", "ticker", FETCHED_DAY),
    asked_by=(("ticker",),),
)

alpha_vantage_earnings = raw_table(
    "alpha_vantage_earnings",
    ("ticker", "period_type", "period_end"),
    Column("ticker", Text, nullable=False, info={"matches": TICKER}),
    Column("period_type", Text, nullable=False, info={"in_set": ("annual", "quarter")}),
    Column("period_end", Date, nullable=False, info={"in_range": (FIRST_PERIOD, LAST_PERIOD)}),
    Column("reported_date", Date),
    Column("reported_eps", Numeric),
    Column("estimated_eps", Numeric),
    Column("surprise", Numeric),
    Column("surprise_percentage", Numeric),
    Column("report_time", Text),
    changes=Change("'vendors'", "ticker", FETCHED_DAY),
    asked_by=(("ticker",),),
)
