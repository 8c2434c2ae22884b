"""Feeds of press rooms and of the trade press: their entries."""

from datetime import date

from sqlalchemy import Column, Text

from warehouse.tables.base import LAST_PERIOD, WEB_ADDRESS, instant, raw_table

feed_entries = raw_table(
    "feed_entries",
    ("feed_url", "entry_id"),
    Column("feed_url", Text, nullable=False),
    Column("entry_id", Text, nullable=False),
    Column("feed_title", Text),
    Column("title", Text, nullable=False),
    Column("link", Text, info={"matches": WEB_ADDRESS}),
    Column("author", Text),
    instant("published_at", info={"in_range": (date(1990, 1, 1), LAST_PERIOD)}),
    instant("updated_at"),
)
