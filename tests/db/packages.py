"""Runs, captures and load packages made by hand, and other eyes on the same warehouse."""

import itertools
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any, LiteralString

import psycopg
from sqlalchemy.engine import make_url

from flows.steps.gate import SUITES
from tests.limits import wait_for
from warehouse.db import Warehouse
from warehouse.load import Load, LoadResult, merge, open_load, stage_rows
from warehouse.ops import CaptureTable, start_run

AS_OF = date(2026, 7, 10)
# Seconds for what an idle machine does in a moment.
PATIENCE = 20.0

_numbers = itertools.count(1)

Rows = Sequence[tuple[Any, ...]]


def night(number: int) -> datetime:
    """When the answers of that night were fetched."""
    return datetime(2026, 1, 1, 22, tzinfo=UTC) + timedelta(days=number)


def new_run(warehouse: Warehouse) -> int:
    return start_run(warehouse, "sample", AS_OF)


def early_run(warehouse: Warehouse) -> int:
    """A run of a warehouse whose schema is of any earlier release."""
    [(run,)] = query(
        warehouse,
        "insert into ops.runs (data_kind, as_of, started_at)"
        " values ('sample', %s, clock_timestamp()) returning run_id",
        AS_OF,
    )
    return int(run)


def new_capture(warehouse: Warehouse, fetched_at: datetime, number: int | None = None) -> int:
    """The id of an answer; those of one number are of the same bytes."""
    number = next(_numbers) if number is None else number
    capture = SimpleNamespace(
        source="test",
        request_key=f"test/{number}",
        url=f"https://example.com/{number}",
        fetched_at=fetched_at,
        status=200,
        etag=None,
        last_modified=None,
        content_type="text/csv",
        sha256=f"{number:064x}",
        size=1,
    )
    return CaptureTable(warehouse, SimpleNamespace).record(capture)


def stage(load: Load, table: str, records: Rows, fetched_at: datetime) -> int:
    """Stage one answer and return its capture."""
    capture = new_capture(load.warehouse, fetched_at)
    stage_rows(load, table, records, capture, fetched_at)
    return capture


def staged(warehouse: Warehouse, table: str, *answers: tuple[datetime, Rows]) -> Load:
    """An open package with those answers."""
    load = open_load(warehouse, new_run(warehouse), "test")
    for fetched_at, records in answers:
        stage(load, table, records, fetched_at)
    return load


def deliver(warehouse: Warehouse, table: str, *answers: tuple[datetime, Rows]) -> LoadResult:
    """Merge a package with those answers under the table's own suite."""
    return merge(staged(warehouse, table, *answers), SUITES)


def query(warehouse: Warehouse, statement: LiteralString, *parameters: Any) -> list[Any]:
    """All rows as the owner sees them, on a connection of its own."""
    with psycopg.connect(warehouse.psycopg_dsn()) as connection:
        cursor = connection.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else []


def as_reader(warehouse: Warehouse) -> psycopg.Connection[Any]:
    """A connection of the read-only role."""
    url = make_url(warehouse.reader_url())
    return psycopg.connect(
        host=url.host,
        port=url.port,
        user=url.username,
        password=url.password,
        dbname=url.database,
    )


def kill(warehouse: Warehouse, backend: int) -> None:
    """End that server process and wait until it is gone."""
    assert query(warehouse, "select pg_terminate_backend(%s, 20000)", backend) == [(True,)]


def wait_until_blocked(warehouse: Warehouse, backend: int) -> None:
    """Return once that server process waits for a lock of another."""
    wait_for(
        lambda: query(warehouse, "select pg_blocking_pids(%s)", backend) != [([],)],
        PATIENCE,
        "the backend never waited for a lock",
    )
