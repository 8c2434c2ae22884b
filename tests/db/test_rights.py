"""A role that lacks rights on a server of the user's: all of them are told, with their cure."""

from pathlib import Path

import pytest

import migrations
from tests.conftest import Cluster
from tests.db.packages import query
from tests.nights import Home
from warehouse.db import LOADER_ROLE, OPERATOR_ROLE, READER_ROLE


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
