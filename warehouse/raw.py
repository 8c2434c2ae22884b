"""Schemas raw and ops, declared once: natural keys, payloads and lineage of every table.

A raw table holds facts as the source says them. Its record columns are, in order, the fields of
the connector's record of the same name; `key` is the source's natural key. A changed value under
the same key is a new row; the newest `fetched_at` of a key is its current version.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    MetaData,
    Numeric,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.schema import SchemaItem

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

LINEAGE_COLUMNS = ("key_sha", "content_sha", "capture_id", "fetched_at", "load_id")


def _instant(name: str, **kwargs: Any) -> Column[Any]:
    return Column(name, DateTime(timezone=True), **kwargs)


def _source_table(name: str, key: Iterable[str], *columns: SchemaItem) -> Table:
    """Declare a raw table: record columns, then key and content hashes and lineage."""
    table = Table(
        name,
        metadata,
        *columns,
        Column("key_sha", Uuid, nullable=False),
        Column("content_sha", Uuid, nullable=False),
        Column("capture_id", BigInteger, ForeignKey("raw.captures.capture_id"), nullable=False),
        _instant("fetched_at", nullable=False),
        Column("load_id", BigInteger, ForeignKey("ops.loads.load_id"), nullable=False),
        UniqueConstraint("key_sha", "fetched_at"),
        schema="raw",
        info={"key": tuple(key)},
    )
    return table


captures = Table(
    "captures",
    metadata,
    Column("capture_id", BigInteger, Identity(), primary_key=True),
    Column("source", Text, nullable=False),
    Column("request_key", Text, nullable=False),
    Column("url", Text, nullable=False),
    _instant("fetched_at", nullable=False),
    Column("status", Integer, nullable=False),
    Column("etag", Text),
    Column("last_modified", Text),
    Column("content_type", Text),
    Column("sha256", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Index(None, "request_key", "fetched_at"),
    schema="raw",
)

sec_tickers = _source_table(
    "sec_tickers",
    ("cik", "ticker"),
    Column("cik", BigInteger, nullable=False),
    Column("ticker", Text, nullable=False),
    Column("name", Text, nullable=False),
)

sec_companies = _source_table(
    "sec_companies",
    ("cik", "document"),
    Column("cik", BigInteger, nullable=False),
    Column("document", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("sic", Text),
    Column("sic_description", Text),
    Column("fiscal_year_end", Text),
    Column("filer_category", Text),
    Column("tickers", JSONB),
    Column("exchanges", JSONB),
    Column("former_names", JSONB),
)

sec_filings = _source_table(
    "sec_filings",
    ("cik", "accession"),
    Column("cik", BigInteger, nullable=False),
    Column("accession", Text, nullable=False),
    Column("form", Text, nullable=False),
    Column("filed_date", Date, nullable=False),
    Column("report_date", Date),
    _instant("accepted_at"),
    Column("primary_document", Text),
    Column("primary_description", Text),
    Column("items", Text),
    Column("size", BigInteger),
    Column("is_xbrl", Boolean),
    Column("is_inline_xbrl", Boolean),
)

sec_facts = _source_table(
    "sec_facts",
    ("cik", "taxonomy", "concept", "unit", "start_date", "end_date", "accession"),
    Column("cik", BigInteger, nullable=False),
    Column("taxonomy", Text, nullable=False),
    Column("concept", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("start_date", Date),
    Column("end_date", Date, nullable=False),
    Column("value", Numeric, nullable=False),
    Column("accession", Text, nullable=False),
    Column("fy", Integer),
    Column("fp", Text),
    Column("form", Text, nullable=False),
    Column("filed_date", Date, nullable=False),
)

yahoo_prices = _source_table(
    "yahoo_prices",
    ("ticker", "price_date"),
    Column("ticker", Text, nullable=False),
    Column("price_date", Date, nullable=False),
    Column("open", Numeric),
    Column("high", Numeric),
    Column("low", Numeric),
    Column("close", Numeric, nullable=False),
    Column("adjusted_close", Numeric),
    Column("volume", BigInteger),
    Column("currency", Text, nullable=False),
)

yahoo_events = _source_table(
    "yahoo_events",
    ("ticker", "event_date", "kind"),
    Column("ticker", Text, nullable=False),
    Column("event_date", Date, nullable=False),
    Column("kind", Text, nullable=False),
    Column("amount", Numeric),
    Column("numerator", Numeric),
    Column("denominator", Numeric),
)

yahoo_statements = _source_table(
    "yahoo_statements",
    ("ticker", "period_type", "statement", "period_end", "field"),
    Column("ticker", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("period_type", Text, nullable=False),
    Column("statement", Text, nullable=False),
    Column("period_end", Date, nullable=False),
    Column("field", Text, nullable=False),
    Column("value", Numeric, nullable=False),
)

ecb_rates = _source_table(
    "ecb_rates",
    ("currency", "rate_date"),
    Column("currency", Text, nullable=False),
    Column("rate_date", Date, nullable=False),
    Column("rate", Numeric, nullable=False),
)

SOURCE_TABLES: dict[str, Table] = {
    table.name: table for table in metadata.tables.values() if "key" in table.info
}


def record_columns(table: Table) -> list[Column[Any]]:
    """The columns a connector's record fills, in the record's field order."""
    return [column for column in table.columns if column.name not in LINEAGE_COLUMNS]


warehouse_identity = Table(
    "warehouse_identity",
    metadata,
    Column("is_singleton", Boolean, primary_key=True, server_default="true"),
    Column("data_kind", Text, nullable=False),
    CheckConstraint("is_singleton", name="singleton"),
    CheckConstraint("data_kind in ('sample', 'live')", name="data_kind"),
    schema="ops",
)

runs = Table(
    "runs",
    metadata,
    Column("run_id", BigInteger, Identity(), primary_key=True),
    Column("data_kind", Text, nullable=False),
    Column("as_of", Date, nullable=False),
    Column("status", Text, nullable=False, server_default="running"),
    _instant("started_at", nullable=False),
    _instant("finished_at"),
    Column("detail", Text),
    Column("timings", JSONB),
    CheckConstraint("status in ('running', 'published', 'loaded', 'failed')", name="status"),
    schema="ops",
)

loads = Table(
    "loads",
    metadata,
    Column("load_id", BigInteger, Identity(), primary_key=True),
    Column("run_id", BigInteger, ForeignKey("ops.runs.run_id"), nullable=False),
    Column("source", Text, nullable=False),
    Column("status", Text, nullable=False, server_default="open"),
    _instant("started_at", nullable=False),
    _instant("finished_at"),
    Column("rows_staged", BigInteger),
    Column("rows_rejected", BigInteger),
    Column("rows_new", BigInteger),
    CheckConstraint("status in ('open', 'loaded', 'failed')", name="status"),
    schema="ops",
)

outcomes = Table(
    "outcomes",
    metadata,
    Column("outcome_id", BigInteger, Identity(), primary_key=True),
    Column("run_id", BigInteger, ForeignKey("ops.runs.run_id"), nullable=False),
    Column("load_id", BigInteger, ForeignKey("ops.loads.load_id")),
    Column("source", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("step", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("detail", Text),
    Column("row_count", BigInteger),
    _instant("happened_at", nullable=False),
    CheckConstraint("step in ('fetch', 'parse', 'validate', 'load')", name="step"),
    CheckConstraint("status in ('ok', 'failed', 'skipped', 'empty')", name="status"),
    Index(None, "run_id"),
    schema="ops",
)

rejected_records = Table(
    "rejected_records",
    metadata,
    Column("rejected_id", BigInteger, Identity(), primary_key=True),
    Column("load_id", BigInteger, ForeignKey("ops.loads.load_id"), nullable=False),
    Column("source", Text, nullable=False),
    Column("table_name", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("detail", Text),
    Column("record", JSONB, nullable=False),
    Column("record_sha", Uuid, nullable=False),
    Column("capture_id", BigInteger, ForeignKey("raw.captures.capture_id"), nullable=False),
    _instant("rejected_at", nullable=False),
    UniqueConstraint("table_name", "rule", "record_sha"),
    schema="ops",
)

validation_results = Table(
    "validation_results",
    metadata,
    Column("load_id", BigInteger, ForeignKey("ops.loads.load_id"), primary_key=True),
    Column("table_name", Text, primary_key=True),
    Column("rule", Text, primary_key=True),
    Column("expectation", Text, nullable=False),
    Column("is_success", Boolean, nullable=False),
    Column("evaluated_rows", BigInteger, nullable=False),
    Column("failed_rows", BigInteger, nullable=False),
    _instant("validated_at", nullable=False),
    schema="ops",
)

rate_slots = Table(
    "rate_slots",
    metadata,
    Column("source", Text, primary_key=True),
    _instant("next_at", nullable=False),
    schema="ops",
)

watchlist = Table(
    "watchlist",
    metadata,
    Column("company_id", Text, primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("symbol", Text),
    Column("valid_from", Date),
    Column("valid_to", Date),
    Column("cik", BigInteger),
    Column("name", Text, nullable=False),
    Column("segment", Text, nullable=False),
    Column("segment_label", Text, nullable=False),
    Column("delivery_model", Text, nullable=False),
    Column("annual_form", Text, nullable=False),
    Column("reporting_currency", Text, nullable=False),
    Column("fiscal_year_end", Text),
    Column("listing_status", Text, nullable=False),
    schema="ops",
)

watchlist_predecessors = Table(
    "watchlist_predecessors",
    metadata,
    Column("predecessor_cik", BigInteger, primary_key=True, autoincrement=False),
    Column("company_id", Text, nullable=False),
    Column("cik", BigInteger, nullable=False),
    Column("name", Text, nullable=False),
    Column("valid_to", Date),
    schema="ops",
)

publications = Table(
    "publications",
    metadata,
    Column("run_id", BigInteger, ForeignKey("ops.runs.run_id"), primary_key=True),
    _instant("published_at", nullable=False),
    Column("as_of", Date, nullable=False),
    Column("content_hash", Text, nullable=False),
    Column("git_revision", Text),
    Column("dbt_manifest_hash", Text, nullable=False),
    Column("row_counts", JSONB, nullable=False),
    Column("rows_changed", BigInteger, nullable=False),
    Column("previous_run_id", BigInteger),
    Column("forced_reason", Text),
    schema="ops",
)

current_publication = Table(
    "current_publication",
    metadata,
    Column("is_singleton", Boolean, primary_key=True, server_default="true"),
    Column("run_id", BigInteger, ForeignKey("ops.publications.run_id"), nullable=False),
    CheckConstraint("is_singleton", name="singleton"),
    schema="ops",
)
