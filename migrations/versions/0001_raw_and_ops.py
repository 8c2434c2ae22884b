"""Schemas raw and ops, the reader role and the schemas that hang on them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


READER = "corpintel_reader"

# dbt and the publisher fill these; nothing in them survives the loss of raw and ops.
DERIVED_SCHEMAS = ("marts", "published", "build", "intermediate", "staging", "reference", "stage")


def upgrade() -> None:
    for schema in ("raw", "ops", "stage", "published", "marts"):
        op.execute(f"create schema if not exists {schema}")
    # Roles belong to the whole server: another database of it may have made this one.
    op.execute(
        f"""
        do $$ begin
            if not exists (select from pg_roles where rolname = '{READER}') then
                create role {READER} nologin;
            end if;
        end $$
        """
    )
    op.execute(f"grant usage on schema marts to {READER}")
    op.execute(f"alter default privileges in schema marts grant select on tables to {READER}")
    op.create_table(
        "rate_slots",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_rate_slots")),
        schema="ops",
    )
    op.create_table(
        "runs",
        sa.Column("run_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("data_kind", sa.Text(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("status", sa.Text(), server_default="running", nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("timings", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.CheckConstraint(
            "status in ('running', 'published', 'loaded', 'failed')", name=op.f("ck_runs_status")
        ),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_runs")),
        schema="ops",
    )
    op.create_table(
        "warehouse_identity",
        sa.Column("is_singleton", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("data_kind", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "data_kind in ('sample', 'live')", name=op.f("ck_warehouse_identity_data_kind")
        ),
        sa.CheckConstraint("is_singleton", name=op.f("ck_warehouse_identity_singleton")),
        sa.PrimaryKeyConstraint("is_singleton", name=op.f("pk_warehouse_identity")),
        schema="ops",
    )
    op.create_table(
        "watchlist",
        sa.Column("company_id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("symbol", sa.Text(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("cik", sa.BigInteger(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("segment", sa.Text(), nullable=False),
        sa.Column("segment_label", sa.Text(), nullable=False),
        sa.Column("delivery_model", sa.Text(), nullable=False),
        sa.Column("annual_form", sa.Text(), nullable=False),
        sa.Column("reporting_currency", sa.Text(), nullable=False),
        sa.Column("fiscal_year_end", sa.Text(), nullable=True),
        sa.Column("listing_status", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("company_id", "position", name=op.f("pk_watchlist")),
        schema="ops",
    )
    op.create_table(
        "captures",
        sa.Column("capture_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("request_key", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("etag", sa.Text(), nullable=True),
        sa.Column("last_modified", sa.Text(), nullable=True),
        sa.Column("content_type", sa.Text(), nullable=True),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("capture_id", name=op.f("pk_captures")),
        schema="raw",
    )
    op.create_index(
        op.f("ix_captures_request_key_fetched_at"),
        "captures",
        ["request_key", "fetched_at"],
        unique=False,
        schema="raw",
    )
    op.create_table(
        "loads",
        sa.Column("load_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default="open", nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rows_staged", sa.BigInteger(), nullable=True),
        sa.Column("rows_rejected", sa.BigInteger(), nullable=True),
        sa.Column("rows_new", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("status in ('open', 'loaded', 'failed')", name=op.f("ck_loads_status")),
        sa.ForeignKeyConstraint(["run_id"], ["ops.runs.run_id"], name=op.f("fk_loads_run_id")),
        sa.PrimaryKeyConstraint("load_id", name=op.f("pk_loads")),
        schema="ops",
    )
    op.create_table(
        "publications",
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("git_revision", sa.Text(), nullable=True),
        sa.Column("dbt_manifest_hash", sa.Text(), nullable=False),
        sa.Column("row_counts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("rows_changed", sa.BigInteger(), nullable=False),
        sa.Column("previous_run_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["run_id"], ["ops.runs.run_id"], name=op.f("fk_publications_run_id")
        ),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_publications")),
        schema="ops",
    )
    op.create_table(
        "current_publication",
        sa.Column("is_singleton", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("is_singleton", name=op.f("ck_current_publication_singleton")),
        sa.ForeignKeyConstraint(
            ["run_id"], ["ops.publications.run_id"], name=op.f("fk_current_publication_run_id")
        ),
        sa.PrimaryKeyConstraint("is_singleton", name=op.f("pk_current_publication")),
        schema="ops",
    )
    op.create_table(
        "outcomes",
        sa.Column("outcome_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("load_id", sa.BigInteger(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("row_count", sa.BigInteger(), nullable=True),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "status in ('ok', 'failed', 'skipped', 'empty')", name=op.f("ck_outcomes_status")
        ),
        sa.CheckConstraint(
            "step in ('fetch', 'parse', 'validate', 'load')", name=op.f("ck_outcomes_step")
        ),
        sa.ForeignKeyConstraint(
            ["load_id"], ["ops.loads.load_id"], name=op.f("fk_outcomes_load_id")
        ),
        sa.ForeignKeyConstraint(["run_id"], ["ops.runs.run_id"], name=op.f("fk_outcomes_run_id")),
        sa.PrimaryKeyConstraint("outcome_id", name=op.f("pk_outcomes")),
        schema="ops",
    )
    op.create_index(op.f("ix_outcomes_run_id"), "outcomes", ["run_id"], unique=False, schema="ops")
    op.create_table(
        "rejected_records",
        sa.Column("rejected_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("load_id", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("table_name", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("record", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("record_sha", sa.Uuid(), nullable=False),
        sa.Column("capture_id", sa.BigInteger(), nullable=False),
        sa.Column("rejected_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["capture_id"], ["raw.captures.capture_id"], name=op.f("fk_rejected_records_capture_id")
        ),
        sa.ForeignKeyConstraint(
            ["load_id"], ["ops.loads.load_id"], name=op.f("fk_rejected_records_load_id")
        ),
        sa.PrimaryKeyConstraint("rejected_id", name=op.f("pk_rejected_records")),
        sa.UniqueConstraint(
            "table_name",
            "rule",
            "record_sha",
            name=op.f("uq_rejected_records_table_name_rule_record_sha"),
        ),
        schema="ops",
    )
    op.create_table(
        "validation_results",
        sa.Column("load_id", sa.BigInteger(), nullable=False),
        sa.Column("table_name", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("expectation", sa.Text(), nullable=False),
        sa.Column("is_success", sa.Boolean(), nullable=False),
        sa.Column("evaluated_rows", sa.BigInteger(), nullable=False),
        sa.Column("failed_rows", sa.BigInteger(), nullable=False),
        sa.Column("validated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["load_id"], ["ops.loads.load_id"], name=op.f("fk_validation_results_load_id")
        ),
        sa.PrimaryKeyConstraint(
            "load_id", "table_name", "rule", name=op.f("pk_validation_results")
        ),
        schema="ops",
    )
    op.create_table(
        "ecb_rates",
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("rate_date", sa.Date(), nullable=False),
        sa.Column("rate", sa.Numeric(), nullable=False),
        sa.Column("key_sha", sa.Uuid(), nullable=False),
        sa.Column("content_sha", sa.Uuid(), nullable=False),
        sa.Column("capture_id", sa.BigInteger(), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("load_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["capture_id"], ["raw.captures.capture_id"], name=op.f("fk_ecb_rates_capture_id")
        ),
        sa.ForeignKeyConstraint(
            ["load_id"], ["ops.loads.load_id"], name=op.f("fk_ecb_rates_load_id")
        ),
        sa.UniqueConstraint("key_sha", "fetched_at", name=op.f("uq_ecb_rates_key_sha_fetched_at")),
        schema="raw",
        info={"key": ("currency", "rate_date")},
    )
    op.create_table(
        "sec_companies",
        sa.Column("cik", sa.BigInteger(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sic", sa.Text(), nullable=True),
        sa.Column("sic_description", sa.Text(), nullable=True),
        sa.Column("fiscal_year_end", sa.Text(), nullable=True),
        sa.Column("filer_category", sa.Text(), nullable=True),
        sa.Column("tickers", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("exchanges", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("former_names", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("key_sha", sa.Uuid(), nullable=False),
        sa.Column("content_sha", sa.Uuid(), nullable=False),
        sa.Column("capture_id", sa.BigInteger(), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("load_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["capture_id"], ["raw.captures.capture_id"], name=op.f("fk_sec_companies_capture_id")
        ),
        sa.ForeignKeyConstraint(
            ["load_id"], ["ops.loads.load_id"], name=op.f("fk_sec_companies_load_id")
        ),
        sa.UniqueConstraint(
            "key_sha", "fetched_at", name=op.f("uq_sec_companies_key_sha_fetched_at")
        ),
        schema="raw",
        info={"key": ("cik", "document")},
    )
    op.create_table(
        "sec_facts",
        sa.Column("cik", sa.BigInteger(), nullable=False),
        sa.Column("taxonomy", sa.Text(), nullable=False),
        sa.Column("concept", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("start_date", sa.Date(), nullable=True),
        sa.Column("end_date", sa.Date(), nullable=False),
        sa.Column("value", sa.Numeric(), nullable=False),
        sa.Column("accession", sa.Text(), nullable=False),
        sa.Column("fy", sa.Integer(), nullable=True),
        sa.Column("fp", sa.Text(), nullable=True),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("filed_date", sa.Date(), nullable=False),
        sa.Column("key_sha", sa.Uuid(), nullable=False),
        sa.Column("content_sha", sa.Uuid(), nullable=False),
        sa.Column("capture_id", sa.BigInteger(), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("load_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["capture_id"], ["raw.captures.capture_id"], name=op.f("fk_sec_facts_capture_id")
        ),
        sa.ForeignKeyConstraint(
            ["load_id"], ["ops.loads.load_id"], name=op.f("fk_sec_facts_load_id")
        ),
        sa.UniqueConstraint("key_sha", "fetched_at", name=op.f("uq_sec_facts_key_sha_fetched_at")),
        schema="raw",
        info={"key": ("cik", "taxonomy", "concept", "unit", "start_date", "end_date", "accession")},
    )
    op.create_table(
        "sec_filings",
        sa.Column("cik", sa.BigInteger(), nullable=False),
        sa.Column("accession", sa.Text(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("filed_date", sa.Date(), nullable=False),
        sa.Column("report_date", sa.Date(), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("primary_document", sa.Text(), nullable=True),
        sa.Column("primary_description", sa.Text(), nullable=True),
        sa.Column("items", sa.Text(), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("is_xbrl", sa.Boolean(), nullable=True),
        sa.Column("is_inline_xbrl", sa.Boolean(), nullable=True),
        sa.Column("key_sha", sa.Uuid(), nullable=False),
        sa.Column("content_sha", sa.Uuid(), nullable=False),
        sa.Column("capture_id", sa.BigInteger(), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("load_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["capture_id"], ["raw.captures.capture_id"], name=op.f("fk_sec_filings_capture_id")
        ),
        sa.ForeignKeyConstraint(
            ["load_id"], ["ops.loads.load_id"], name=op.f("fk_sec_filings_load_id")
        ),
        sa.UniqueConstraint(
            "key_sha", "fetched_at", name=op.f("uq_sec_filings_key_sha_fetched_at")
        ),
        schema="raw",
        info={"key": ("cik", "accession")},
    )
    op.create_table(
        "sec_tickers",
        sa.Column("cik", sa.BigInteger(), nullable=False),
        sa.Column("ticker", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("key_sha", sa.Uuid(), nullable=False),
        sa.Column("content_sha", sa.Uuid(), nullable=False),
        sa.Column("capture_id", sa.BigInteger(), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("load_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["capture_id"], ["raw.captures.capture_id"], name=op.f("fk_sec_tickers_capture_id")
        ),
        sa.ForeignKeyConstraint(
            ["load_id"], ["ops.loads.load_id"], name=op.f("fk_sec_tickers_load_id")
        ),
        sa.UniqueConstraint(
            "key_sha", "fetched_at", name=op.f("uq_sec_tickers_key_sha_fetched_at")
        ),
        schema="raw",
        info={"key": ("cik", "ticker")},
    )
    op.create_table(
        "yahoo_events",
        sa.Column("ticker", sa.Text(), nullable=False),
        sa.Column("event_date", sa.Date(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("amount", sa.Numeric(), nullable=True),
        sa.Column("numerator", sa.Numeric(), nullable=True),
        sa.Column("denominator", sa.Numeric(), nullable=True),
        sa.Column("key_sha", sa.Uuid(), nullable=False),
        sa.Column("content_sha", sa.Uuid(), nullable=False),
        sa.Column("capture_id", sa.BigInteger(), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("load_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["capture_id"], ["raw.captures.capture_id"], name=op.f("fk_yahoo_events_capture_id")
        ),
        sa.ForeignKeyConstraint(
            ["load_id"], ["ops.loads.load_id"], name=op.f("fk_yahoo_events_load_id")
        ),
        sa.UniqueConstraint(
            "key_sha", "fetched_at", name=op.f("uq_yahoo_events_key_sha_fetched_at")
        ),
        schema="raw",
        info={"key": ("ticker", "event_date", "kind")},
    )
    op.create_table(
        "yahoo_prices",
        sa.Column("ticker", sa.Text(), nullable=False),
        sa.Column("price_date", sa.Date(), nullable=False),
        sa.Column("open", sa.Numeric(), nullable=True),
        sa.Column("high", sa.Numeric(), nullable=True),
        sa.Column("low", sa.Numeric(), nullable=True),
        sa.Column("close", sa.Numeric(), nullable=False),
        sa.Column("adjusted_close", sa.Numeric(), nullable=True),
        sa.Column("volume", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("key_sha", sa.Uuid(), nullable=False),
        sa.Column("content_sha", sa.Uuid(), nullable=False),
        sa.Column("capture_id", sa.BigInteger(), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("load_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["capture_id"], ["raw.captures.capture_id"], name=op.f("fk_yahoo_prices_capture_id")
        ),
        sa.ForeignKeyConstraint(
            ["load_id"], ["ops.loads.load_id"], name=op.f("fk_yahoo_prices_load_id")
        ),
        sa.UniqueConstraint(
            "key_sha", "fetched_at", name=op.f("uq_yahoo_prices_key_sha_fetched_at")
        ),
        schema="raw",
        info={"key": ("ticker", "price_date")},
    )
    op.create_table(
        "yahoo_statements",
        sa.Column("ticker", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("period_type", sa.Text(), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("period_end", sa.Date(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("value", sa.Numeric(), nullable=False),
        sa.Column("key_sha", sa.Uuid(), nullable=False),
        sa.Column("content_sha", sa.Uuid(), nullable=False),
        sa.Column("capture_id", sa.BigInteger(), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("load_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["capture_id"], ["raw.captures.capture_id"], name=op.f("fk_yahoo_statements_capture_id")
        ),
        sa.ForeignKeyConstraint(
            ["load_id"], ["ops.loads.load_id"], name=op.f("fk_yahoo_statements_load_id")
        ),
        sa.UniqueConstraint(
            "key_sha", "fetched_at", name=op.f("uq_yahoo_statements_key_sha_fetched_at")
        ),
        schema="raw",
        info={"key": ("ticker", "period_type", "statement", "period_end", "field")},
    )


def downgrade() -> None:
    op.execute(f"alter default privileges in schema marts revoke select on tables from {READER}")
    for schema in DERIVED_SCHEMAS:
        op.execute(f"drop schema if exists {schema} cascade")
    op.drop_table("yahoo_statements", schema="raw")
    op.drop_table("yahoo_prices", schema="raw")
    op.drop_table("yahoo_events", schema="raw")
    op.drop_table("sec_tickers", schema="raw")
    op.drop_table("sec_filings", schema="raw")
    op.drop_table("sec_facts", schema="raw")
    op.drop_table("sec_companies", schema="raw")
    op.drop_table("ecb_rates", schema="raw")
    op.drop_table("validation_results", schema="ops")
    op.drop_table("rejected_records", schema="ops")
    op.drop_index(op.f("ix_outcomes_run_id"), table_name="outcomes", schema="ops")
    op.drop_table("outcomes", schema="ops")
    op.drop_table("current_publication", schema="ops")
    op.drop_table("publications", schema="ops")
    op.drop_table("loads", schema="ops")
    op.drop_index(op.f("ix_captures_request_key_fetched_at"), table_name="captures", schema="raw")
    op.drop_table("captures", schema="raw")
    op.drop_table("watchlist", schema="ops")
    op.drop_table("warehouse_identity", schema="ops")
    op.drop_table("runs", schema="ops")
    op.drop_table("rate_slots", schema="ops")
    op.execute("drop schema raw")
    op.execute("drop schema ops")
