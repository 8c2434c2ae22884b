"""Readers of documents by their digest, and figures in per cent as shares.

What is stored keeps its reader under the name `version-N`. A figure of unit percent, 72.8 before,
is 0.728 in the raw tables and in every kept version of a published row.
"""

from collections.abc import Mapping
from typing import NamedTuple

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

REWRITES = ("raw.documents", "raw.document_%", "published.%")

READER = "corpintel_reader"
LOADER = "corpintel_loader"
_BYTES = ("sha256", "document_type")
# What tells the rows of one reading of a document apart.
_PLACES = {
    "documents": (),
    "document_sections": ("position",),
    "document_facts": ("byte_offset",),
    "document_kpis": ("position",),
    "document_guidance": ("position",),
    "document_risks": ("position",),
}
_RAW_SHARES = {"document_kpis": ("value", "step"), "document_guidance": ("low", "high")}
_PUBLISHED_SHARES = {
    "fct_kpi_vintages": ("value", "step"),
    "mart_company_kpis": ("value", "step", "comparison_value"),
    "mart_kpi_reviews": ("value",),
    "mart_guidance": ("low", "high"),
}
_LINEAGE = {"key_sha", "content_sha", "capture_id", "fetched_at", "load_id"}
_VERSION = {"row_sha", "valid_from_run", "valid_to_run"}


class _Column(NamedTuple):
    """A new name, type and content for a column, the content told in the old columns."""

    old_name: str
    name: str
    kind: str
    content: str


_NAMED = _Column("parser_version", "reader_sha", "text", "'version-' || parser_version")
# The digits stay as they were printed: 40.0 is 0.400, and 40.0 again.
_AS_SHARE = "{name} * 0.01"
_AS_PRINTED = "round({name} * 100, greatest(scale({name}) - 2, 0))"
_NUMBERED = _Column(
    "reader_sha", "parser_version", "integer", "substring(reader_sha from '^version-(\\d+)$')::int"
)


def upgrade() -> None:
    op.create_table(
        "readers",
        sa.Column("reader_sha", sa.Text(), nullable=False),
        sa.Column("first_used_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("libraries", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("reader_sha", name=op.f("pk_readers")),
        schema="ops",
    )
    op.execute(f"grant select, insert, update on ops.readers to {LOADER}")
    op.execute(
        f"""
        insert into ops.readers
        select {_NAMED.content}, min(l.started_at), max(l.started_at), '{{}}'
        from raw.documents as d
        inner join ops.loads as l on d.load_id = l.load_id
        group by d.parser_version
        """
    )
    _rewrite(_NAMED, _AS_SHARE)


def downgrade() -> None:
    for table in _PLACES:
        # The archive has what they were read of.
        op.execute(f"delete from raw.{table} where reader_sha !~ '^version-\\d+$'")
    _rewrite(_NUMBERED, _AS_PRINTED)
    op.drop_table("readers", schema="ops")


def _rewrite(reader: _Column, share: str) -> None:
    # The next night makes them anew; its views hang on the columns that change.
    op.execute("drop schema if exists staging cascade")
    for table, places in _PLACES.items():
        _rewrite_raw(table, (*_BYTES, reader.old_name, *places), reader, share)
    for mart, shares in _PUBLISHED_SHARES.items():
        _rewrite_published(mart, _scaled(shares, share))
    _rewrite_documents(reader)


def _scaled(columns: tuple[str, ...], share: str) -> dict[str, str]:
    return {
        name: f"case when unit = 'percent' then {share.format(name=name)} else {name} end"
        for name in columns
    }


def _columns(table: str) -> list[str]:
    found = op.get_bind().execute(
        sa.text(
            "select attname from pg_attribute where attrelid = to_regclass(:table)"
            " and attnum > 0 and not attisdropped order by attnum"
        ),
        {"table": table},
    )
    return [*found.scalars()]


def _sha(columns: list[str], contents: Mapping[str, str]) -> str:
    """The digest of a row of these columns, as loading and publishing make it."""
    return f"md5(row({', '.join(contents.get(name, name) for name in columns)})::text)::uuid"


def _rewrite_raw(table: str, key: tuple[str, ...], reader: _Column, share: str) -> None:
    """Rewrite a table once, with keys and digests as if its rows arrived today."""
    recorded = [name for name in _columns(f"raw.{table}") if name not in _LINEAGE]
    shares = _scaled(_RAW_SHARES.get(table, ()), share)
    contents = shares | {reader.old_name: f"({reader.content})"}
    changes = [f"alter {reader.old_name} type {reader.kind} using {reader.content}"]
    changes += [f"alter {name} type numeric using {share}" for name, share in shares.items()]
    changes += [
        f"alter key_sha type uuid using {_sha([*key], contents)}",
        f"alter content_sha type uuid using {_sha(recorded, contents)}",
    ]
    op.execute(f"alter table raw.{table} {', '.join(changes)}")
    op.execute(f"alter table raw.{table} rename {reader.old_name} to {reader.name}")


def _rewrite_published(mart: str, contents: Mapping[str, str]) -> None:
    """Change columns of every kept version of a mart's rows; none where it was never published."""
    rows = [name for name in _columns(f"published.{mart}") if name not in _VERSION]
    if not rows:
        return
    changes = [f"{name} = {content}" for name, content in contents.items()]
    changes.append(f"row_sha = {_sha(rows, contents)}")
    op.execute(f"update published.{mart} set {', '.join(changes)} where unit = 'percent'")


def _rewrite_documents(reader: _Column) -> None:
    """Give the published list of documents its reader's column, with the view that shows it.

    Last of all: the view is locked until the migration ends.
    """
    store, view = "published.mart_documents", "marts.mart_documents"
    rows = [name for name in _columns(store) if name not in _VERSION]
    if reader.old_name not in rows:
        return
    shown = ", ".join(reader.name if name == reader.old_name else name for name in _columns(view))
    # An idle reader of the view would have all others wait behind this: the next night tries again.
    op.execute("set local lock_timeout = '120s'")
    op.execute(f"drop view {view}")
    op.execute(
        f"alter table {store} alter {reader.old_name} type {reader.kind} using {reader.content},"
        f" alter row_sha type uuid using {_sha(rows, {reader.old_name: f'({reader.content})'})}"
    )
    op.execute(f"alter table {store} rename {reader.old_name} to {reader.name}")
    op.execute(
        f"""
        create view {view} as
        select {shown} from {store}
        where valid_from_run <= (select run_id from ops.current_publication)
            and valid_to_run > (select run_id from ops.current_publication)
        """
    )
    op.execute(f"grant select on {view} to {READER}")
