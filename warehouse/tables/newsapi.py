"""NewsAPI: articles that mention a company."""

from datetime import date

from sqlalchemy import Column, Text

from warehouse.tables.base import LAST_PERIOD, WEB_ADDRESS, instant, raw_table

newsapi_articles = raw_table(
    "newsapi_articles",
    ("query", "url"),
    Column("query", Text, nullable=False),
    Column("url", Text, nullable=False, info={"matches": WEB_ADDRESS}),
    Column("publisher", Text),
    Column("author", Text),
    Column("title", Text, nullable=False),
    Column("description", Text),
    instant("published_at", nullable=False, info={"in_range": (date(2000, 1, 1), LAST_PERIOD)}),
)
