"""Who writes to the warehouse, and the token by which a night that was cut off is told so."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "writer",
        sa.Column("is_singleton", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("token", sa.BigInteger(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("acquired_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("heartbeat_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("is_singleton", name=op.f("ck_writer_singleton")),
        sa.PrimaryKeyConstraint("is_singleton", name=op.f("pk_writer")),
        schema="ops",
    )


def downgrade() -> None:
    op.drop_table("writer", schema="ops")
