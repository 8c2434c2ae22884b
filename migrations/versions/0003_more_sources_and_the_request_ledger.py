"""The new sources' raw tables, the request ledger, breakers, the call plan and drifted fields."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

STATUSES = "'ok', 'failed', 'skipped', 'empty'"


def upgrade() -> None:
    op.drop_constraint(op.f("ck_outcomes_status"), "outcomes", schema="ops")
    op.create_check_constraint(
        op.f("ck_outcomes_status"), "outcomes", f"status in ({STATUSES}, 'drift')", schema="ops"
    )
    op.create_table(
        "breakers",
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("open_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("host", name=op.f("pk_breakers")),
        schema="ops",
    )
    op.create_table(
        "request_grants",
        sa.Column("grant_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("grant_id", name=op.f("pk_request_grants")),
        schema="ops",
    )
    op.create_index(
        op.f("ix_request_grants_source_granted_at"),
        "request_grants",
        ["source", "granted_at"],
        unique=False,
        schema="ops",
    )
    op.create_table(
        "watchlist_handles",
        sa.Column("company_id", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("handle", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint(
            "company_id", "source", "handle", name=op.f("pk_watchlist_handles")
        ),
        schema="ops",
    )
    op.create_table(
        "call_plan",
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("last_asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_date", sa.Date(), nullable=True),
        sa.Column("is_planned", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["ops.runs.run_id"], name=op.f("fk_call_plan_run_id")),
        sa.PrimaryKeyConstraint("run_id", "source", "position", name=op.f("pk_call_plan")),
        schema="ops",
    )
    op.create_table(
        "alpha_vantage_earnings",
        sa.Column("ticker", sa.Text(), nullable=False),
        sa.Column("period_type", sa.Text(), nullable=False),
        sa.Column("period_end", sa.Date(), nullable=False),
        sa.Column("reported_date", sa.Date(), nullable=True),
        sa.Column("reported_eps", sa.Numeric(), nullable=True),
        sa.Column("estimated_eps", sa.Numeric(), nullable=True),
        sa.Column("surprise", sa.Numeric(), nullable=True),
        sa.Column("surprise_percentage", sa.Numeric(), nullable=True),
        sa.Column("report_time", sa.Text(), nullable=True),
        sa.Column("key_sha", sa.Uuid(), nullable=False),
        sa.Column("content_sha", sa.Uuid(), nullable=False),
        sa.Column("capture_id", sa.BigInteger(), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("load_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["capture_id"],
            ["raw.captures.capture_id"],
            name=op.f("fk_alpha_vantage_earnings_capture_id"),
        ),
        sa.ForeignKeyConstraint(
            ["load_id"], ["ops.loads.load_id"], name=op.f("fk_alpha_vantage_earnings_load_id")
        ),
        sa.UniqueConstraint(
            "key_sha", "fetched_at", name=op.f("uq_alpha_vantage_earnings_key_sha_fetched_at")
        ),
        schema="raw",
    )
    op.create_table(
        "alpha_vantage_overviews",
        sa.Column("ticker", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("cik", sa.BigInteger(), nullable=True),
        sa.Column("exchange", sa.Text(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("sector", sa.Text(), nullable=True),
        sa.Column("industry", sa.Text(), nullable=True),
        sa.Column("fiscal_year_end", sa.Text(), nullable=True),
        sa.Column("latest_quarter", sa.Date(), nullable=True),
        sa.Column("market_capitalization", sa.Numeric(), nullable=True),
        sa.Column("shares_outstanding", sa.Numeric(), nullable=True),
        sa.Column("revenue_ttm", sa.Numeric(), nullable=True),
        sa.Column("gross_profit_ttm", sa.Numeric(), nullable=True),
        sa.Column("diluted_eps_ttm", sa.Numeric(), nullable=True),
        sa.Column("ebitda", sa.Numeric(), nullable=True),
        sa.Column("key_sha", sa.Uuid(), nullable=False),
        sa.Column("content_sha", sa.Uuid(), nullable=False),
        sa.Column("capture_id", sa.BigInteger(), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("load_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["capture_id"],
            ["raw.captures.capture_id"],
            name=op.f("fk_alpha_vantage_overviews_capture_id"),
        ),
        sa.ForeignKeyConstraint(
            ["load_id"], ["ops.loads.load_id"], name=op.f("fk_alpha_vantage_overviews_load_id")
        ),
        sa.UniqueConstraint(
            "key_sha", "fetched_at", name=op.f("uq_alpha_vantage_overviews_key_sha_fetched_at")
        ),
        schema="raw",
    )
    op.create_table(
        "alpha_vantage_statements",
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
            ["capture_id"],
            ["raw.captures.capture_id"],
            name=op.f("fk_alpha_vantage_statements_capture_id"),
        ),
        sa.ForeignKeyConstraint(
            ["load_id"], ["ops.loads.load_id"], name=op.f("fk_alpha_vantage_statements_load_id")
        ),
        sa.UniqueConstraint(
            "key_sha", "fetched_at", name=op.f("uq_alpha_vantage_statements_key_sha_fetched_at")
        ),
        schema="raw",
    )
    op.create_table(
        "crunchbase_funding_rounds",
        sa.Column("round_id", sa.Text(), nullable=False),
        sa.Column("permalink", sa.Text(), nullable=False),
        sa.Column("announced_on", sa.Date(), nullable=False),
        sa.Column("investment_type", sa.Text(), nullable=False),
        sa.Column("money_raised", sa.Numeric(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("money_raised_usd", sa.Numeric(), nullable=True),
        sa.Column("investors", sa.BigInteger(), nullable=True),
        sa.Column("key_sha", sa.Uuid(), nullable=False),
        sa.Column("content_sha", sa.Uuid(), nullable=False),
        sa.Column("capture_id", sa.BigInteger(), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("load_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["capture_id"],
            ["raw.captures.capture_id"],
            name=op.f("fk_crunchbase_funding_rounds_capture_id"),
        ),
        sa.ForeignKeyConstraint(
            ["load_id"], ["ops.loads.load_id"], name=op.f("fk_crunchbase_funding_rounds_load_id")
        ),
        sa.UniqueConstraint(
            "key_sha", "fetched_at", name=op.f("uq_crunchbase_funding_rounds_key_sha_fetched_at")
        ),
        schema="raw",
    )
    op.create_table(
        "crunchbase_organizations",
        sa.Column("permalink", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("founded_on", sa.Date(), nullable=True),
        sa.Column("employees", sa.Text(), nullable=True),
        sa.Column("funding_total_usd", sa.Numeric(), nullable=True),
        sa.Column("funding_rounds", sa.BigInteger(), nullable=True),
        sa.Column("last_funding_type", sa.Text(), nullable=True),
        sa.Column("last_funding_at", sa.Date(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("key_sha", sa.Uuid(), nullable=False),
        sa.Column("content_sha", sa.Uuid(), nullable=False),
        sa.Column("capture_id", sa.BigInteger(), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("load_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["capture_id"],
            ["raw.captures.capture_id"],
            name=op.f("fk_crunchbase_organizations_capture_id"),
        ),
        sa.ForeignKeyConstraint(
            ["load_id"], ["ops.loads.load_id"], name=op.f("fk_crunchbase_organizations_load_id")
        ),
        sa.UniqueConstraint(
            "key_sha", "fetched_at", name=op.f("uq_crunchbase_organizations_key_sha_fetched_at")
        ),
        schema="raw",
    )
    op.create_table(
        "feed_entries",
        sa.Column("feed_url", sa.Text(), nullable=False),
        sa.Column("entry_id", sa.Text(), nullable=False),
        sa.Column("feed_title", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("link", sa.Text(), nullable=True),
        sa.Column("author", sa.Text(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("key_sha", sa.Uuid(), nullable=False),
        sa.Column("content_sha", sa.Uuid(), nullable=False),
        sa.Column("capture_id", sa.BigInteger(), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("load_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["capture_id"], ["raw.captures.capture_id"], name=op.f("fk_feed_entries_capture_id")
        ),
        sa.ForeignKeyConstraint(
            ["load_id"], ["ops.loads.load_id"], name=op.f("fk_feed_entries_load_id")
        ),
        sa.UniqueConstraint(
            "key_sha", "fetched_at", name=op.f("uq_feed_entries_key_sha_fetched_at")
        ),
        schema="raw",
    )
    op.create_table(
        "github_commit_weeks",
        sa.Column("full_name", sa.Text(), nullable=False),
        sa.Column("week_start", sa.DateTime(timezone=True), nullable=False),
        sa.Column("commits", sa.BigInteger(), nullable=False),
        sa.Column("key_sha", sa.Uuid(), nullable=False),
        sa.Column("content_sha", sa.Uuid(), nullable=False),
        sa.Column("capture_id", sa.BigInteger(), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("load_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["capture_id"],
            ["raw.captures.capture_id"],
            name=op.f("fk_github_commit_weeks_capture_id"),
        ),
        sa.ForeignKeyConstraint(
            ["load_id"], ["ops.loads.load_id"], name=op.f("fk_github_commit_weeks_load_id")
        ),
        sa.UniqueConstraint(
            "key_sha", "fetched_at", name=op.f("uq_github_commit_weeks_key_sha_fetched_at")
        ),
        schema="raw",
    )
    op.create_table(
        "github_organizations",
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("website", sa.Text(), nullable=True),
        sa.Column("public_repos", sa.BigInteger(), nullable=False),
        sa.Column("followers", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("key_sha", sa.Uuid(), nullable=False),
        sa.Column("content_sha", sa.Uuid(), nullable=False),
        sa.Column("capture_id", sa.BigInteger(), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("load_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["capture_id"],
            ["raw.captures.capture_id"],
            name=op.f("fk_github_organizations_capture_id"),
        ),
        sa.ForeignKeyConstraint(
            ["load_id"], ["ops.loads.load_id"], name=op.f("fk_github_organizations_load_id")
        ),
        sa.UniqueConstraint(
            "key_sha", "fetched_at", name=op.f("uq_github_organizations_key_sha_fetched_at")
        ),
        schema="raw",
    )
    op.create_table(
        "github_releases",
        sa.Column("full_name", sa.Text(), nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("is_prerelease", sa.Boolean(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("key_sha", sa.Uuid(), nullable=False),
        sa.Column("content_sha", sa.Uuid(), nullable=False),
        sa.Column("capture_id", sa.BigInteger(), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("load_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["capture_id"], ["raw.captures.capture_id"], name=op.f("fk_github_releases_capture_id")
        ),
        sa.ForeignKeyConstraint(
            ["load_id"], ["ops.loads.load_id"], name=op.f("fk_github_releases_load_id")
        ),
        sa.UniqueConstraint(
            "key_sha", "fetched_at", name=op.f("uq_github_releases_key_sha_fetched_at")
        ),
        schema="raw",
    )
    op.create_table(
        "github_repositories",
        sa.Column("organization", sa.Text(), nullable=False),
        sa.Column("repository_id", sa.BigInteger(), nullable=False),
        sa.Column("full_name", sa.Text(), nullable=False),
        sa.Column("is_fork", sa.Boolean(), nullable=False),
        sa.Column("is_archived", sa.Boolean(), nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("stars", sa.BigInteger(), nullable=False),
        sa.Column("forks", sa.BigInteger(), nullable=False),
        sa.Column("open_issues", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("pushed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("key_sha", sa.Uuid(), nullable=False),
        sa.Column("content_sha", sa.Uuid(), nullable=False),
        sa.Column("capture_id", sa.BigInteger(), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("load_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["capture_id"],
            ["raw.captures.capture_id"],
            name=op.f("fk_github_repositories_capture_id"),
        ),
        sa.ForeignKeyConstraint(
            ["load_id"], ["ops.loads.load_id"], name=op.f("fk_github_repositories_load_id")
        ),
        sa.UniqueConstraint(
            "key_sha", "fetched_at", name=op.f("uq_github_repositories_key_sha_fetched_at")
        ),
        schema="raw",
    )
    op.create_table(
        "newsapi_articles",
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("publisher", sa.Text(), nullable=True),
        sa.Column("author", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("key_sha", sa.Uuid(), nullable=False),
        sa.Column("content_sha", sa.Uuid(), nullable=False),
        sa.Column("capture_id", sa.BigInteger(), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("load_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["capture_id"], ["raw.captures.capture_id"], name=op.f("fk_newsapi_articles_capture_id")
        ),
        sa.ForeignKeyConstraint(
            ["load_id"], ["ops.loads.load_id"], name=op.f("fk_newsapi_articles_load_id")
        ),
        sa.UniqueConstraint(
            "key_sha", "fetched_at", name=op.f("uq_newsapi_articles_key_sha_fetched_at")
        ),
        schema="raw",
    )
    op.create_table(
        "sec_index_filings",
        sa.Column("cik", sa.BigInteger(), nullable=False),
        sa.Column("accession", sa.Text(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("filed_date", sa.Date(), nullable=False),
        sa.Column("index_date", sa.Date(), nullable=False),
        sa.Column("key_sha", sa.Uuid(), nullable=False),
        sa.Column("content_sha", sa.Uuid(), nullable=False),
        sa.Column("capture_id", sa.BigInteger(), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("load_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["capture_id"],
            ["raw.captures.capture_id"],
            name=op.f("fk_sec_index_filings_capture_id"),
        ),
        sa.ForeignKeyConstraint(
            ["load_id"], ["ops.loads.load_id"], name=op.f("fk_sec_index_filings_load_id")
        ),
        sa.UniqueConstraint(
            "key_sha", "fetched_at", name=op.f("uq_sec_index_filings_key_sha_fetched_at")
        ),
        schema="raw",
    )
    op.create_table(
        "twelve_data_prices",
        sa.Column("ticker", sa.Text(), nullable=False),
        sa.Column("price_date", sa.Date(), nullable=False),
        sa.Column("open", sa.Numeric(), nullable=False),
        sa.Column("high", sa.Numeric(), nullable=False),
        sa.Column("low", sa.Numeric(), nullable=False),
        sa.Column("close", sa.Numeric(), nullable=False),
        sa.Column("volume", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("exchange", sa.Text(), nullable=True),
        sa.Column("key_sha", sa.Uuid(), nullable=False),
        sa.Column("content_sha", sa.Uuid(), nullable=False),
        sa.Column("capture_id", sa.BigInteger(), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("load_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["capture_id"],
            ["raw.captures.capture_id"],
            name=op.f("fk_twelve_data_prices_capture_id"),
        ),
        sa.ForeignKeyConstraint(
            ["load_id"], ["ops.loads.load_id"], name=op.f("fk_twelve_data_prices_load_id")
        ),
        sa.UniqueConstraint(
            "key_sha", "fetched_at", name=op.f("uq_twelve_data_prices_key_sha_fetched_at")
        ),
        schema="raw",
    )
    op.create_table(
        "unmapped_fields",
        sa.Column("table_name", sa.Text(), nullable=False),
        sa.Column("record_key", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("key_sha", sa.Uuid(), nullable=False),
        sa.Column("content_sha", sa.Uuid(), nullable=False),
        sa.Column("capture_id", sa.BigInteger(), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("load_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["capture_id"], ["raw.captures.capture_id"], name=op.f("fk_unmapped_fields_capture_id")
        ),
        sa.ForeignKeyConstraint(
            ["load_id"], ["ops.loads.load_id"], name=op.f("fk_unmapped_fields_load_id")
        ),
        sa.UniqueConstraint(
            "key_sha", "fetched_at", name=op.f("uq_unmapped_fields_key_sha_fetched_at")
        ),
        schema="raw",
    )
    op.drop_table("rate_slots", schema="ops")
    op.create_index(
        op.f("ix_outcomes_source_subject_happened_at"),
        "outcomes",
        ["source", "subject", "happened_at"],
        unique=False,
        schema="ops",
    )


def downgrade() -> None:
    # The next night builds them anew; their views hang on the tables that go.
    for schema in ("build", "intermediate", "staging"):
        op.execute(f"drop schema if exists {schema} cascade")
    op.drop_index(
        op.f("ix_outcomes_source_subject_happened_at"), table_name="outcomes", schema="ops"
    )
    op.create_table(
        "rate_slots",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_rate_slots")),
        schema="ops",
    )
    op.drop_table("unmapped_fields", schema="raw")
    op.drop_table("twelve_data_prices", schema="raw")
    op.drop_table("sec_index_filings", schema="raw")
    op.drop_table("newsapi_articles", schema="raw")
    op.drop_table("github_repositories", schema="raw")
    op.drop_table("github_releases", schema="raw")
    op.drop_table("github_organizations", schema="raw")
    op.drop_table("github_commit_weeks", schema="raw")
    op.drop_table("feed_entries", schema="raw")
    op.drop_table("crunchbase_organizations", schema="raw")
    op.drop_table("crunchbase_funding_rounds", schema="raw")
    op.drop_table("alpha_vantage_statements", schema="raw")
    op.drop_table("alpha_vantage_overviews", schema="raw")
    op.drop_table("alpha_vantage_earnings", schema="raw")
    op.drop_table("call_plan", schema="ops")
    op.drop_table("watchlist_handles", schema="ops")
    op.drop_index(
        op.f("ix_request_grants_source_granted_at"), table_name="request_grants", schema="ops"
    )
    op.drop_table("request_grants", schema="ops")
    op.drop_table("breakers", schema="ops")
    op.execute("delete from ops.outcomes where status = 'drift'")
    op.drop_constraint(op.f("ck_outcomes_status"), "outcomes", schema="ops")
    op.create_check_constraint(
        op.f("ck_outcomes_status"), "outcomes", f"status in ({STATUSES})", schema="ops"
    )
