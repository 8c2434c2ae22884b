"""Fifty readers during twenty publications: no gap, no mixture, and nobody waits for a lock."""

import threading
from collections.abc import Callable
from dataclasses import replace

import psycopg
import pytest

from tests.db.packages import as_reader, new_run, query
from tests.db.test_publish import AS_OF, MART, build
from tests.limits import seconds
from warehouse.db import Warehouse
from warehouse.publishing import shape
from warehouse.publishing.errors import PublishRefusedError
from warehouse.publishing.publish import publish

READERS = 50
PUBLICATIONS = 20
ROWS = 40
# Far less than an idle reader holds its locks for.
LOCK_MILLISECONDS = int(1_000 * seconds(0.1))
OTHER = replace(MART, name="mart_other")
# Both marts in one statement: each row carries the number of the night that built it.
PAIR = (
    "select (select count(*) from mart_test), (select count(distinct value) from mart_test),"
    " (select min(value) from mart_test), (select count(*) from mart_other),"
    " (select count(distinct value) from mart_other), (select min(value) from mart_other)"
)
ANALYSTS_OWN = "select count(*), count(distinct value), min(value) from analysis.mine"


def release(warehouse: Warehouse, number: int) -> None:
    rows = [(n, f"{number:03d}") for n in range(ROWS)]
    build(warehouse, rows)
    build(warehouse, rows, mart=OTHER)
    publish(warehouse, new_run(warehouse), AS_OF, [MART, OTHER], f"manifest {number}", None)


class Reader:
    """Reads until told to stop; in one of four manners, by its number."""

    def __init__(self, warehouse: Warehouse, number: int, stop: threading.Event) -> None:
        self.warehouse = warehouse
        self.number = number
        self.stop = stop
        self.answers = 0
        self.wrong: list[str] = []

    def __call__(self) -> None:
        try:
            with as_reader(self.warehouse) as connection:
                # Who waits longer than this for any lock fails, and says so.
                connection.execute(f"set lock_timeout = {LOCK_MILLISECONDS}".encode())
                connection.execute("set search_path = marts, analysis")
                connection.commit()
                manner: Callable[[psycopg.Connection], None] = [
                    self.each_by_itself, self.on_one_snapshot, self.idle_in_between, self.own_view,
                ][self.number % 4]  # fmt: skip
                while not self.stop.is_set():
                    manner(connection)
        except psycopg.Error as error:
            self.wrong.append(f"reader {self.number}: {error!r}")

    def each_by_itself(self, connection: psycopg.Connection) -> None:
        self.check(connection.execute(PAIR).fetchone())
        connection.commit()

    def on_one_snapshot(self, connection: psycopg.Connection) -> None:
        connection.execute("set transaction isolation level repeatable read")
        first = connection.execute(PAIR).fetchone()
        self.stop.wait(0.02)
        again = connection.execute(PAIR).fetchone()
        connection.commit()
        self.check(first)
        if first != again:
            self.wrong.append(f"one snapshot gave {first} and {again}")

    def idle_in_between(self, connection: psycopg.Connection) -> None:
        """Holds its transaction open over whole publications, having read from both views."""
        self.check(connection.execute(PAIR).fetchone())
        self.stop.wait(5 * LOCK_MILLISECONDS / 1_000)
        connection.commit()

    def own_view(self, connection: psycopg.Connection) -> None:
        row = connection.execute(ANALYSTS_OWN).fetchone()
        connection.commit()
        self.check(row and (*row, *row))

    def check(self, row: tuple[object, ...] | None) -> None:
        self.answers += 1
        assert row is not None
        one, other = row[:3], row[3:]
        if one != other or one[:2] != (ROWS, 1):
            self.wrong.append(f"reader {self.number} saw {row}")


def test_fifty_readers_during_twenty_publications(warehouse: Warehouse) -> None:
    release(warehouse, 0)
    query(
        warehouse,
        "create schema analysis; create view analysis.mine as select * from marts.mart_test;"
        " grant usage on schema analysis to corpintel_reader;"
        " grant select on analysis.mine to corpintel_reader",
    )
    # The publisher waits for nobody either.
    database = warehouse.engine.url.database
    query(warehouse, f"alter database {database} set lock_timeout = {LOCK_MILLISECONDS}")  # type: ignore[arg-type]
    stop = threading.Event()
    readers = [Reader(warehouse, number, stop) for number in range(READERS)]
    threads = [threading.Thread(target=reader) for reader in readers]
    for thread in threads:
        thread.start()
    try:
        for number in range(1, PUBLICATIONS + 1):
            release(warehouse, number)
    finally:
        stop.set()
        for thread in threads:
            thread.join(seconds(30))
    assert [wrong for reader in readers for wrong in reader.wrong] == []
    assert all(reader.answers for reader in readers)
    assert query(warehouse, "select count(*) from ops.publications") == [(PUBLICATIONS + 1,)]


def test_a_new_column_waits_for_an_idle_reader_without_making_others_wait(
    warehouse: Warehouse,
) -> None:
    release(warehouse, 0)
    with as_reader(warehouse) as idle, as_reader(warehouse) as other:
        idle.execute(PAIR)
        wider = replace(MART, columns={**MART.columns, "extra": "One more."})
        build(warehouse, [(1, "a", 7)], "id int, value text, extra int", wider)
        done = threading.Event()

        def publish_wider() -> None:
            publish(warehouse, new_run(warehouse), AS_OF, [wider], "manifest", None)
            done.set()

        publisher = threading.Thread(target=publish_wider)
        publisher.start()
        other.execute(f"set statement_timeout = {int(1_000 * seconds(1))}".encode())
        for _ in range(20):
            # While the publisher asks again and again, others read on.
            assert other.execute("select count(*) from mart_test").fetchone() == (ROWS,)
            other.commit()
            assert not done.wait(0.05)
        idle.commit()
        publisher.join(seconds(30))
    assert done.is_set()
    with as_reader(warehouse) as reader:
        assert reader.execute("select * from mart_test").fetchall() == [(1, "a", 7)]


def test_a_reader_that_never_ends_is_told_of(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shape, "RESHAPE_SECONDS", 0.0)
    release(warehouse, 0)
    with as_reader(warehouse) as idle:
        idle.execute(PAIR)
        wider = replace(MART, columns={**MART.columns, "extra": "One more."})
        build(warehouse, [(1, "a", 7)], "id int, value text, extra int", wider)
        with pytest.raises(PublishRefusedError, match="does not end"):
            publish(warehouse, new_run(warehouse), AS_OF, [wider], "manifest", None)
