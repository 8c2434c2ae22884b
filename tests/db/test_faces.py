"""Answers as of two instants: what was known then, from what had been loaded by then."""

from datetime import UTC, date, datetime
from typing import Any, LiteralString

import psycopg
import pytest
import sqlalchemy
from sqlalchemy.engine import make_url

from tests.db.packages import AS_OF, as_reader, new_run, query
from tests.db.test_publish import build
from warehouse.db import Warehouse
from warehouse.publishing.declared import OPEN_END, Mart
from warehouse.publishing.publications import KEPT_PUBLICATIONS
from warehouse.publishing.publish import publish

KEY = ("cik", "line", "period_type", "period_end")
FACTS = Mart("fct_financials", "Cells.", KEY, {"cik": "Company."})
VINTAGES = Mart(
    "fct_financial_vintages",
    "Vintages.",
    (*KEY, "known_from"),
    {"cik": "Company."},
    keeps_history=True,
)
FACTS_SHAPE = (
    "cik int, ticker text, line text, period_type text, period_end date, value numeric,"
    " status text, blank_reason text, known_from timestamptz"
)
VINTAGES_SHAPE = FACTS_SHAPE + ", known_to timestamptz"

# value, known from, known to
Vintage = tuple[int, str, str | None]


def load(warehouse: Warehouse, *vintages: Vintage, company: str | None = None) -> datetime:
    """Publish a cell with those vintages; return an instant right after the publication.

    With a company the marts have a column for it, before all others.
    """
    head: tuple[Any, ...] = (1, "DUOL", "revenue", "annual", "2024-12-31")
    column = "company_id text, " if company else ""
    if company:
        head = (company, *head)
    rows = [(*head, value, "ok", None, begin, end) for value, begin, end in vintages]
    build(warehouse, rows, column + VINTAGES_SHAPE, VINTAGES)
    facts = [row[:-1] for row in rows if row[-1] is None]
    build(warehouse, facts, column + FACTS_SHAPE, FACTS)
    publish(warehouse, new_run(warehouse), AS_OF, (FACTS, VINTAGES), "manifest", "revision")
    instant: datetime = query(warehouse, "select clock_timestamp()")[0][0]
    return instant


def ask(warehouse: Warehouse, known_at: str, loaded_before: datetime | None = None) -> list[Any]:
    with as_reader(warehouse) as reader:
        if loaded_before is None:
            rows = reader.execute("select value from financials_as_of(%s)", (known_at,))
        else:
            rows = reader.execute(
                "select value from financials_as_of(%s, %s)", (known_at, loaded_before)
            )
        return [row[0] for row in rows]


def test_an_answer_uses_what_was_known_at_the_instant(warehouse: Warehouse) -> None:
    load(warehouse, (100, "2025-02-01", "2025-08-01"), (90, "2025-08-01", None))
    assert ask(warehouse, "2025-01-30") == []
    assert ask(warehouse, "2025-02-01") == [100]
    assert ask(warehouse, "2025-07-31 23:59:59.999Z") == [100]
    assert ask(warehouse, "2025-08-01") == [90]


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Tokyo"])
def test_a_day_is_its_end_in_new_york_whatever_the_clients_time_zone(
    warehouse: Warehouse, zone: str
) -> None:
    # Filed on the first of March, so known with the end of that day in New York.
    load(warehouse, (100, "2025-03-01 23:59:59-05", None))
    with as_reader(warehouse) as reader:
        reader.execute("select set_config('timezone', %s, false)", (zone,))

        def answer(asked: LiteralString, *given: Any) -> list[Any]:
            return [row[0] for row in reader.execute(f"select value {asked}", given).fetchall()]

        for day, known in (("2025-02-28", []), ("2025-03-01", [100])):
            assert answer("from financials_as_of(%s)", day) == known
            assert answer("from financials_as_of(%s)", date.fromisoformat(day)) == known
            assert answer("from financials_as_of(%s::date)", day) == known
            assert answer("from financials_as_of(%s, 'infinity')", day) == known
        assert answer("from financials_as_of('2025-02-28')") == []
        assert answer("from financials_as_of('2025-03-01')") == [100]
        assert answer("from financials_as_of(date '2025-02-28')") == []
        assert answer("from financials_as_of(date '2025-03-01')") == [100]
        assert answer("from financials_as_of('2025-03-02 04:59:58Z')") == []
        assert answer("from financials_as_of('2025-03-02T13:59:59+09:00')") == [100]
        assert answer("from financials_as_of(%s)", datetime(2025, 3, 2, 5, tzinfo=UTC)) == [100]
    engine = sqlalchemy.create_engine(
        make_url(warehouse.reader_url()).set(drivername="postgresql+psycopg2")
    )
    with engine.connect() as connection:
        connection.execute(sqlalchemy.text(f"set timezone = '{zone}'"))
        asked = sqlalchemy.text("select value from marts.financials_as_of(:known_at)")
        for given, known in (
            ("2025-02-28", []),
            ("2025-03-01", [100]),
            (date(2025, 2, 28), []),
            (date(2025, 3, 1), [100]),
        ):
            assert list(connection.scalars(asked, {"known_at": given})) == known
    engine.dispose()


@pytest.mark.parametrize(
    "known_at", ["2025-03-01 12:00", "2025-03-01T12:00:00", "yesterday", "", "01.03.2025"]
)
def test_an_instant_without_a_time_zone_is_refused(warehouse: Warehouse, known_at: str) -> None:
    load(warehouse, (100, "2025-03-01", None))
    with as_reader(warehouse) as reader:
        with pytest.raises(
            psycopg.errors.InvalidDatetimeFormat, match="no instant with a time zone"
        ):
            reader.execute("select value from financials_as_of(%s)", (known_at,))
        reader.rollback()
        with pytest.raises(
            psycopg.errors.InvalidDatetimeFormat, match="no instant with a time zone"
        ):
            reader.execute(
                "select value from financials_as_of(%s)",
                (datetime(2025, 3, 1, 12),),
            )


def test_a_filing_that_was_loaded_late_does_not_change_earlier_answers(
    warehouse: Warehouse,
) -> None:
    before_any = query(warehouse, "select clock_timestamp()")[0][0]
    first = load(warehouse, (90, "2025-08-01", None))
    # A night later, the old filing of February arrives.
    second = load(warehouse, (100, "2025-02-01", "2025-08-01"), (90, "2025-08-01", None))
    assert ask(warehouse, "2025-03-01", before_any) == []
    assert ask(warehouse, "2025-03-01", first) == []
    assert ask(warehouse, "2025-09-01", first) == [90]
    assert ask(warehouse, "2025-03-01", second) == [100]
    assert ask(warehouse, "2025-03-01") == [100]


def test_the_load_clock_reaches_behind_the_kept_publications(warehouse: Warehouse) -> None:
    first = load(warehouse, (100, "2025-02-01", None))
    for number in range(KEPT_PUBLICATIONS + 1):
        load(warehouse, (number, "2025-02-01", None))
    assert ask(warehouse, "2025-03-01", first) == [100]
    assert ask(warehouse, "2025-03-01") == [KEPT_PUBLICATIONS]


def test_an_answer_has_the_columns_of_the_facts(warehouse: Warehouse) -> None:
    load(warehouse, (100, "2025-02-01", None))
    with as_reader(warehouse) as reader:
        of_facts = reader.execute("select * from fct_financials").description or ()
        answered = reader.execute("select * from financials_as_of('2025-03-01')").description or ()
    assert [c.name for c in answered] == [c.name for c in of_facts]


def test_a_column_that_comes_later_stands_in_answers_too(warehouse: Warehouse) -> None:
    first = load(warehouse, (100, "2025-02-01", None))
    load(warehouse, (90, "2025-02-01", None), company="duolingo")
    with as_reader(warehouse) as reader:
        answer = "select company_id, value from financials_as_of('2025-03-01'"
        assert reader.execute(f"{answer})").fetchall() == [("duolingo", 90)]
        assert reader.execute(f"{answer}, %s)", (first,)).fetchall() == [(None, 100)]


def test_conditions_on_an_answer_reach_the_index(warehouse: Warehouse) -> None:
    load(warehouse, (100, "2025-02-01", None))
    with as_reader(warehouse) as reader:
        reader.execute("set enable_seqscan = off")
        plan = reader.execute(
            "explain select * from financials_as_of('2025-03-01') where cik = 1 and line = 'x'"
        ).fetchall()
    assert any("fct_financial_vintages_cik_line" in row[0] for row in plan), plan


def test_a_view_with_readers_is_left_alone_when_nothing_changed(warehouse: Warehouse) -> None:
    load(warehouse, (100, "2025-02-01", None))
    with as_reader(warehouse) as reader:
        # Left open: to replace a view that it has read would wait for its end.
        reader.execute("select * from financials_as_of('2025-03-01')").fetchall()
        reader.execute("select * from publications").fetchall()
        load(warehouse, (90, "2025-02-01", None))
        reader.rollback()
    assert ask(warehouse, "2025-03-01") == [90]


def test_the_store_behind_the_answers_is_closed_to_readers(warehouse: Warehouse) -> None:
    load(warehouse, (100, "2025-02-01", None))
    with as_reader(warehouse) as reader, pytest.raises(psycopg.errors.InsufficientPrivilege):
        reader.execute("select * from published.fct_financial_vintages")


def test_a_company_has_a_digest_by_mart_in_the_publication_that_readers_have(
    warehouse: Warehouse,
) -> None:
    load(warehouse, (1, "2025-01-01", None))
    first = current_run_of(warehouse)
    with warehouse.engine.begin() as connection:
        connection.exec_driver_sql(
            "insert into ops.company_digests"
            " (company_id, mart, digest, row_count, valid_from_run, valid_to_run) values"
            f" ('duolingo', 'fct_financials', 'old', 2, {first}, {first + 1}),"
            f" ('duolingo', 'fct_financials', 'new', 3, {first + 1}, {OPEN_END}),"
            f" ('duolingo', 'int_cells__counted', 'hidden', 1, {first}, {OPEN_END})"
        )
    with as_reader(warehouse) as reader:
        rows = reader.execute("select company_id, mart, digest, row_count from company_digests")
        assert rows.fetchall() == [("duolingo", "fct_financials", "old", 2)]
    load(warehouse, (1, "2025-01-01", None))
    with as_reader(warehouse) as reader:
        rows = reader.execute("select digest, row_count, since_run from company_digests")
        assert rows.fetchall() == [("new", 3, first + 1)]


def current_run_of(warehouse: Warehouse) -> int:
    """The run that readers see."""
    [[run_id]] = query(warehouse, "select run_id from ops.current_publication")
    return int(run_id)
