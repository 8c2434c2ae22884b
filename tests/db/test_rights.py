"""A role that lacks rights on a server of the user's: all of them are told, with their cure."""

from pathlib import Path

import psycopg
import pytest
from pydantic import SecretStr

import migrations
from tests.conftest import READER_PASSWORD, Cluster
from tests.db.packages import query
from tests.db.test_publish import night
from tests.db.test_views import without_value
from tests.nights import Home
from warehouse.access.logins import add_login, remove_login
from warehouse.db import LOADER_ROLE, OPERATOR_ROLE, READER_ROLE, open_warehouse
from warehouse.publishing.errors import PublishRefusedError
from warehouse.roles import ensure_roles
from warehouse.settings import Settings


@pytest.mark.parametrize(
    ("granted", "migrated", "wanted"),
    [
        (
            [],
            False,
            "permission denied for schema public. Have an administrator run: "
            "grant create on database {database} to plain; grant usage, create on schema public "
            "to plain; create role corpintel_reader nologin; create role corpintel_loader nologin;"
            " create role corpintel_operator nologin; grant corpintel_loader to plain",
        ),
        (
            ["grant create on database {database} to plain", "alter role plain createrole"],
            False,
            "permission denied for schema public. Have an administrator run: "
            "grant usage, create on schema public to plain",
        ),
        (
            [
                "grant create on database {database} to plain",
                "grant usage, create on schema public to plain",
            ],
            False,
            "permission denied to create role (Only roles with the CREATEROLE attribute may create "
            "roles.). Have an administrator run: create role corpintel_reader nologin; "
            "create role corpintel_loader nologin; create role corpintel_operator nologin; grant "
            "corpintel_loader to plain",
        ),
        (
            [
                "grant create on database {database} to plain",
                "grant usage, create on schema public to plain",
                "grant corpintel_loader to plain",
            ],
            True,
            "permission denied for table corpintel_schema_version. Have an administrator run: "
            "grant postgres to plain; create role corpintel_operator nologin",
        ),
    ],
    ids=["nothing", "no schema public", "no roles", "another's schemas"],
)
def test_who_may_not_migrate_is_told_all_that_is_to_be_granted(
    own_cluster: Cluster, tmp_path: Path, granted: list[str], migrated: bool, wanted: str
) -> None:
    """By the command, which then does as it is told by an administrator, and migrates."""
    with own_cluster.fresh("template1") as fresh:
        for role in (OPERATOR_ROLE, "plain", READER_ROLE, LOADER_ROLE):
            query(fresh, f"drop role if exists {role}")  # type: ignore[arg-type]
        if migrated:
            with fresh.engine.begin() as connection:
                migrations.upgrade(connection)
        query(fresh, "create role plain login password 'simple'")
        database = str(fresh.engine.url.database)
        for statement in granted:
            query(fresh, statement.format(database=database))  # type: ignore[arg-type]
        url = fresh.engine.url.set(drivername="postgresql", username="plain", password="simple")
        home = Home(tmp_path, {"CORPINTEL_DATABASE_URL": url.render_as_string(hide_password=False)})
        done = home.run("nightly", "--sample")
        where = f"{url.host}:{url.port}, database {database}"
        told = wanted.format(database=database)
        assert (done.returncode, done.stderr) == (
            2,
            f"corpintel: Role plain on {where} lacks a right: {told}\n",
        )
        for statement in told.split("run: ")[1].split("; "):
            query(fresh, statement)  # type: ignore[arg-type]
        done = home.run("db", "migrate")
        assert done.returncode == 0, done.stderr


def test_who_creates_roles_and_is_no_superuser_makes_their_views_again(
    own_cluster: Cluster,
) -> None:
    """From PostgreSQL 16 on it has to be allowed to act as them, of others by an administrator."""
    with own_cluster.fresh("template1") as fresh:
        for role in (OPERATOR_ROLE, "plain", READER_ROLE, LOADER_ROLE):
            query(fresh, f"drop role if exists {role}")  # type: ignore[arg-type]
        query(fresh, "create role plain login createrole password 'simple'")
        query(fresh, f"grant create on database {fresh.engine.url.database} to plain")  # type: ignore[arg-type]
        query(fresh, "grant usage, create on schema public to plain")
        url = fresh.engine.url.set(username="plain", password="simple")
        settings = Settings(
            database_url=SecretStr(url.render_as_string(hide_password=False)),
            reader_password=SecretStr(READER_PASSWORD),
        )
        with open_warehouse(settings) as plain:
            with plain.engine.begin() as connection:
                migrations.upgrade(connection)
            ensure_roles(plain)
            night(plain, [(1, "a"), (2, "b")])
            with psycopg.connect(add_login(plain, "ada"), autocommit=True) as ada:
                ada.execute("create view ids as select id from mart_test")
                query(
                    fresh,
                    "create role olga in role corpintel_reader; create schema analysis;"
                    " grant usage, create on schema analysis to olga; set role olga;"
                    " create view analysis.own as select id from marts.mart_test; reset role",
                )
                cure = "grant olga to plain with set true, inherit false"
                with pytest.raises(PublishRefusedError) as refused:
                    without_value(plain)
                assert str(refused.value) == (
                    "columns go that analysis.own of olga does not read, but it has to be made "
                    f"again for its owner, which this role may not do; cure: {cure}"
                )
                assert query(fresh, "select count(*) from ops.view_notices") == [(0,)]
                query(fresh, cure)  # type: ignore[arg-type]
                without_value(plain)
                assert ada.execute("select id from ids order by 1").fetchall() == [(1,), (2,)]
                owners = query(
                    fresh,
                    "select viewname, viewowner from pg_views"
                    " where schemaname in ('sandbox_ada', 'analysis') order by 1",
                )
                assert owners == [("ids", "ada"), ("own", "olga")]
                assert remove_login(plain, "ada") == 1
        query(fresh, "drop owned by olga; drop role olga")
