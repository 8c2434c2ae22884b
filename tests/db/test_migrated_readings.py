"""What was read of documents before readers had digests, and figures before they were shares."""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from unittest.mock import patch

import psycopg
import pytest
from sqlalchemy.exc import InternalError

import migrations
from connectors.documents.records import (
    DOCUMENTS,
    FACTS,
    GUIDANCE,
    KPIS,
    RISKS,
    SECTIONS,
    DocumentRow,
    FactRow,
    GuidanceRow,
    KpiRow,
    RiskRow,
    SectionRow,
)
from tests.conftest import Cluster
from tests.db.packages import AS_OF, as_reader, early_run, new_capture, night, query
from warehouse.db import Warehouse
from warehouse.documents import use_reader
from warehouse.load import Load, merge, open_load, stage_rows
from warehouse.publishing.declared import OPEN_END, Mart
from warehouse.publishing.publications import Publication
from warehouse.publishing.publish import publish
from warehouse.roles import ensure_roles
from warehouse.tables import SOURCE_TABLES, record_columns

KEY = ("a" * 64, "10-K", "version-1")
PLACE = (10, 20, None)
PERIOD = (None, 2025, 4)
# As a reader of today would tell them.
READ: dict[str, list[tuple[Any, ...]]] = {
    DOCUMENTS: [
        DocumentRow(*KEY, "read", None, "html", "selectolax", None, 90, None, 2025, 4, "b", 0)
    ],
    SECTIONS: [SectionRow(*KEY, 0, "7", "Results", None, 0, 90, None, "said", 9, 1, 1, 1)],
    FACTS: [
        FactRow(*KEY, 7, "us-gaap:Assets", "USD", None, AS_OF, Decimal("1.50"), -2, '{"a": "b"}')
    ],
    KPIS: [
        KpiRow(
            *KEY, 0, "gross_margin", Decimal("0.728"), "percent", Decimal("0.001"), "quarter",
            *PERIOD, False, "prose", 1, Decimal("0.97"), "ok", *PLACE, "was 72.8%",
        ),
        KpiRow(
            *KEY, 1, "net_revenue_retention", Decimal("1.20"), "percent", Decimal("0.01"),
            "instant", *PERIOD, False, "prose", 1, Decimal("0.97"), "ok", *PLACE, "120%",
        ),
        KpiRow(
            *KEY, 2, "paid_subscribers", Decimal(9_500_000), "count", Decimal(100_000), "instant",
            *PERIOD, False, "prose", 1, Decimal("0.97"), "ok", *PLACE, "9.5 million",
        ),
    ],
    GUIDANCE: [
        GuidanceRow(
            *KEY, 0, "gross_margin", Decimal("0.72"), Decimal("0.735"), "percent", "annual",
            *PERIOD, *PLACE, "72 to 73.5%",
        ),
        GuidanceRow(
            *KEY, 1, "revenue", Decimal(288_000_000), Decimal(290_000_000), "USD", "quarter",
            *PERIOD, *PLACE, "$288 million to $290 million",
        ),
    ],
    RISKS: [RiskRow(*KEY, 0, "1A", 30, "A risk.")],
}  # fmt: skip
# The same as version 1 told them.
PRINTED = {
    (KPIS, 0): {"value": "72.8", "step": "0.1"},
    (KPIS, 1): {"value": "120", "step": "1"},
    (GUIDANCE, 0): {"low": "72", "high": "73.5"},
}
MARTS = {
    "fct_kpi_vintages": "metric text, unit text, value numeric, step numeric",
    "mart_company_kpis": (
        "metric text, unit text, value numeric, step numeric, comparison_value numeric"
    ),
    "mart_kpi_reviews": "metric text, value numeric, unit text",
    "mart_guidance": "metric text, unit text, low numeric, high numeric",
}
FIGURES = {name: (shape.count("numeric"), shape) for name, shape in MARTS.items()}


@pytest.fixture
def earlier(own_cluster: Cluster) -> Iterator[Warehouse]:
    """A warehouse of the release before, with a reading, and figures in two publications."""
    with own_cluster.fresh("template1") as warehouse:
        with warehouse.engine.begin() as connection:
            migrations.upgrade(connection, "0006")
        ensure_roles(warehouse)
        with psycopg.connect(warehouse.psycopg_dsn()) as connection:
            run = early_run(warehouse)
            load = open_load(warehouse, run, "document_texts")
            capture = new_capture(warehouse, night(1))
            for table, rows in READ.items():
                for number, row in enumerate(rows):
                    _insert_as_version_1(connection, table, number, row, load, capture)
        load.connection.close()
        _publish(warehouse, _printed("71.5"), "parser_version integer", "1")
        _publish(warehouse, _printed("72.8"), "parser_version integer", "1")
        _hash_as_stored(warehouse)
        yield warehouse


def _insert_as_version_1(
    connection: psycopg.Connection[Any],
    table: str,
    number: int,
    row: tuple[Any, ...],
    load: Load,
    capture: int,
) -> None:
    record = row._asdict() | PRINTED.get((table, number), {})  # type: ignore[attr-defined]
    record["parser_version"] = 1
    del record["reader_sha"]
    if table == FACTS:
        record["dimensions"] = json.loads(record["dimensions"])
    nothing = "0" * 32
    record |= {
        "key_sha": nothing, "content_sha": nothing, "capture_id": capture,
        "fetched_at": night(1), "load_id": load.load_id,
    }  # fmt: skip
    insert = f"insert into raw.{table} select * from jsonb_populate_record(null::raw.{table}, %s)"
    connection.execute(
        insert.encode(),
        (json.dumps(record, default=str),),
    )
    names = {
        "key": SOURCE_TABLES[table].info["key"],
        "content": [column.name for column in record_columns(SOURCE_TABLES[table])],
    }
    hashes = ", ".join(
        f"{name}_sha = md5(row({', '.join(columns)})::text)::uuid"
        for name, columns in names.items()
    ).replace("reader_sha", "parser_version")
    connection.execute(f"update raw.{table} set {hashes} where true".encode())


def _hash_as_stored(warehouse: Warehouse) -> None:
    """Hash the rows as releases before 0009 did: with their columns in the store's order."""
    for mart in ("mart_documents", *FIGURES):
        [(columns,)] = query(
            warehouse,
            "select string_agg(quote_ident(attname), ', ' order by attnum) from pg_attribute"
            " where attrelid = to_regclass(%s) and attnum > 0 and attname not in"
            " ('row_sha', 'valid_from_run', 'valid_to_run')",
            f"published.{mart}",
        )
        with psycopg.connect(warehouse.psycopg_dsn()) as connection:
            connection.execute(
                f"update published.{mart} set row_sha = md5(row({columns})::text)::uuid".encode()
            )


def _printed(margin: str) -> dict[str, str]:
    return {"percent": margin, "count": "9500000"}


def _publish(
    warehouse: Warehouse, values: dict[str, str], reader_column: str, reader: str
) -> Publication:
    """Publish figures of each unit, the same number in every column of them.

    Their release gave no notices to views, and its warehouse has no table of them.
    """
    made = [
        "create schema if not exists build",
        "drop table if exists build.mart_documents",
        f"create table build.mart_documents (url text, {reader_column}, pages integer)",
        f"insert into build.mart_documents values ('read', {reader}, 3), ('unread', null, null)",
    ]
    for name, (_, shape) in FIGURES.items():
        made += [f"drop table if exists build.{name}", f"create table build.{name} ({shape})"]
        for unit, value in values.items():
            row = [
                value if kind == "numeric" else f"'{unit}'"
                for kind in (column.split()[1] for column in shape.split(", "))
            ]
            made.append(f"insert into build.{name} values ({', '.join(row)})")
    with psycopg.connect(warehouse.psycopg_dsn()) as connection:
        for statement in made:
            connection.execute(statement.encode())
    marts = [Mart("mart_documents", "Documents.", ("url",), {})]
    marts += [Mart(name, "Figures.", ("metric",), {}) for name in FIGURES]
    with patch("warehouse.publishing.publish.meet"):
        return publish(warehouse, early_run(warehouse), AS_OF, marts, "manifest", None)


def upgrade(warehouse: Warehouse) -> None:
    with warehouse.engine.begin() as connection:
        migrations.upgrade(connection)


def downgrade(warehouse: Warehouse) -> None:
    with warehouse.engine.begin() as connection:
        migrations.downgrade(connection, "0006")


def everything(warehouse: Warehouse) -> dict[str, list[tuple[Any, ...]]]:
    """Every row that tells of documents, raw and published."""
    names = [f"raw.{name}" for name in READ]
    names += [f"published.{name}" for name in ("mart_documents", *FIGURES)]
    with psycopg.connect(warehouse.psycopg_dsn()) as connection:
        return {
            name: connection.execute(
                f"select t.* from {name} as t order by t::text".encode()
            ).fetchall()
            for name in names
        }


def test_stored_rows_are_those_that_a_reader_of_today_would_bring(earlier: Warehouse) -> None:
    upgrade(earlier)
    load = open_load(earlier, early_run(earlier), "document_texts")
    capture = new_capture(earlier, night(2))
    for table, rows in READ.items():
        stage_rows(load, table, rows, capture, night(2))
    assert merge(load, dict.fromkeys(READ, ())).new == dict.fromkeys(READ, 0)
    with earlier.engine.connect() as connection:
        migrations.check(connection)


def test_the_next_publication_finds_no_row_changed(earlier: Warehouse) -> None:
    upgrade(earlier)
    shares = {"percent": "0.728", "count": "9500000"}
    done = _publish(earlier, shares, "reader_sha text", "'version-1'")
    assert done.rows_changed == 0


def test_kept_versions_are_shares_too_and_readers_see_them_at_once(earlier: Warehouse) -> None:
    upgrade(earlier)
    for name, (count, shape) in FIGURES.items():
        figures = [c.split()[0] for c in shape.split(", ") if c.endswith(" numeric")]
        rows = query(
            earlier,
            f"select valid_to_run = {OPEN_END}, unit, {', '.join(figures)} from published.{name}"  # type: ignore[arg-type]
            " order by 1, 2 desc",
        )
        assert rows == [
            (False, "percent", *[Decimal("0.715")] * count),
            (True, "percent", *[Decimal("0.728")] * count),
            (True, "count", *[Decimal(9_500_000)] * count),
        ]
    with as_reader(earlier) as reader:
        rows = reader.execute("select * from mart_documents order by url").fetchall()
        assert rows == [("read", "version-1", 3), ("unread", None, None)]


def test_version_1_is_a_reader_until_another_is_used(earlier: Warehouse) -> None:
    upgrade(earlier)
    assert query(earlier, "select reader_sha, libraries from ops.readers") == [("version-1", {})]
    assert query(
        earlier,
        "select r.first_used_at = l.started_at and r.last_used_at = l.started_at"
        " from ops.readers as r cross join ops.loads as l",
    ) == [(True,)]
    for sha in ("c" * 16, "d" * 16, "c" * 16):
        use_reader(earlier, sha, {"pypdf": "7.1.0"})
    order = "select reader_sha from ops.readers order by last_used_at"
    assert query(earlier, order) == [("version-1",), ("d" * 16,), ("c" * 16,)]


def test_a_reader_is_the_last_used_though_the_clock_was_put_back(earlier: Warehouse) -> None:
    upgrade(earlier)
    query(earlier, "update ops.readers set last_used_at = clock_timestamp() + interval '1 year'")
    use_reader(earlier, "c" * 16, {})
    newest = "select reader_sha from ops.readers order by last_used_at desc limit 1"
    assert query(earlier, newest) == [("c" * 16,)]


def test_what_fails_at_the_end_of_the_migration_leaves_all_as_it_was(earlier: Warehouse) -> None:
    before = everything(earlier)
    # Somebody's own view holds the last thing that the migration changes.
    query(earlier, "create view public.mine as select parser_version from marts.mart_documents")
    with pytest.raises(InternalError, match=r"view mine depends on view marts\.mart_documents"):
        upgrade(earlier)
    assert everything(earlier) == before
    assert query(earlier, "select to_regclass('ops.readers')") == [(None,)]
    assert query(earlier, "select version_num from corpintel_schema_version") == [("0006",)]
    query(earlier, "drop view public.mine")
    upgrade(earlier)
    assert everything(earlier) != before


def test_the_migration_can_be_taken_back_to_the_last_digit(earlier: Warehouse) -> None:
    before = everything(earlier)
    upgrade(earlier)
    load = open_load(earlier, early_run(earlier), "document_texts")
    other = READ[DOCUMENTS][0]._replace(reader_sha="c" * 16)  # type: ignore[attr-defined]
    stage_rows(load, DOCUMENTS, [other], new_capture(earlier, night(2)), night(2))
    assert merge(load, {DOCUMENTS: ()}).new == {DOCUMENTS: 1}
    downgrade(earlier)
    after = everything(earlier)
    assert after == before
    assert str(after) == str(before)
