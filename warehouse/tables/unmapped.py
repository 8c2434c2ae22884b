"""Fields that a source added and no record has yet, of every source."""

from sqlalchemy import Column, Text

from warehouse.tables.base import raw_table

unmapped_fields = raw_table(
    "unmapped_fields",
    ("table_name", "record_key", "field"),
    Column("table_name", Text, nullable=False, info={"matches": "^[a-z_]+$"}),
    Column("record_key", Text, nullable=False),
    Column("field", Text, nullable=False),
    Column("value", Text, nullable=False),
)
