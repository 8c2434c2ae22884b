"""Publishing: what readers see before, while and after a night's marts become current."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import sql

from tests.db.packages import AS_OF, as_reader, new_run, query
from warehouse.db import Warehouse
from warehouse.publishing import publications as kept
from warehouse.publishing.declared import OPEN_END, Mart
from warehouse.publishing.errors import PublishRefusedError
from warehouse.publishing.publications import Publication, move_readers
from warehouse.publishing.publish import publish
from warehouse.publishing.shape import ensure_store
from warehouse.publishing.store import Kept, keep_rows
from warehouse.read.connection import open_reader
from warehouse.read.publications import publications as list_published
from warehouse.writer import night_lock

MART = Mart(
    name="mart_test",
    description="Values by id.",
    key=("id",),
    columns={"id": "What it is of.", "value": "It's a value."},
)
SHAPE = "id int, value text"

Rows = Sequence[tuple[Any, ...]]


def build(warehouse: Warehouse, rows: Rows, shape: str = SHAPE, mart: Mart = MART) -> None:
    """Leave the mart in schema build as dbt does: a new table each night."""
    table = sql.Identifier("build", mart.name)
    with psycopg.connect(warehouse.psycopg_dsn()) as connection:
        connection.execute("create schema if not exists build")
        connection.execute(sql.SQL("drop table if exists {}").format(table))
        connection.execute(
            sql.SQL("create table {} ({})").format(table, sql.SQL(shape))  # type: ignore[arg-type]
        )
        for row in rows:
            connection.execute(
                sql.SQL("insert into {} values ({})").format(
                    table, sql.SQL(", ").join(map(sql.Literal, row))
                )
            )


def release(warehouse: Warehouse, *marts: Mart, run_id: int | None = None) -> Publication:
    run = new_run(warehouse) if run_id is None else run_id
    return publish(warehouse, run, AS_OF, marts or (MART,), "manifest", "revision")


def night(warehouse: Warehouse, rows: Rows, shape: str = SHAPE, mart: Mart = MART) -> Publication:
    """Build and publish one mart."""
    build(warehouse, rows, shape, mart)
    return release(warehouse, mart)


def move(warehouse: Warehouse, run_id: int) -> None:
    query(warehouse, "update ops.current_publication set run_id = %s", run_id)


def seen(warehouse: Warehouse, mart: Mart = MART) -> list[Any]:
    """What readers find in the mart, in the order of its first column."""
    with as_reader(warehouse) as reader:
        return read(reader, mart)


def read(reader: psycopg.Connection[Any], mart: Mart = MART) -> list[Any]:
    view = sql.Identifier("marts", mart.name)
    return reader.execute(sql.SQL("select * from {} order by 1").format(view)).fetchall()


def publications(warehouse: Warehouse) -> list[Any]:
    with as_reader(warehouse) as reader:
        return reader.execute(
            "select run_id, rows_changed, row_counts, is_current from publications"
        ).fetchall()


def test_the_first_publication_shows_what_was_built(warehouse: Warehouse) -> None:
    done = night(warehouse, [(1, "a"), (2, None)])
    assert seen(warehouse) == [(1, "a"), (2, None)]
    assert (done.row_counts, done.rows_changed, done.previous_run_id) == ({MART.name: 2}, 2, None)
    with as_reader(warehouse) as reader:
        kept = reader.execute(
            "select run_id, as_of, content_hash, git_revision, dbt_manifest_hash, row_counts,"
            " rows_changed, is_current from publications"
        ).fetchall()
    assert kept == [
        (done.run_id, AS_OF, done.content_hash, "revision", "manifest", {MART.name: 2}, 2, True)
    ]


def test_an_unchanged_build_changes_no_row_and_keeps_the_content_hash(
    warehouse: Warehouse,
) -> None:
    first = night(warehouse, [(1, "a"), (2, None)])
    before = query(warehouse, "select xmin::text, * from published.mart_test order by id")
    second = night(warehouse, [(2, None), (1, "a")])
    assert (second.rows_changed, second.previous_run_id) == (0, first.run_id)
    assert second.content_hash == first.content_hash
    assert query(warehouse, "select xmin::text, * from published.mart_test order by id") == before
    assert seen(warehouse) == [(1, "a"), (2, None)]


def test_changed_vanished_and_new_rows_are_what_it_costs(warehouse: Warehouse) -> None:
    night(warehouse, [(1, "same"), (2, "old"), (3, "vanishes")])
    second = night(warehouse, [(1, "same"), (2, "new"), (4, "comes")])
    assert second.rows_changed == 4
    assert seen(warehouse) == [(1, "same"), (2, "new"), (4, "comes")]


def test_a_row_that_comes_back_is_seen_again(warehouse: Warehouse) -> None:
    for rows in ([(1, "a"), (2, "b")], [(1, "a")], [(1, "a"), (2, "b")]):
        night(warehouse, rows)
        assert seen(warehouse) == rows


def test_values_that_only_look_alike_as_text_are_told_apart(warehouse: Warehouse) -> None:
    shape = "id int, value text, other text"
    first = night(warehouse, [(1, "a,b", ""), (2, None, ""), (3, "", None)], shape)
    second = night(warehouse, [(1, "a", "b,"), (2, "", None), (3, None, "")], shape)
    assert second.rows_changed == 6
    assert second.content_hash != first.content_hash
    assert seen(warehouse) == [(1, "a", "b,"), (2, "", None), (3, None, "")]


def test_moving_one_row_shows_an_old_publication_again(warehouse: Warehouse) -> None:
    first = night(warehouse, [(1, "a"), (2, "b")])
    second = night(warehouse, [(1, "A"), (3, "c")])
    move(warehouse, first.run_id)
    assert seen(warehouse) == [(1, "a"), (2, "b")]
    assert [(row[0], row[3]) for row in publications(warehouse)] == [
        (second.run_id, False),
        (first.run_id, True),
    ]
    move(warehouse, second.run_id)
    assert seen(warehouse) == [(1, "A"), (3, "c")]


def test_a_publication_after_a_rollback_compares_with_what_readers_see(
    warehouse: Warehouse,
) -> None:
    first = night(warehouse, [(1, "a"), (2, "b"), (3, "c")])
    second = night(warehouse, [(1, "a"), (2, "wrong")])
    move(warehouse, first.run_id)
    third = night(warehouse, [(1, "a"), (2, "b"), (3, "new")])
    # Row 2 never changed for readers, though the store closed and reopened it.
    assert (third.previous_run_id, third.rows_changed) == (first.run_id, 2)
    assert third.content_hash not in (first.content_hash, second.content_hash)
    assert seen(warehouse) == [(1, "a"), (2, "b"), (3, "new")]
    abandoned = query(
        warehouse, "select valid_to_run from published.mart_test where value = 'wrong'"
    )
    assert abandoned == [(third.run_id,)]
    move(warehouse, second.run_id)
    assert seen(warehouse) == [(1, "a"), (2, "wrong")]


def test_the_same_build_after_a_rollback_changes_nothing_for_readers(warehouse: Warehouse) -> None:
    first = night(warehouse, [(1, "a")])
    night(warehouse, [(1, "wrong")])
    move(warehouse, first.run_id)
    third = night(warehouse, [(1, "a")])
    assert (third.rows_changed, third.content_hash) == (0, first.content_hash)
    assert seen(warehouse) == [(1, "a")]


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([(1, "x"), (1, "y")], r"1 duplicate and 0 null keys in \(id\)"),
        ([(1, "x"), (1, "x")], "1 duplicate and 0 null keys"),
        ([(1, "x"), (None, "y")], "0 duplicate and 1 null keys"),
        ([], "mart_test is empty"),
    ],
)
def test_a_refused_build_leaves_readers_on_the_former_run(
    warehouse: Warehouse, rows: Rows, reason: str
) -> None:
    night(warehouse, [(1, "a")])
    before = publications(warehouse)
    build(warehouse, rows)
    with pytest.raises(PublishRefusedError, match=reason):
        release(warehouse)
    assert seen(warehouse) == [(1, "a")]
    assert publications(warehouse) == before


def test_keys_of_several_columns_are_compared_whole(warehouse: Warehouse) -> None:
    mart = replace(MART, key=("id", "value"))
    assert night(warehouse, [(1, "a"), (1, "b")], mart=mart).rows_changed == 2
    build(warehouse, [(1, "a"), (1, None)])
    with pytest.raises(PublishRefusedError, match=r"0 duplicate and 1 null keys in \(id, value\)"):
        release(warehouse, mart)


def test_a_store_is_indexed_by_a_key_that_was_declared_later(warehouse: Warehouse) -> None:
    night(warehouse, [(1, "a")])
    assert indexes(warehouse) == [["id"], ["valid_to_run"]]
    mart = replace(MART, key=("value", "id"))
    for _ in range(2):
        night(warehouse, [(1, "a")], mart=mart)
        assert indexes(warehouse) == [["id"], ["valid_to_run"], ["value", "id"]]
    # A key of a column that the store did not have.
    wide = replace(MART, key=("extra",))
    night(warehouse, [(1, "a", 7)], f"{SHAPE}, extra int", wide)
    assert ["extra"] in indexes(warehouse)


def test_a_store_is_indexed_by_what_else_it_is_asked_by(warehouse: Warehouse) -> None:
    night(warehouse, [(1, "a")])
    night(warehouse, [(1, "a")], mart=replace(MART, asked_by=("value",)))
    assert indexes(warehouse) == [["id"], ["valid_to_run"], ["value"]]


def indexes(warehouse: Warehouse) -> list[list[str]]:
    """The columns of each index of the store, sorted."""
    rows = query(
        warehouse,
        "select array(select pg_get_indexdef(indexrelid, n, true)"
        " from generate_series(1, indnatts) n order by n)"
        " from pg_index where indrelid = 'published.mart_test'::regclass order by 1",
    )
    return [row[0] for row in rows]


def test_a_mart_that_may_be_empty_may_lose_every_row(warehouse: Warehouse) -> None:
    mart = replace(MART, may_be_empty=True)
    night(warehouse, [(1, "a")], mart=mart)
    assert night(warehouse, [], mart=mart).row_counts == {MART.name: 0}
    assert seen(warehouse) == []


def test_what_nobody_is_shown_is_stored_and_not_told_of(warehouse: Warehouse) -> None:
    alone = night(warehouse, [(1, "a")])
    inner = replace(MART, name="int_test", is_internal=True)
    build(warehouse, [(1, "a")])
    build(warehouse, [(7, "x"), (8, "y")], mart=inner)
    done = release(warehouse, MART, inner)
    assert (done.row_counts, done.rows_changed) == ({"mart_test": 1}, 0)
    assert done.content_hash == alone.content_hash
    assert query(warehouse, "select id from published.int_test order by id") == [(7,), (8,)]
    assert query(warehouse, "select to_regclass('marts.int_test')") == [(None,)]


def test_one_bad_mart_holds_back_all_the_others(warehouse: Warehouse) -> None:
    other = replace(MART, name="mart_zzz")
    build(warehouse, [(1, "a")])
    build(warehouse, [(1, "a")], mart=other)
    release(warehouse, MART, other)
    build(warehouse, [(1, "b")], "id int, value text, extra int")
    build(warehouse, [(None, "b")], mart=other)
    with pytest.raises(PublishRefusedError):
        release(warehouse, MART, other)
    # Not even a new column has come to the mart that was good.
    assert (seen(warehouse), seen(warehouse, other)) == ([(1, "a")], [(1, "a")])


def test_an_added_column_appears_at_the_end_and_old_runs_have_none_of_it(
    warehouse: Warehouse,
) -> None:
    first = night(warehouse, [(1, "a")])
    mart = replace(MART, columns={"extra": "New.", **MART.columns})
    night(warehouse, [(7, 1, "a")], "extra int, id int, value text", mart)
    assert seen(warehouse) == [(1, "a", 7)]
    assert comments(warehouse)["extra"] == "New."
    assert night(warehouse, [(7, 1, "a")], "extra int, id int, value text").rows_changed == 0
    move(warehouse, first.run_id)
    assert seen(warehouse) == [(1, "a", None)]


@pytest.mark.parametrize(
    ("shape", "row", "reason"),
    [
        ("id bigint, value text", (1, "b"), "id is integer in the store and bigint in the build"),
        ("id int, value varchar(9)", (1, "b"), r"value is text in the store and character varying"),
    ],
)
def test_another_shape_is_refused_and_readers_stay_on_the_former_run(
    warehouse: Warehouse, shape: str, row: tuple[Any, ...], reason: str
) -> None:
    night(warehouse, [(1, "a")])
    build(warehouse, [row], shape)
    with pytest.raises(PublishRefusedError, match=reason):
        release(warehouse)
    assert seen(warehouse) == [(1, "a")]


def test_a_mart_that_was_not_built_is_refused(warehouse: Warehouse) -> None:
    night(warehouse, [(1, "a")])
    query(warehouse, "drop table build.mart_test")
    with pytest.raises(PublishRefusedError, match=r"build\.mart_test was not built"):
        release(warehouse)
    assert seen(warehouse) == [(1, "a")]


def test_the_content_hash_ignores_order_run_and_what_is_not_hashed(warehouse: Warehouse) -> None:
    mart = replace(MART, not_hashed=("loaded_at",))
    shape = f"{SHAPE}, loaded_at text"
    first = night(warehouse, [(1, "a", "monday"), (2, "b", "monday")], shape, mart)
    second = night(warehouse, [(2, "b", "tuesday"), (1, "a", "friday")], shape, mart)
    assert second.content_hash == first.content_hash
    assert seen(warehouse, mart) == [(1, "a", "friday"), (2, "b", "tuesday")]
    swapped = night(warehouse, [(1, "b", "monday"), (2, "a", "monday")], shape, mart)
    assert swapped.content_hash != first.content_hash


def test_the_content_hash_is_the_same_in_another_warehouse_with_another_past(
    warehouse: Warehouse,
) -> None:
    known = night(warehouse, [(1, "a"), (2, None)]).content_hash
    night(warehouse, [(1, "x")])
    query(warehouse, "drop schema published cascade; create schema published")
    query(warehouse, "truncate ops.runs cascade")
    shape = "value text, id int"
    assert night(warehouse, [(None, 2), ("a", 1)], shape).content_hash == known


def test_a_reader_in_a_transaction_keeps_the_old_run_and_delays_nobody(
    warehouse: Warehouse,
) -> None:
    other = replace(MART, name="mart_zzz")
    old, new = [(1, "a"), (2, "b")], [(1, "A"), (3, "c")]
    for rows in (old, new):
        build(warehouse, rows)
        build(warehouse, rows, mart=other)
        if rows is old:
            release(warehouse, MART, other)
    with as_reader(warehouse) as reader:
        reader.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        assert read(reader) == old
        release(warehouse, replace(MART, description="New words."), other)
        assert (read(reader), read(reader, other)) == (old, old)
        assert seen(warehouse) == new
        reader.commit()
        assert (read(reader), read(reader, other)) == (new, new)


def comments(warehouse: Warehouse) -> dict[str, str]:
    """By column, and under "" that of the view itself."""
    rows = query(
        warehouse,
        "select coalesce(attname, ''), description from pg_description"
        " left join pg_attribute on attrelid = objoid and attnum = objsubid and attnum > 0"
        " where objoid = 'marts.mart_test'::regclass and classoid = 'pg_class'::regclass",
    )
    return dict(rows)


def test_view_and_columns_carry_their_descriptions(warehouse: Warehouse) -> None:
    night(warehouse, [(1, "a")])
    assert comments(warehouse) == {"": MART.description, **MART.columns}


def test_a_description_that_changed_is_shown_from_the_next_publication(
    warehouse: Warehouse,
) -> None:
    night(warehouse, [(1, "a")])
    reworded = {"id": "What it is of.", "value": 'Another: 100 % {of} "it".'}
    night(warehouse, [(1, "a")], mart=replace(MART, description="Reworded.", columns=reworded))
    assert comments(warehouse) == {"": "Reworded.", **reworded}


def test_an_analysts_own_view_lives_on(warehouse: Warehouse) -> None:
    night(warehouse, [(1, "a")])
    query(warehouse, "create view public.mine as select value from marts.mart_test")
    night(warehouse, [(1, "b", 7)], f"{SHAPE}, extra int")
    assert query(warehouse, "select * from public.mine") == [("b",)]


def test_a_publication_tells_how_long_its_run_took(warehouse: Warehouse) -> None:
    build(warehouse, [(1, "a")])
    run = new_run(warehouse)
    publish(warehouse, run, AS_OF, [MART], "manifest", None, timings={"publish": 0.5})
    with as_reader(warehouse) as reader:
        assert reader.execute("select timings from publications").fetchall() == [
            ({"publish": 0.5},)
        ]


def test_history_is_bounded_to_the_kept_publications(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "KEPT_PUBLICATIONS", 2)
    runs = [night(warehouse, [(0, "same"), (1, f"{n}")]).run_id for n in range(4)]
    stored = query(warehouse, "select value from published.mart_test order by valid_from_run")
    assert stored == [("same",), ("2",), ("3",)]
    move(warehouse, runs[2])
    assert seen(warehouse) == [(0, "same"), (1, "2")]
    move(warehouse, runs[3])
    assert seen(warehouse) == [(0, "same"), (1, "3")]
    assert len(publications(warehouse)) == 4


def test_a_run_that_published_answers_a_second_attempt_with_what_it_did(
    warehouse: Warehouse,
) -> None:
    # The night tries again when the connection is lost, which may be after the commit.
    night(warehouse, [(1, "a")])
    done = night(warehouse, [(1, "b"), (2, "c")])
    assert release(warehouse, run_id=done.run_id) == done
    assert seen(warehouse) == [(1, "b"), (2, "c")]
    assert next(row[0] for row in publications(warehouse)) == done.run_id


BUILDS = st.dictionaries(st.integers(1, 4), st.sampled_from(["a", "b", None]), min_size=1)


STEPS = st.lists(st.tuples(st.none() | st.integers(0, 4), BUILDS), min_size=2, max_size=6)


@settings(
    max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)
@given(steps=STEPS)
def test_after_any_builds_and_rollbacks_every_run_shows_its_own_build(
    warehouse: Warehouse, steps: list[tuple[int | None, dict[int, str | None]]]
) -> None:
    query(warehouse, "drop table if exists published.mart_test cascade")
    built: dict[int, list[Any]] = {}
    hashes: dict[str, list[Any]] = {}
    current: list[Any] = []
    for back_to, values in steps:
        if back_to is not None and built:
            run = sorted(built)[back_to % len(built)]
            move(warehouse, run)
            current = built[run]
            assert seen(warehouse) == current
        rows = sorted(values.items())
        done = night(warehouse, rows)
        assert seen(warehouse) == rows
        assert done.rows_changed == len(set(rows) ^ set(current))
        assert hashes.setdefault(done.content_hash, rows) == rows
        built[done.run_id] = current = rows
    for run, rows in built.items():
        move(warehouse, run)
        assert seen(warehouse) == rows


def test_readers_go_back_and_forth_between_kept_publications(warehouse: Warehouse) -> None:
    runs = [night(warehouse, [(1, value)]).run_id for value in "abc"]
    with night_lock(warehouse) as writer:
        assert move_readers(warehouse, None, writer.hold) == (runs[2], runs[1])
        assert seen(warehouse) == [(1, "b")]
        # Again: what run b replaced, not what readers saw before.
        assert move_readers(warehouse, None, writer.hold) == (runs[1], runs[0])
        assert seen(warehouse) == [(1, "a")]
        assert move_readers(warehouse, runs[2], writer.hold) == (runs[0], runs[2])
        assert seen(warehouse) == [(1, "c")]
        move_readers(warehouse, runs[0], writer.hold)
    # The night after a rollback compares with what readers see.
    assert night(warehouse, [(1, "a")]).rows_changed == 0
    with open_reader(warehouse) as connection:
        listed = list_published(connection)
    assert [past.run_id for past in listed][1:] == runs[::-1]
    assert [past.is_current for past in listed] == [True, False, False, False]


@pytest.mark.parametrize("run_id", [None, 0, 10**9])
def test_a_publication_that_is_not_kept_cannot_be_shown(
    warehouse: Warehouse, run_id: int | None
) -> None:
    with night_lock(warehouse) as writer:
        with pytest.raises(PublishRefusedError, match="nothing is published yet"):
            move_readers(warehouse, run_id, writer.hold)
        night(warehouse, [(1, "a")])
        with pytest.raises(PublishRefusedError, match="not among the 1 kept publications"):
            move_readers(warehouse, run_id, writer.hold)
    assert seen(warehouse) == [(1, "a")]


def test_keeping_a_batch_reads_the_store_of_its_companies_alone(warehouse: Warehouse) -> None:
    by_company = Mart(
        name="mart_companies",
        description="Values by company.",
        key=("company_id", "number"),
        columns={"company_id": "Whose it is.", "number": "Which.", "value": "What."},
        by_company=True,
    )
    shape = "company_id text, number int, value text"
    build(warehouse, [("a", 1, "old"), ("b", 1, "same"), ("b", 2, "gone")], shape, by_company)
    with psycopg.connect(warehouse.psycopg_dsn()) as connection:
        ensure_store(connection, by_company)
        # Many others, so that a scan of the store would be the planner's choice for a join.
        connection.execute(
            "insert into published.mart_companies"
            " select 'other ' || n %% 500, n, 'x', md5(n::text)::uuid, 1, %s"
            " from generate_series(1, 20000) n",
            (OPEN_END,),
        )
        connection.execute("analyze published.mart_companies")
        connection.execute("select set_config('corpintel.lane', '1', false)")
        connection.execute("insert into ops.lane_companies values (1, 'a'), (1, 'b')")
        assert keep_rows(connection, by_company, 2) == Kept(3, 0, 3)
        connection.execute("truncate build.mart_companies")
        connection.execute(
            "insert into build.mart_companies values ('a', 1, 'new'), ('b', 1, 'same')"
        )
        assert keep_rows(connection, by_company, 3) == Kept(2, 2, 1)
        # What the run opened itself is removed, and of what it closed nothing is left to close.
        connection.execute("truncate build.mart_companies")
        assert keep_rows(connection, by_company, 3) == Kept(0, 2, 0)
        scanned = connection.execute(
            "select seq_tup_read from pg_stat_xact_user_tables where relname = 'mart_companies'"
            " and schemaname = 'published'"
        ).fetchone()
    assert scanned == (0,)
