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

sec_index_filings = _source_table(
    "sec_index_filings",
    ("cik", "accession"),
    Column("cik", BigInteger, nullable=False),
    Column("accession", Text, nullable=False),
    Column("form", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("filed_date", Date, nullable=False),
    Column("index_date", Date, nullable=False),
)

alpha_vantage_overviews = _source_table(
    "alpha_vantage_overviews",
    ("ticker",),
    Column("ticker", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("cik", BigInteger),
    Column("exchange", Text),
    Column("currency", Text, nullable=False),
    Column("sector", Text),
    Column("industry", Text),
    Column("fiscal_year_end", Text),
    Column("latest_quarter", Date),
    Column("market_capitalization", Numeric),
    Column("shares_outstanding", Numeric),
    Column("revenue_ttm", Numeric),
    Column("gross_profit_ttm", Numeric),
    Column("diluted_eps_ttm", Numeric),
    Column("ebitda", Numeric),
)

alpha_vantage_statements = _source_table(
    "alpha_vantage_statements",
    ("ticker", "period_type", "statement", "period_end", "field"),
    Column("ticker", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("period_type", Text, nullable=False),
    Column("statement", Text, nullable=False),
    Column("period_end", Date, nullable=False),
    Column("field", Text, nullable=False),
    Column("value", Numeric, nullable=False),
)

alpha_vantage_earnings = _source_table(
    "alpha_vantage_earnings",
    ("ticker", "period_type", "period_end"),
    Column("ticker", Text, nullable=False),
    Column("period_type", Text, nullable=False),
    Column("period_end", Date, nullable=False),
    Column("reported_date", Date),
    Column("reported_eps", Numeric),
    Column("estimated_eps", Numeric),
    Column("surprise", Numeric),
    Column("surprise_percentage", Numeric),
    Column("report_time", Text),
)

twelve_data_prices = _source_table(
    "twelve_data_prices",
    ("ticker", "price_date"),
    Column("ticker", Text, nullable=False),
    Column("price_date", Date, nullable=False),
    Column("open", Numeric, nullable=False),
    Column("high", Numeric, nullable=False),
    Column("low", Numeric, nullable=False),
    Column("close", Numeric, nullable=False),
    Column("volume", BigInteger),
    Column("currency", Text, nullable=False),
    Column("exchange", Text),
)

newsapi_articles = _source_table(
    "newsapi_articles",
    ("query", "url"),
    Column("query", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("publisher", Text),
    Column("author", Text),
    Column("title", Text, nullable=False),
    Column("description", Text),
    _instant("published_at", nullable=False),
)

feed_entries = _source_table(
    "feed_entries",
    ("feed_url", "entry_id"),
    Column("feed_url", Text, nullable=False),
    Column("entry_id", Text, nullable=False),
    Column("feed_title", Text),
    Column("title", Text, nullable=False),
    Column("link", Text),
    Column("author", Text),
    _instant("published_at"),
    _instant("updated_at"),
)

crunchbase_organizations = _source_table(
    "crunchbase_organizations",
    ("permalink",),
    Column("permalink", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("founded_on", Date),
    Column("employees", Text),
    Column("funding_total_usd", Numeric),
    Column("funding_rounds", BigInteger),
    Column("last_funding_type", Text),
    Column("last_funding_at", Date),
    _instant("updated_at"),
)

crunchbase_funding_rounds = _source_table(
    "crunchbase_funding_rounds",
    ("round_id",),
    Column("round_id", Text, nullable=False),
    Column("permalink", Text, nullable=False),
    Column("announced_on", Date, nullable=False),
    Column("investment_type", Text, nullable=False),
    Column("money_raised", Numeric),
    Column("currency", Text),
    Column("money_raised_usd", Numeric),
    Column("investors", BigInteger),
)

github_organizations = _source_table(
    "github_organizations",
    ("login",),
    Column("login", Text, nullable=False),
    Column("name", Text),
    Column("website", Text),
    Column("public_repos", BigInteger, nullable=False),
    Column("followers", BigInteger),
    _instant("created_at"),
)

github_repositories = _source_table(
    "github_repositories",
    ("organization", "repository_id"),
    Column("organization", Text, nullable=False),
    Column("repository_id", BigInteger, nullable=False),
    Column("full_name", Text, nullable=False),
    Column("is_fork", Boolean, nullable=False),
    Column("is_archived", Boolean),
    Column("language", Text),
    Column("stars", BigInteger, nullable=False),
    Column("forks", BigInteger, nullable=False),
    Column("open_issues", BigInteger, nullable=False),
    _instant("created_at"),
    _instant("pushed_at"),
)

github_commit_weeks = _source_table(
    "github_commit_weeks",
    ("full_name", "week_start"),
    Column("full_name", Text, nullable=False),
    _instant("week_start", nullable=False),
    Column("commits", BigInteger, nullable=False),
)

github_releases = _source_table(
    "github_releases",
    ("full_name", "tag"),
    Column("full_name", Text, nullable=False),
    Column("tag", Text, nullable=False),
    Column("name", Text),
    Column("is_prerelease", Boolean, nullable=False),
    _instant("published_at", nullable=False),
)

filed_documents = _source_table(
    "filed_documents",
    ("cik", "accession", "name"),
    Column("cik", BigInteger, nullable=False),
    Column("accession", Text, nullable=False),
    Column("form", Text, nullable=False),
    Column("document_type", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("description", Text),
    Column("url", Text, nullable=False),
    Column("filed_date", Date, nullable=False),
    Column("sha256", Text, nullable=False),
)

investor_documents = _source_table(
    "investor_documents",
    ("company_id", "url"),
    Column("company_id", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("page_url", Text, nullable=False),
    Column("title", Text),
    Column("sha256", Text, nullable=False),
)

# What was read of a document: by its bytes, its type and the reader.
_READ = ("sha256", "document_type", "reader_sha")


def _read_by() -> list[Column[Any]]:
    return [
        Column("sha256", Text, nullable=False),
        Column("document_type", Text, nullable=False),
        Column("reader_sha", Text, nullable=False),
    ]


def _period() -> list[Column[Any]]:
    return [
        Column("period_end", Date),
        Column("fiscal_year", Integer),
        Column("fiscal_quarter", Integer),
    ]


documents = _source_table(
    "documents",
    _READ,
    *_read_by(),
    Column("verdict", Text, nullable=False),
    Column("detail", Text),
    Column("media", Text, nullable=False),
    Column("reader", Text),
    Column("pages", Integer),
    Column("characters", BigInteger, nullable=False),
    *_period(),
    Column("text_sha256", Text),
    Column("refused_facts", Integer, nullable=False),
)

document_sections = _source_table(
    "document_sections",
    (*_READ, "position"),
    *_read_by(),
    Column("position", Integer, nullable=False),
    Column("code", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("speaker", Text),
    Column("start_offset", BigInteger, nullable=False),
    Column("end_offset", BigInteger, nullable=False),
    Column("page", Integer),
    Column("body", Text, nullable=False),
    Column("words", Integer, nullable=False),
    Column("positive_words", Integer, nullable=False),
    Column("negative_words", Integer, nullable=False),
    Column("uncertain_words", Integer, nullable=False),
)

document_facts = _source_table(
    "document_facts",
    (*_READ, "byte_offset"),
    *_read_by(),
    Column("byte_offset", BigInteger, nullable=False),
    Column("concept", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("start_date", Date),
    Column("end_date", Date, nullable=False),
    Column("value", Numeric, nullable=False),
    Column("decimals", Integer),
    Column("dimensions", JSONB, nullable=False),
)

document_kpis = _source_table(
    "document_kpis",
    (*_READ, "position"),
    *_read_by(),
    Column("position", Integer, nullable=False),
    Column("metric", Text, nullable=False),
    Column("value", Numeric, nullable=False),
    Column("unit", Text, nullable=False),
    Column("step", Numeric, nullable=False),
    Column("period_type", Text),
    *_period(),
    Column("is_comparison", Boolean, nullable=False),
    Column("witness", Text, nullable=False),
    Column("witnesses", Integer, nullable=False),
    Column("confidence", Numeric, nullable=False),
    Column("status", Text, nullable=False),
    Column("start_offset", BigInteger, nullable=False),
    Column("end_offset", BigInteger, nullable=False),
    Column("page", Integer),
    Column("sentence", Text, nullable=False),
)

document_guidance = _source_table(
    "document_guidance",
    (*_READ, "position"),
    *_read_by(),
    Column("position", Integer, nullable=False),
    Column("metric", Text, nullable=False),
    Column("low", Numeric, nullable=False),
    Column("high", Numeric, nullable=False),
    Column("unit", Text, nullable=False),
    Column("period_type", Text, nullable=False),
    *_period(),
    Column("start_offset", BigInteger, nullable=False),
    Column("end_offset", BigInteger, nullable=False),
    Column("page", Integer),
    Column("sentence", Text, nullable=False),
)

document_risks = _source_table(
    "document_risks",
    (*_READ, "position"),
    *_read_by(),
    Column("position", Integer, nullable=False),
    Column("section", Text, nullable=False),
    Column("start_offset", BigInteger, nullable=False),
    Column("body", Text, nullable=False),
)

# Fields that a source added and no record has yet, of every source.
unmapped_fields = _source_table(
    "unmapped_fields",
    ("table_name", "record_key", "field"),
    Column("table_name", Text, nullable=False),
    Column("record_key", Text, nullable=False),
    Column("field", Text, nullable=False),
    Column("value", Text, nullable=False),
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
    CheckConstraint("status in ('ok', 'failed', 'skipped', 'empty', 'drift')", name="status"),
    Index(None, "run_id"),
    Index(None, "source", "subject", "happened_at"),
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
    # The newest answer that brought it, and the load that took it, or found it gone, after a fix.
    Column("last_load_id", BigInteger, ForeignKey("ops.loads.load_id"), nullable=False),
    Column("last_capture_id", BigInteger, ForeignKey("raw.captures.capture_id"), nullable=False),
    Column("resolved_load_id", BigInteger, ForeignKey("ops.loads.load_id")),
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

request_grants = Table(
    "request_grants",
    metadata,
    Column("grant_id", BigInteger, Identity(), primary_key=True),
    Column("source", Text, nullable=False),
    Column("units", Integer, nullable=False),
    _instant("granted_at", nullable=False),
    _instant("answered_at"),
    Index(None, "source", "granted_at"),
    schema="ops",
)

breakers = Table(
    "breakers",
    metadata,
    Column("host", Text, primary_key=True),
    Column("source", Text, nullable=False),
    Column("reason", Text, nullable=False),
    _instant("opened_at", nullable=False),
    _instant("open_until", nullable=False),
    _instant("closed_at"),
    schema="ops",
)

call_plan = Table(
    "call_plan",
    metadata,
    Column("run_id", BigInteger, ForeignKey("ops.runs.run_id"), primary_key=True),
    Column("source", Text, primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("subject", Text, nullable=False),
    Column("units", Integer, nullable=False),
    Column("reason", Text, nullable=False),
    _instant("last_asked_at"),
    Column("due_date", Date),
    Column("is_planned", Boolean, nullable=False),
    schema="ops",
)

writer = Table(
    "writer",
    metadata,
    Column("is_singleton", Boolean, primary_key=True, server_default="true"),
    Column("token", BigInteger, nullable=False),
    Column("owner", Text, nullable=False),
    _instant("acquired_at", nullable=False),
    _instant("heartbeat_at", nullable=False),
    _instant("released_at"),
    CheckConstraint("is_singleton", name="singleton"),
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

watchlist_handles = Table(
    "watchlist_handles",
    metadata,
    Column("company_id", Text, primary_key=True),
    Column("source", Text, primary_key=True),
    Column("handle", Text, primary_key=True),
    schema="ops",
)

# Who read documents here: the one used last is the running one, and its readings are in force.
readers = Table(
    "readers",
    metadata,
    Column("reader_sha", Text, primary_key=True),
    _instant("first_used_at", nullable=False),
    _instant("last_used_at", nullable=False),
    Column("libraries", JSONB, nullable=False),
    schema="ops",
)

drills = Table(
    "drills",
    metadata,
    Column("drill_id", BigInteger, Identity(), primary_key=True),
    _instant("started_at", nullable=False),
    _instant("finished_at", nullable=False),
    Column("form", Text, nullable=False),
    Column("seed", BigInteger, nullable=False),
    Column("git_revision", Text),
    Column("drill", Text, nullable=False),
    Column("points", Integer, nullable=False),
    Column("points_held", Integer, nullable=False),
    Column("detail", Text),
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
    Column("timings", JSONB),
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
