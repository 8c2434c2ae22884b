"""Documents: which there are, and what reading them gave."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TABLES = (
    "document_risks",
    "document_guidance",
    "document_kpis",
    "document_facts",
    "document_sections",
    "documents",
    "investor_documents",
    "filed_documents",
)


def upgrade() -> None:
    _source_table(
        "filed_documents",
        sa.Column("cik", sa.BigInteger(), nullable=False),
        sa.Column("accession", sa.Text(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("document_type", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("filed_date", sa.Date(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
    )
    _source_table(
        "investor_documents",
        sa.Column("company_id", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("page_url", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("sha256", sa.Text(), nullable=False),
    )
    _source_table(
        "documents",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("document_type", sa.Text(), nullable=False),
        sa.Column("parser_version", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("media", sa.Text(), nullable=False),
        sa.Column("reader", sa.Text(), nullable=True),
        sa.Column("pages", sa.Integer(), nullable=True),
        sa.Column("characters", sa.BigInteger(), nullable=False),
        sa.Column("period_end", sa.Date(), nullable=True),
        sa.Column("fiscal_year", sa.Integer(), nullable=True),
        sa.Column("fiscal_quarter", sa.Integer(), nullable=True),
        sa.Column("text_sha256", sa.Text(), nullable=True),
        sa.Column("refused_facts", sa.Integer(), nullable=False),
    )
    _source_table(
        "document_sections",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("document_type", sa.Text(), nullable=False),
        sa.Column("parser_version", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("speaker", sa.Text(), nullable=True),
        sa.Column("start_offset", sa.BigInteger(), nullable=False),
        sa.Column("end_offset", sa.BigInteger(), nullable=False),
        sa.Column("page", sa.Integer(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("words", sa.Integer(), nullable=False),
        sa.Column("positive_words", sa.Integer(), nullable=False),
        sa.Column("negative_words", sa.Integer(), nullable=False),
        sa.Column("uncertain_words", sa.Integer(), nullable=False),
    )
    _source_table(
        "document_facts",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("document_type", sa.Text(), nullable=False),
        sa.Column("parser_version", sa.Integer(), nullable=False),
        sa.Column("byte_offset", sa.BigInteger(), nullable=False),
        sa.Column("concept", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("start_date", sa.Date(), nullable=True),
        sa.Column("end_date", sa.Date(), nullable=False),
        sa.Column("value", sa.Numeric(), nullable=False),
        sa.Column("decimals", sa.Integer(), nullable=True),
        sa.Column("dimensions", postgresql.JSONB(), nullable=False),
    )
    _source_table(
        "document_kpis",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("document_type", sa.Text(), nullable=False),
        sa.Column("parser_version", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("metric", sa.Text(), nullable=False),
        sa.Column("value", sa.Numeric(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("step", sa.Numeric(), nullable=False),
        sa.Column("period_type", sa.Text(), nullable=True),
        sa.Column("period_end", sa.Date(), nullable=True),
        sa.Column("fiscal_year", sa.Integer(), nullable=True),
        sa.Column("fiscal_quarter", sa.Integer(), nullable=True),
        sa.Column("is_comparison", sa.Boolean(), nullable=False),
        sa.Column("witness", sa.Text(), nullable=False),
        sa.Column("witnesses", sa.Integer(), nullable=False),
        sa.Column("confidence", sa.Numeric(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("start_offset", sa.BigInteger(), nullable=False),
        sa.Column("end_offset", sa.BigInteger(), nullable=False),
        sa.Column("page", sa.Integer(), nullable=True),
        sa.Column("sentence", sa.Text(), nullable=False),
    )
    _source_table(
        "document_guidance",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("document_type", sa.Text(), nullable=False),
        sa.Column("parser_version", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("metric", sa.Text(), nullable=False),
        sa.Column("low", sa.Numeric(), nullable=False),
        sa.Column("high", sa.Numeric(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("period_type", sa.Text(), nullable=False),
        sa.Column("period_end", sa.Date(), nullable=True),
        sa.Column("fiscal_year", sa.Integer(), nullable=True),
        sa.Column("fiscal_quarter", sa.Integer(), nullable=True),
        sa.Column("start_offset", sa.BigInteger(), nullable=False),
        sa.Column("end_offset", sa.BigInteger(), nullable=False),
        sa.Column("page", sa.Integer(), nullable=True),
        sa.Column("sentence", sa.Text(), nullable=False),
    )
    _source_table(
        "document_risks",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("document_type", sa.Text(), nullable=False),
        sa.Column("parser_version", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("section", sa.Text(), nullable=False),
        sa.Column("start_offset", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
    )


def _source_table(name: str, *columns: sa.Column[Any]) -> None:
    """Make a raw table: record columns, then the hashes of key and content and the lineage."""
    op.create_table(
        name,
        *columns,
        sa.Column("key_sha", sa.Uuid(), nullable=False),
        sa.Column("content_sha", sa.Uuid(), nullable=False),
        sa.Column("capture_id", sa.BigInteger(), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("load_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["capture_id"], ["raw.captures.capture_id"], name=op.f(f"fk_{name}_capture_id")
        ),
        sa.ForeignKeyConstraint(
            ["load_id"], ["ops.loads.load_id"], name=op.f(f"fk_{name}_load_id")
        ),
        sa.UniqueConstraint("key_sha", "fetched_at", name=op.f(f"uq_{name}_key_sha_fetched_at")),
        schema="raw",
    )


def downgrade() -> None:
    # The next night builds them anew; their views hang on the tables that go.
    for schema in ("build", "intermediate", "staging"):
        op.execute(f"drop schema if exists {schema} cascade")
    for name in TABLES:
        op.drop_table(name, schema="raw")
