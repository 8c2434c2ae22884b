"""The roles: a reader has schema marts alone, a loader drops nothing, whatever they try."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from pydantic import SecretStr

import migrations
from tests.conftest import READER_PASSWORD, Cluster
from tests.db.packages import AS_OF, as_reader, new_run, night, query, staged
from warehouse.db import (
    LOADER_ROLE,
    READER_ROLE,
    Warehouse,
    WarehouseError,
    as_loader,
    open_warehouse,
)
from warehouse.load import abandon
from warehouse.publishing.declared import Mart
from warehouse.publishing.publish import publish
from warehouse.roles import verifier
from warehouse.settings import Settings

MART = Mart("mart_test", "A mart.", ("id",), {"id": "Its key."})
FORBIDDEN_TO_READ = [
    "raw.ecb_rates",
    "raw.captures",
    "ops.runs",
    "ops.publications",
    "ops.current_publication",
    "ops.rejected_records",
    "published.mart_test",
    "build.mart_test",
    "staging.stg_test",
    "intermediate.int_test",
    "stage.ecb_rates_1",
    "public.corpintel_schema_version",
    "pg_catalog.pg_authid",
]
FORBIDDEN_TO_DO = [
    "insert into marts.mart_test values (2)",
    "update marts.mart_test set id = 2",
    "delete from marts.mart_test",
    "truncate published.mart_test",
    "update ops.current_publication set run_id = 1",
    "insert into raw.ecb_rates (currency) values ('USD')",
    "create table marts.mine (id int)",
    "create table public.mine (id int)",
    "create table raw.mine (id int)",
    "create view marts.mine as select 1",
    "create or replace view marts.mart_test as select 1 as id",
    "create schema mine",
    "create role another",
    "drop view marts.mart_test",
    "comment on view marts.mart_test is 'mine'",
    "set role postgres",
    "copy marts.mart_test to program 'true'",
]


@pytest.fixture(scope="module")
def published(cluster: Cluster, template: str) -> Iterator[Warehouse]:
    """A warehouse with something in every schema; readers only try, so the tests share it."""
    with cluster.fresh(template) as fresh:
        for schema in ("build", "staging", "intermediate"):
            query(fresh, f"create schema if not exists {schema}")
        query(
            fresh,
            """
            create table build.mart_test as select 1 as id;
            create view staging.stg_test as select * from raw.ecb_rates;
            create table intermediate.int_test as select 1 as id
            """,
        )
        publish(fresh, new_run(fresh), AS_OF, [MART], "manifest", None)
        load = staged(fresh, "ecb_rates", (night(1), [("USD", AS_OF, 1)]))
        assert load.stage_table("ecb_rates") == "ecb_rates_1"
        yield fresh
        abandon(load)


@pytest.fixture
def reader(published: Warehouse) -> Iterator[psycopg.Connection[Any]]:
    with as_reader(published) as connection:
        yield connection


def test_a_reader_sees_every_view_of_marts_without_naming_the_schema(
    reader: psycopg.Connection[Any],
) -> None:
    assert reader.execute("select * from mart_test").fetchall() == [(1,)]
    assert reader.execute("select is_current from publications").fetchall() == [(True,)]


def test_a_reader_sees_what_is_added_to_marts_later(
    published: Warehouse, reader: psycopg.Connection[Any]
) -> None:
    query(published, "create view marts.added as select 7 as seven")
    assert reader.execute("select seven from added").fetchall() == [(7,)]


@pytest.mark.parametrize("relation", FORBIDDEN_TO_READ)
def test_a_reader_cannot_read(
    published: Warehouse, reader: psycopg.Connection[Any], relation: str
) -> None:
    # As the owner first: what is not there could not be read by anybody.
    query(published, f"select * from {relation} limit 1")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        reader.execute(f"select * from {relation} limit 1".encode())


@pytest.mark.parametrize("statement", FORBIDDEN_TO_DO)
@pytest.mark.parametrize("mode", ["read only", "read write"])
def test_a_reader_cannot_do(reader: psycopg.Connection[Any], mode: str, statement: str) -> None:
    # Read only is the role's default and no more than that: any session may leave it.
    reader.execute(f"set transaction {mode}".encode())
    with pytest.raises(
        (psycopg.errors.InsufficientPrivilege, psycopg.errors.ReadOnlySqlTransaction)
    ) as refused:
        reader.execute(statement.encode())
    if mode == "read write":
        assert isinstance(refused.value, psycopg.errors.InsufficientPrivilege)


def test_a_reader_starts_read_only(reader: psycopg.Connection[Any]) -> None:
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        reader.execute("create temporary table mine (id int)")


def test_the_role_has_no_power_of_its_own(published: Warehouse) -> None:
    attributes = query(
        published,
        "select rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls,"
        " (select count(*) from pg_auth_members where member = r.oid)"
        " from pg_roles r where rolname = %s",
        READER_ROLE,
    )
    assert attributes == [(False, False, False, False, False, 0)]


FORBIDDEN_TO_LOAD = [
    "drop table raw.ecb_rates",
    "drop schema raw cascade",
    "drop table published.mart_test",
    "drop view marts.mart_test",
    "truncate raw.ecb_rates",
    "delete from raw.ecb_rates",
    "update raw.ecb_rates set rate = 2",
    "delete from raw.captures",
    "alter table raw.ecb_rates add column mine int",
    "create table raw.mine (id int)",
    "create table ops.mine (id int)",
    "create table public.mine (id int)",
    "delete from ops.outcomes",
    "delete from ops.rejected_records",
    "update ops.current_publication set run_id = 1",
    "update ops.runs set data_kind = 'live'",
    "insert into ops.publications select * from ops.publications",
    "update ops.publications set content_hash = 'mine'",
    "select * from published.mart_test",
    "insert into published.mart_test values (1)",
    "create view marts.mine as select 1",
    "create role another",
    "copy (select 1) to program 'true'",
]


@pytest.fixture
def loader(published: Warehouse) -> Iterator[psycopg.Connection[Any]]:
    with as_loader(published) as warehouse, psycopg.connect(warehouse.psycopg_dsn()) as connection:
        yield connection
        connection.rollback()


@pytest.mark.parametrize("statement", FORBIDDEN_TO_LOAD)
def test_a_loader_cannot_do(loader: psycopg.Connection[Any], statement: str) -> None:
    assert loader.execute("select current_user").fetchone() == (LOADER_ROLE,)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        loader.execute(statement.encode())


def test_a_loader_drops_what_it_staged_itself(loader: psycopg.Connection[Any]) -> None:
    loader.execute("create unlogged table stage.mine (id int)")
    loader.execute("drop table stage.mine")


def test_who_may_not_load_is_told_what_to_grant(own_cluster: Cluster) -> None:
    with own_cluster.fresh("template1") as fresh:
        with fresh.engine.begin() as connection:
            migrations.upgrade(connection)
        query(fresh, "create role outsider login password 'outside'")
        url = fresh.engine.url.set(username="outsider", password="outside")
        settings = Settings(database_url=SecretStr(url.render_as_string(hide_password=False)))
        with (
            open_warehouse(settings) as outside,
            pytest.raises(WarehouseError, match=r"grant corpintel_loader to outsider$"),
            as_loader(outside),
        ):
            pass


def test_no_password_is_sent_to_the_server_as_it_is(published: Warehouse) -> None:
    """A statement that fails is logged whole, so what is sent is what the server keeps."""
    kept = query(published, "select rolpassword from pg_authid where rolname = %s", READER_ROLE)
    assert kept[0][0].startswith("SCRAM-SHA-256$")
    with psycopg.connect(published.psycopg_dsn()) as connection:
        sent = verifier(connection, READER_ROLE, SecretStr(READER_PASSWORD))
    assert READER_PASSWORD not in sent
    assert sent.startswith("SCRAM-SHA-256$")
