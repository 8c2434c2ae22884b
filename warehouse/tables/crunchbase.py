"""Crunchbase: organizations and their funding rounds."""

from datetime import date

from sqlalchemy import BigInteger, Column, Date, Numeric, Text

from warehouse.tables.base import CURRENCY, LAST_PERIOD, NOT_NEGATIVE, instant, raw_table

crunchbase_organizations = raw_table(
    "crunchbase_organizations",
    ("permalink",),
    Column("permalink", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("founded_on", Date),
    Column("employees", Text),
    Column("funding_total_usd", Numeric, info={"in_range": NOT_NEGATIVE}),
    Column("funding_rounds", BigInteger, info={"in_range": NOT_NEGATIVE}),
    Column("last_funding_type", Text),
    Column("last_funding_at", Date),
    instant("updated_at"),
)

crunchbase_funding_rounds = raw_table(
    "crunchbase_funding_rounds",
    ("round_id",),
    Column("round_id", Text, nullable=False),
    Column("permalink", Text, nullable=False),
    Column(
        "announced_on", Date, nullable=False, info={"in_range": (date(1900, 1, 1), LAST_PERIOD)}
    ),
    Column("investment_type", Text, nullable=False),
    Column("money_raised", Numeric, info={"is_positive": True}),
    Column("currency", Text, info={"matches": CURRENCY}),
    Column("money_raised_usd", Numeric),
    Column("investors", BigInteger),
    # A company may have raised nothing in a round.
    may_be_empty=True,
)
