"""The night's own tables: schema ops, and the captures that raw rows point to."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.dialects.postgresql import ARRAY, DOUBLE_PRECISION, JSONB

from warehouse.tables.base import instant, metadata

captures = Table(
    "captures",
    metadata,
    Column("capture_id", BigInteger, Identity(), primary_key=True),
    Column("source", Text, nullable=False),
    Column("request_key", Text, nullable=False),
    Column("url", Text, nullable=False),
    instant("fetched_at", nullable=False),
    Column("status", Integer, nullable=False),
    Column("etag", Text),
    Column("last_modified", Text),
    Column("content_type", Text),
    Column("sha256", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Index(None, "request_key", "fetched_at"),
    schema="raw",
)

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
    instant("started_at", nullable=False),
    instant("finished_at"),
    Column("detail", Text),
    Column("timings", JSONB),
    # The flow that ran, what it could not get or held back, and how many companies it built.
    Column("flow", Text),
    Column("warnings", ARRAY(Text)),
    Column("companies_built", BigInteger),
    Column("companies_held_back", BigInteger),
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
    instant("started_at", nullable=False),
    instant("finished_at"),
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
    instant("happened_at", nullable=False),
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
    instant("rejected_at", nullable=False),
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
    instant("validated_at", nullable=False),
    schema="ops",
)

request_grants = Table(
    "request_grants",
    metadata,
    Column("grant_id", BigInteger, Identity(), primary_key=True),
    Column("source", Text, nullable=False),
    Column("units", Integer, nullable=False),
    instant("granted_at", nullable=False),
    instant("answered_at"),
    Index(None, "source", "granted_at"),
    schema="ops",
)

breakers = Table(
    "breakers",
    metadata,
    Column("host", Text, primary_key=True),
    Column("source", Text, nullable=False),
    Column("reason", Text, nullable=False),
    instant("opened_at", nullable=False),
    instant("open_until", nullable=False),
    instant("closed_at"),
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
    instant("last_asked_at"),
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
    instant("acquired_at", nullable=False),
    instant("heartbeat_at", nullable=False),
    instant("released_at"),
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
    instant("first_used_at", nullable=False),
    instant("last_used_at", nullable=False),
    Column("libraries", JSONB, nullable=False),
    schema="ops",
)

drills = Table(
    "drills",
    metadata,
    Column("drill_id", BigInteger, Identity(), primary_key=True),
    instant("started_at", nullable=False),
    instant("finished_at", nullable=False),
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
    instant("published_at", nullable=False),
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

# What arrived in a raw table since a night last looked, one row for each subject of a statement; a
# trigger writes it, so that no way in goes unseen.
arrivals = Table(
    "arrivals",
    metadata,
    Column("arrival_id", BigInteger, Identity(), primary_key=True),
    Column("table_name", Text, nullable=False),
    Column("domain", Text, nullable=False),
    Column("subject", Text, nullable=False),
    # Between which days the rows become known; null for rows that are known at once.
    Column("first_day", Date),
    Column("last_day", Date),
    schema="ops",
)

# What changed since the publication that readers have. An entry stays until a publication that has
# the company's new rows closes it: a failed night or a company held back loses nothing.
changed_companies = Table(
    "changed_companies",
    metadata,
    Column("company_id", Text, primary_key=True),
    Column("domain", Text, primary_key=True),
    Column("why", Text, primary_key=True),
    Column("since_run", BigInteger, nullable=False),
    schema="ops",
)

# What was known of each company when a night last planned.
company_states = Table(
    "company_states",
    metadata,
    Column("company_id", Text, primary_key=True),
    Column("listed_sha", Uuid, nullable=False),
    Column("is_unreachable", Boolean, nullable=False),
    # The currencies of its figures other than dollars, and the end of its newest period with one.
    Column("currencies", ARRAY(Text)),
    Column("last_period_end", Date),
    schema="ops",
)

# The next day on which a company's answers move though nothing arrives.
company_clock = Table(
    "company_clock",
    metadata,
    Column("company_id", Text, primary_key=True),
    Column("domain", Text, primary_key=True),
    Column("next_day", Date, nullable=False),
    Index(None, "next_day"),
    schema="ops",
)

domain_rules = Table(
    "domain_rules",
    metadata,
    Column("domain", Text, primary_key=True),
    Column("rules_sha", Text, nullable=False),
    Column("since_run", BigInteger, nullable=False),
    schema="ops",
)

# The batch in work of each lane that builds: its companies, and by what raw tables know them. Views
# batch, batch_ciks, batch_tickers and batch_documents show the lane of the session that asks.
lane_companies = Table(
    "lane_companies",
    metadata,
    Column("lane", Integer, primary_key=True, autoincrement=False),
    Column("company_id", Text, primary_key=True),
    Column("cik", BigInteger),
    schema="ops",
)
lane_ciks = Table(
    "lane_ciks",
    metadata,
    Column("lane", Integer, primary_key=True, autoincrement=False),
    Column("cik", BigInteger, primary_key=True, autoincrement=False),
    schema="ops",
)
lane_tickers = Table(
    "lane_tickers",
    metadata,
    Column("lane", Integer, primary_key=True, autoincrement=False),
    Column("ticker", Text, primary_key=True),
    schema="ops",
)
lane_documents = Table(
    "lane_documents",
    metadata,
    Column("lane", Integer, primary_key=True, autoincrement=False),
    Column("sha256", Text, primary_key=True),
    schema="ops",
)

# Companies with rows in the store that no publication shows yet. A night that was killed left them;
# the next one keeps what it would build again, and takes the others back.
built_companies = Table(
    "built_companies",
    metadata,
    Column("company_id", Text, primary_key=True),
    Column("run_id", BigInteger, ForeignKey("ops.runs.run_id"), nullable=False),
    # What the rows came from; null until all of them are there.
    Column("made_from", Text),
    Column("rows_changed", BigInteger, nullable=False),
    schema="ops",
)

held_back = Table(
    "held_back",
    metadata,
    Column("company_id", Text, primary_key=True),
    Column("test", Text, nullable=False),
    Column("failures", BigInteger, nullable=False),
    Column("detail", Text),
    Column("since_run", BigInteger, ForeignKey("ops.runs.run_id"), nullable=False),
    Column("since_date", Date, nullable=False),
    schema="ops",
)

# The sha256 of a company's rows in a mart, of which the content hash is made.
company_digests = Table(
    "company_digests",
    metadata,
    Column("company_id", Text, nullable=False),
    Column("mart", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("row_count", BigInteger, nullable=False),
    Column("valid_from_run", BigInteger, nullable=False),
    Column("valid_to_run", BigInteger, nullable=False),
    Index(None, "company_id", "mart", "valid_to_run"),
    schema="ops",
)

# The seconds of each model that a run built, over all of its batches.
model_times = Table(
    "model_times",
    metadata,
    Column("run_id", BigInteger, ForeignKey("ops.runs.run_id"), primary_key=True),
    Column("model", Text, primary_key=True),
    Column("domain", Text, nullable=False),
    Column("seconds", DOUBLE_PRECISION, nullable=False),
    schema="ops",
)

# What a run left to be watched: numbers of the run, of sources and of companies.
measures = Table(
    "measures",
    metadata,
    Column("run_id", BigInteger, ForeignKey("ops.runs.run_id"), primary_key=True),
    Column("scope", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("measure", Text, primary_key=True),
    Column("value", DOUBLE_PRECISION, nullable=False),
    CheckConstraint("scope in ('run', 'source', 'company')", name="scope"),
    schema="ops",
)

# Alerts that were raised, until their cause is gone; told_at is null while no one has heard of it.
alerts = Table(
    "alerts",
    metadata,
    Column("alert_id", BigInteger, Identity(), primary_key=True),
    Column("alert", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("value", DOUBLE_PRECISION, nullable=False),
    Column("threshold", DOUBLE_PRECISION, nullable=False),
    instant("raised_at", nullable=False),
    instant("cleared_at"),
    instant("told_at"),
    Column("failed_detail", Text),
    Index(None, "alert"),
    schema="ops",
)

# Views outside our schemas that a publication has to drop: when each may go, and its text, which is
# kept for its owner. A notice stands until the view is dropped, or the change does not meet it.
view_notices = Table(
    "view_notices",
    metadata,
    Column("notice_id", BigInteger, Identity(), primary_key=True),
    Column("view_name", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("columns", ARRAY(Text), nullable=False),
    Column("script", Text, nullable=False),
    instant("noticed_at", nullable=False),
    instant("drop_after", nullable=False),
    instant("withdrawn_at"),
    instant("dropped_at"),
    Column("why", Text),
    schema="ops",
)
