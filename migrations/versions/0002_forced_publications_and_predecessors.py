"""Who overrode an audit and why, and the CIKs that a company filed under before."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "publications", sa.Column("forced_reason", sa.Text(), nullable=True), schema="ops"
    )
    op.create_table(
        "watchlist_predecessors",
        sa.Column("predecessor_cik", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("company_id", sa.Text(), nullable=False),
        sa.Column("cik", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("predecessor_cik", name=op.f("pk_watchlist_predecessors")),
        schema="ops",
    )


def downgrade() -> None:
    op.drop_table("watchlist_predecessors", schema="ops")
    # The next publication makes the view anew.
    op.execute("drop view if exists marts.publications")
    op.drop_column("publications", "forced_reason", schema="ops")
