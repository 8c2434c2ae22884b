"""Views that people made of the marts, in the sandboxes of their logins, when a mart changes."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

import migrations
from tests.conftest import Cluster
from tests.db.packages import AS_OF, new_run, query
from tests.db.test_faces import FACTS, FACTS_SHAPE, VINTAGES, VINTAGES_SHAPE, load
from tests.db.test_publish import MART, build, night, release
from warehouse.access.logins import LoginError, add_login, remove_login
from warehouse.db import Warehouse
from warehouse.publishing.declared import Mart
from warehouse.publishing.errors import PublishRefusedError
from warehouse.publishing.publish import publish
from warehouse.publishing.views import drop_noticed
from warehouse.roles import ensure_roles

COMPANIES = Mart(
    "mart_company_performance",
    "Companies.",
    ("ticker",),
    {"ticker": "Its name."},
)
OVER = "update ops.view_notices set drop_after = clock_timestamp() - interval '1 second'"


@pytest.fixture
def own(own_cluster: Cluster) -> Iterator[Warehouse]:
    """A warehouse on a server whose roles this file may change."""
    with own_cluster.fresh("template1") as fresh:
        with fresh.engine.begin() as connection:
            migrations.upgrade(connection)
        ensure_roles(fresh)
        yield fresh
        query(fresh, "drop owned by ada, bob")
        for login in ("ada", "bob"):
            remove_login(fresh, login)


@pytest.fixture
def ada(own: Warehouse) -> Iterator[psycopg.Connection[Any]]:
    """A session of one of two people."""
    add_login(own, "bob")
    night(own, [(1, "a"), (2, "b")])
    with psycopg.connect(add_login(own, "ada"), autocommit=True) as connection:
        yield connection


def notices(warehouse: Warehouse) -> list[Any]:
    return query(
        warehouse,
        "select view_name, owner, columns, dropped_at is not null, withdrawn_at is not null"
        " from ops.view_notices order by view_name",
    )


def without_value(warehouse: Warehouse) -> None:
    """Publish the mart without a column that it had."""
    build(warehouse, [(1,), (2,)], "id int", MART)
    mart = Mart(MART.name, MART.description, MART.key, {"id": "What it is of."})
    publish(warehouse, new_run(warehouse), AS_OF, [mart], "manifest", None)


def test_a_person_makes_views_in_a_sandbox_and_nowhere_else(
    own: Warehouse, ada: psycopg.Connection[Any]
) -> None:
    build(own, [("A", 5)], "ticker text, revenue_ttm int", COMPANIES)
    release(own, COMPANIES)
    ada.execute("create view mine as select revenue_ttm * 2 as twice from mart_company_performance")
    assert ada.execute("select twice from sandbox_ada.mine").fetchall() == [(10,)]
    ada.execute("create table kept as select 1 as one")
    for schema in ("sandbox_bob", "marts", "raw", "ops", "published"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            ada.execute(f"create view {schema}.mine as select 1".encode())
    ada.execute("drop table kept")
    assert query(own, "select count(*) from ops.view_notices") == [(0,)]


def test_a_column_that_nobody_reads_leaves_the_mart_at_once(
    own: Warehouse, ada: psycopg.Connection[Any]
) -> None:
    """A view of the other columns is made again, and is still its owner's, with its rights."""
    ada.execute("create view ids as select id from mart_test")
    ada.execute("comment on view ids is 'Numbers'")
    ada.execute("grant select on ids to bob with grant option")
    ada.execute("grant update (id) on ids to bob")
    ada.execute("create rule nothing as on delete to ids do instead nothing")
    ada.execute(
        "create function kept() returns trigger language plpgsql as 'begin return new; end'"
    )
    ada.execute("create trigger kept instead of insert on ids for each row execute function kept()")
    query(own, "grant select (id, value) on marts.mart_test to bob")
    without_value(own)
    assert query(
        own,
        "select has_table_privilege('bob', 'sandbox_ada.ids', 'select with grant option'),"
        " has_column_privilege('bob', 'sandbox_ada.ids', 'id', 'update'),"
        " has_table_privilege('bob', 'sandbox_ada.ids', 'delete')",
    ) == [(True, True, False)]
    assert query(
        own,
        "select attname, attacl::text from pg_attribute"
        " where attrelid = 'marts.mart_test'::regclass and attacl is not null",
    ) == [("id", "{bob=r/postgres}")]
    assert ada.execute("delete from ids").rowcount == 0
    assert ada.execute("insert into ids values (3)").rowcount == 1
    assert ada.execute("select * from marts.mart_test order by 1").fetchall() == [(1,), (2,)]
    assert ada.execute("select * from ids order by 1").fetchall() == [(1,), (2,)]
    assert query(own, "select obj_description('sandbox_ada.ids'::regclass)") == [("Numbers",)]
    ada.execute("drop view ids")
    assert notices(own) == []
    # What earlier publications said stays in the store.
    stored = "select value from published.mart_test where valid_from_run = 1 order by 1"
    assert query(own, stored) == [("a",), ("b",)]
    with_it = night(own, [(1, "a"), (2, "b")])
    assert with_it.row_counts == {"mart_test": 2}
    assert ada.execute("select value from marts.mart_test order by 1").fetchall() == [
        ("a",),
        ("b",),
    ]


def test_a_view_of_a_column_that_goes_blocks_until_its_notice_is_over(
    own: Warehouse, ada: psycopg.Connection[Any]
) -> None:
    ada.execute('create view "My values" as select value from mart_test')
    ada.execute("""comment on view "My values" is 'It''s mine'""")
    ada.execute("create view upon as select value || '!' as loud from \"My values\"")
    ada.execute("create materialized view counted as select count(value) as n from mart_test")
    ada.execute("create index on counted (n)")
    for _ in range(2):
        with pytest.raises(PublishRefusedError) as refused:
            without_value(own)
        assert 'sandbox_ada."My values" of ada reads mart_test.value' in str(refused.value)
        assert ada.execute("select * from upon order by 1").fetchall() == [("a!",), ("b!",)]
        assert query(own, "select count(*) from ops.publications") == [(1,)]
    column = ["mart_test.value"]
    assert notices(own) == [
        ('sandbox_ada."My values"', "ada", column, False, False),
        ("sandbox_ada.counted", "ada", column, False, False),
        ("sandbox_ada.upon", "ada", column, False, False),
    ]
    query(own, OVER)
    without_value(own)
    assert [row[3] for row in notices(own)] == [True, True, True]
    assert ada.execute("select * from marts.mart_test order by 1").fetchall() == [(1,), (2,)]
    with pytest.raises(psycopg.errors.UndefinedTable):
        ada.execute("select * from upon")
    # The column comes back, and so do the views, by the texts that were kept.
    night(own, [(1, "c")])
    for name in ('sandbox_ada."My values"', "sandbox_ada.upon", "sandbox_ada.counted"):
        [(script,)] = query(own, "select script from ops.view_notices where view_name = %s", name)
        ada.execute(script.encode())
    assert ada.execute("select loud, n from upon, counted").fetchall() == [("c!", 1)]
    assert query(own, "select obj_description('sandbox_ada.\"My values\"'::regclass)") == [
        ("It's mine",)
    ]


def test_a_notice_is_withdrawn_when_the_column_stays(
    own: Warehouse, ada: psycopg.Connection[Any]
) -> None:
    ada.execute("create view mine as select value from mart_test")
    with pytest.raises(PublishRefusedError):
        without_value(own)
    night(own, [(1, "z")])
    assert [row[3:] for row in notices(own)] == [(False, True)]
    assert ada.execute("select value from mine").fetchall() == [("z",)]


def test_operators_drop_at_once_what_has_notice(
    own: Warehouse, ada: psycopg.Connection[Any]
) -> None:
    ada.execute("create view mine as select value from mart_test")
    ada.execute("create view upon as select value from mine")
    with pytest.raises(PublishRefusedError):
        without_value(own)
    with psycopg.connect(own.psycopg_dsn()) as connection:
        assert drop_noticed(connection, "root did") == ["sandbox_ada.upon", "sandbox_ada.mine"]
    without_value(own)
    assert query(own, "select distinct why from ops.view_notices") == [("root did",)]


def test_operators_drop_what_reads_the_column_still_and_nothing_that_was_mended(
    own: Warehouse, ada: psycopg.Connection[Any]
) -> None:
    ada.execute("create view mine as select value from mart_test")
    ada.execute("create view mended as select value from mart_test")
    with pytest.raises(PublishRefusedError):
        without_value(own)
    ada.execute("create or replace view mended as select 'x' as value from mart_test")
    ada.execute("create view later as select value from mine")
    with psycopg.connect(own.psycopg_dsn()) as connection:
        assert drop_noticed(connection, "root did") == ["sandbox_ada.later", "sandbox_ada.mine"]
    assert [(row[0], *row[3:]) for row in notices(own)] == [
        ("sandbox_ada.later", True, False),
        ("sandbox_ada.mended", False, True),
        ("sandbox_ada.mine", True, False),
    ]
    without_value(own)
    assert ada.execute("select value from mended").fetchall() == [("x",), ("x",)]


def test_views_of_a_login_that_is_removed_are_dropped_by_what_they_read(
    own: Warehouse, ada: psycopg.Connection[Any]
) -> None:
    """A replaced view may read a younger one."""
    ada.execute("create view older as select 1 as one")
    ada.execute("create view younger as select 2 as one")
    ada.execute("create or replace view older as select one from younger")
    assert remove_login(own, "ada") == 1
    assert query(own, "select view_name from ops.view_notices order by notice_id") == [
        ("sandbox_ada.older",),
        ("sandbox_ada.younger",),
    ]
    add_login(own, "ada")


def test_a_login_that_cannot_be_removed_may_log_in_again(own: Warehouse) -> None:
    urls = {login: add_login(own, login) for login in ("ada", "bob")}
    query(own, "grant usage on schema sandbox_ada to bob")
    with psycopg.connect(urls["ada"]) as ada:
        ada.execute("create view mine as select 1 as one")
        ada.execute("grant select on mine to bob")
    with psycopg.connect(urls["bob"]) as bob:
        bob.execute("create view upon as select one from sandbox_ada.mine")
    with pytest.raises(LoginError, match=r"sandbox_bob\.upon depends.* ada may still log in"):
        remove_login(own, "ada")
    with psycopg.connect(urls["ada"]) as ada:
        assert ada.execute("select one from mine").fetchall() == [(1,)]


def test_a_login_with_a_table_is_not_removed_and_the_text_of_its_views_is_kept(
    own: Warehouse, ada: psycopg.Connection[Any]
) -> None:
    ada.execute("create table rows as select 1 as one")
    ada.execute("create view mine as select value from mart_test")
    with pytest.raises(LoginError, match=r"table sandbox_ada\.rows"):
        remove_login(own, "ada")
    ada.execute("drop table rows")
    remove_login(own, "ada")
    assert query(own, "select to_regnamespace('sandbox_ada') is null") == [(True,)]
    [(script, why)] = query(own, "select script, why from ops.view_notices")
    assert "FROM marts.mart_test" in script
    assert why == "login ada was removed"
    add_login(own, "ada")


def test_a_name_too_long_for_a_sandbox_is_refused(own: Warehouse) -> None:
    for login in ("ada", "bob"):
        add_login(own, login)
    with pytest.raises(LoginError, match="has 56 letters and a login's name may have 55"):
        add_login(own, "a" * 56)
    longest = "a" * 55
    add_login(own, longest)
    assert query(own, "select to_regnamespace(%s) is not null", f"sandbox_{longest}") == [(True,)]
    remove_login(own, longest)


def test_a_login_with_a_reserved_name_has_its_sandbox(own: Warehouse) -> None:
    for login in ("ada", "bob"):
        add_login(own, login)
    with psycopg.connect(add_login(own, "select"), autocommit=True) as person:
        person.execute("create view mine as select 1 as one")
        assert person.execute("select one from sandbox_select.mine").fetchall() == [(1,)]
    ensure_roles(own)
    assert remove_login(own, "select") == 0


def test_the_shared_login_makes_views_in_the_sandbox_of_all(
    own: Warehouse, ada: psycopg.Connection[Any]
) -> None:
    with psycopg.connect(own.reader_url(), autocommit=True) as shared:
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            shared.execute("create view sandbox_corpintel_reader.ours as select 1 as one")
        shared.execute("set default_transaction_read_only = off")
        shared.execute("create view sandbox_corpintel_reader.ours as select id from mart_test")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            shared.execute("create view sandbox_ada.ours as select 1 as one")
    rows = ada.execute("select id from sandbox_corpintel_reader.ours order by 1").fetchall()
    assert rows == [(1,), (2,)]


def test_faces_lose_the_column_too_and_views_of_answers_as_of_a_day_have_notice(
    own: Warehouse, ada: psycopg.Connection[Any]
) -> None:
    load(own, (100, "2025-02-01", None))
    asked = "from marts.financials_as_of('2025-03-01')"
    ada.execute(f"create view amounts as select value {asked}".encode())
    row = (1, "revenue", "annual", "2024-12-31", 100, "ok", None, "2025-02-01")

    def without_ticker() -> None:
        build(own, [row], FACTS_SHAPE.replace(" ticker text,", ""), FACTS)
        build(own, [(*row, None)], VINTAGES_SHAPE.replace(" ticker text,", ""), VINTAGES)
        publish(own, new_run(own), AS_OF, (FACTS, VINTAGES), "manifest", None)

    with pytest.raises(PublishRefusedError, match=r"amounts of ada reads .*fct_financials\.ticker"):
        without_ticker()
    assert ada.execute("select value from amounts").fetchall() == [(100,)]
    query(own, OVER)
    without_ticker()
    answer = ada.execute(f"select * {asked}".encode())
    assert "ticker" not in [column.name for column in answer.description or ()]
    faces = ada.execute("select * from marts.financial_vintages_by_load limit 0").description
    assert "ticker" not in [column.name for column in faces or ()]
    assert [row[3:] for row in notices(own)] == [(True, False)]
