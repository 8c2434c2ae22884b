"""The role that loads and cannot drop, what became of rejected rows, and what drills found."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

LOADER = "corpintel_loader"

# Rows of these are replaced or forgotten; of nothing else does loading take a row away.
FORGETFUL = ("watchlist", "watchlist_predecessors", "watchlist_handles", "request_grants")
# What readers see is moved by the publisher alone.
PUBLISHERS = ("publications", "current_publication")


def upgrade() -> None:
    op.create_table(
        "drills",
        sa.Column("drill_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("git_revision", sa.Text(), nullable=True),
        sa.Column("drill", sa.Text(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("points_held", sa.Integer(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("drill_id", name=op.f("pk_drills")),
        schema="ops",
    )
    # Roles belong to the whole server: another database of it may have made this one.
    op.execute(
        f"""
        do $$ begin
            if not exists (select from pg_roles where rolname = '{LOADER}') then
                create role {LOADER} nologin;
            end if;
        end $$
        """
    )
    # Who may grant nothing finds out when the night takes the role on, with the cure.
    op.execute(
        f"""
        do $$ begin
            execute format('grant {LOADER} to %I', current_user);
        exception when insufficient_privilege then null;
        end $$
        """
    )
    op.execute(f"grant usage on schema raw, ops to {LOADER}")
    op.execute(f"grant usage, create on schema stage to {LOADER}")
    op.execute(f"grant select, insert on all tables in schema raw to {LOADER}")
    op.execute(f"grant select, insert, update on all tables in schema ops to {LOADER}")
    op.execute(f"revoke insert, update on {_in_ops(PUBLISHERS)} from {LOADER}")
    # Readers see of which data a run is.
    op.execute(f"revoke update on ops.runs from {LOADER}")
    op.execute(f"grant update (status, finished_at, detail, timings) on ops.runs to {LOADER}")
    op.execute(f"grant delete on {_in_ops(FORGETFUL)} to {LOADER}")
    op.execute(f"alter default privileges in schema raw grant select, insert on tables to {LOADER}")
    # What a killed night staged is swept by the next, which can drop its own alone.
    op.execute(
        f"""
        do $$ declare staged record; begin
            for staged in select tablename from pg_tables where schemaname = 'stage' loop
                execute format('alter table stage.%I owner to {LOADER}', staged.tablename);
            end loop;
        end $$
        """
    )
    op.add_column("publications", sa.Column("timings", postgresql.JSONB()), schema="ops")
    for column in ("last_load_id", "last_capture_id", "resolved_load_id"):
        op.add_column("rejected_records", sa.Column(column, sa.BigInteger()), schema="ops")
    op.execute(
        "update ops.rejected_records set last_load_id = load_id, last_capture_id = capture_id"
    )
    for column, target in (
        ("last_load_id", "ops.loads.load_id"),
        ("last_capture_id", "raw.captures.capture_id"),
        ("resolved_load_id", "ops.loads.load_id"),
    ):
        table, _, key = target.rpartition(".")
        schema, _, name = table.partition(".")
        op.create_foreign_key(
            op.f(f"fk_rejected_records_{column}"),
            "rejected_records",
            name,
            [column],
            [key],
            source_schema="ops",
            referent_schema=schema,
        )
    for column in ("last_load_id", "last_capture_id"):
        op.alter_column("rejected_records", column, nullable=False, schema="ops")


def downgrade() -> None:
    op.drop_table("drills", schema="ops")
    for column in ("last_load_id", "last_capture_id", "resolved_load_id"):
        op.drop_column("rejected_records", column, schema="ops")
    op.execute(
        f"alter default privileges in schema raw revoke select, insert on tables from {LOADER}"
    )
    # The view that shows it is made anew by the next publication.
    op.execute("alter table ops.publications drop column timings cascade")
    op.execute(f"revoke all on all tables in schema raw, ops from {LOADER}")
    op.execute(f"revoke all on schema raw, ops, stage from {LOADER}")


def _in_ops(tables: tuple[str, ...]) -> str:
    return ", ".join(f"ops.{name}" for name in tables)
