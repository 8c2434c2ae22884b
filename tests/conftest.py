"""One PostgreSQL server for the session, and a fresh migrated warehouse for each test.

Roles, their passwords and their settings belong to the whole server: who changes them asks for a
server of its own, `own_cluster`, and the session's is looked at after every test.
"""

import contextlib
import fcntl
import functools
import itertools
import os
import random
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import settings as hypothesis_settings
from pydantic import SecretStr
from sqlalchemy.engine import URL, make_url
from xdist.scheduler import LoadScopeScheduling

import migrations
from tests.limits import seconds
from tests.nights import home, sample_nights
from warehouse import embedded
from warehouse.db import Warehouse, open_warehouse
from warehouse.roles import ensure_roles
from warehouse.settings import Settings

# Fixtures that nights of their own need, for every folder of tests.
__all__ = ["home", "sample_nights"]

# A server to test against instead of the embedded one; its user must be able to make databases and
# roles. The tests drop every database they make, but the reader role keeps their password. Tests
# that change roles have an embedded server of their own even then.
TEST_URL = os.environ.get("CORPINTEL_TEST_DATABASE_URL")
READER_PASSWORD = "the tests' reader"

# Great Expectations reads it when it is imported.
os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
# dbt reads it whenever it is invoked.
os.environ.setdefault("DBT_SEND_ANONYMOUS_USAGE_STATS", "false")

# The same examples in every run, and no deadline: the machine may be busy with other things.
hypothesis_settings.register_profile("corpintel", derandomize=True, deadline=None, database=None)
hypothesis_settings.load_profile("corpintel")


# Folders whose modules make what their tests share: nights of their own, or readings of documents.
NIGHTLY_FOLDERS = ("flows", "dbt", "documents")


class GroupedByNight(LoadScopeScheduling):
    """Keeps tests that share nights on one worker; this pytest does not know xdist's own groups."""

    def _split_scope(self, nodeid: str) -> str:
        return _group(nodeid.split("::")[0]) or nodeid


@functools.cache
def _group(path: str) -> str | None:
    """The group of a test file, by its path from the root; None for one that shares no night."""
    file = Path(__file__).parents[1] / path
    content = file.read_text(encoding="utf-8")
    if "sample_nights" in content:
        return "sample nights"
    if "CompiledModels" in content:
        return "compiled models"
    return path if file.parent.name in NIGHTLY_FOLDERS else None


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> GroupedByNight:
    return GroupedByNight(config, log)


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """One more than there are cores: some tests wait, for a worker that is lost for instance."""
    return (os.cpu_count() or 1) + 1


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--shuffle",
        type=int,
        metavar="SEED",
        help="run the files, and the tests within each, in a random order",
    )
    parser.addoption(
        "--load-orders",
        type=int,
        default=8,
        metavar="N",
        help="in how many random orders a company's filings are loaded",
    )
    parser.addoption(
        "--histories",
        type=int,
        default=3,
        metavar="N",
        help="how many random histories of a warehouse end where a build from nothing does",
    )
    parser.addoption(
        "--days-apart",
        type=int,
        default=40,
        metavar="N",
        help="how many days lie between the nights of 400 days without arrivals",
    )
    parser.addoption(
        "--quota-days",
        type=int,
        default=10,
        metavar="N",
        help="how many days of nights and restarts overspend no quota",
    )
    parser.addoption(
        "--storm-calls",
        type=int,
        default=3_000,
        metavar="N",
        help="how many scripted calls end in their rows or in a typed error",
    )
    parser.addoption(
        "--filers",
        type=int,
        default=2,
        metavar="N",
        help="how many made-up filers of each trouble are published right or blank",
    )
    parser.addoption(
        "--cuts",
        type=int,
        default=1,
        metavar="N",
        help="as of how many days nothing that was filed later has a part in an answer",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Start with the tests that share nights: they take longest."""
    if config.option.shuffle is not None:
        _shuffle(items, config.option.shuffle)
    items.sort(key=lambda item: _group(item.nodeid.split("::")[0]) is None)


def _shuffle(items: list[pytest.Item], seed: int) -> None:
    """Another order for each seed, the same on every worker; files stay whole, so that what a file
    makes for its tests is made once.
    """
    chance = random.Random(seed)
    files = {item.nodeid.split("::")[0]: chance.random() for item in items}
    places = {item.nodeid: (files[item.nodeid.split("::")[0]], chance.random()) for item in items}
    items.sort(key=lambda item: places[item.nodeid])


@dataclass(frozen=True)
class Cluster:
    """A server whose databases come and go with the tests; `url` is its administrator's."""

    url: URL
    numbers: Iterator[int] = field(default_factory=itertools.count)

    @contextlib.contextmanager
    def fresh(self, template: str) -> Iterator[Warehouse]:
        """A warehouse on a new copy of database `template`, dropped when the block ends."""
        name = f"corpintel_test_{os.getpid()}_{next(self.numbers)}"
        # wal_log takes 30 ms; the other strategy makes two checkpoints.
        self._administer(
            f"create database {name} template {template} strategy wal_log",
            # What waits for a lock in vain fails then, instead of stopping the whole session.
            f"alter database {name} set lock_timeout = '{int(seconds(20))}s'",
        )
        settings = Settings(
            database_url=SecretStr(
                self.url.set(database=name).render_as_string(hide_password=False)
            ),
            reader_password=SecretStr(READER_PASSWORD),
        )
        try:
            with open_warehouse(settings) as warehouse:
                yield warehouse
        finally:
            self._administer(f"drop database {name} with (force)")

    def shared_state(self) -> list[tuple[Any, ...]]:
        """What all databases of the server share: roles, passwords, members, settings."""
        return self._administer(
            "select to_jsonb(r) - 'oid', (select array_agg(m.roleid order by m.roleid)"
            " from pg_auth_members m where m.member = r.oid), (select s.setconfig"
            " from pg_db_role_setting s where s.setrole = r.oid and s.setdatabase = 0)"
            " from pg_authid r order by rolname"
        )

    def _administer(self, *statements: str) -> list[tuple[Any, ...]]:
        """Run the statements; return the rows of the last one."""
        dsn = self.url.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(dsn, autocommit=True) as connection:
            for statement in statements:
                cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """The server of CORPINTEL_TEST_DATABASE_URL, or an embedded one of this session's own."""
    if TEST_URL:
        yield Cluster(make_url(TEST_URL))
        return
    with _embedded_cluster() as embedded_cluster:
        yield embedded_cluster


@pytest.fixture(scope="module")
def own_cluster() -> Iterator[Cluster]:
    """An embedded server of one file's own, whose roles its tests may change."""
    with _embedded_cluster() as embedded_cluster:
        yield embedded_cluster


@contextlib.contextmanager
def _embedded_cluster() -> Iterator[Cluster]:
    # Not pytest's own folder: that is closed to the account which runs the server for root.
    above = Path(tempfile.mkdtemp(prefix="corpintel-test-"))
    above.chmod(0o755)
    state = above / "home" / "postgres"
    try:
        with embedded.leased(state) as server:
            yield Cluster(
                URL.create(
                    "postgresql",
                    username=server.user,
                    password=server.password,
                    host=server.host,
                    port=server.port,
                    database="postgres",
                )
            )
        # The watcher stops the server and holds this lock until it is done.
        with open(state / "watcher") as watcher:
            fcntl.flock(watcher, fcntl.LOCK_EX)
    finally:
        shutil.rmtree(above)


@pytest.fixture(scope="session")
def template(cluster: Cluster) -> Iterator[str]:
    """The name of a migrated database; nobody is connected to it, so it can be copied."""
    with cluster.fresh("template1") as warehouse:
        with warehouse.engine.begin() as connection:
            migrations.upgrade(connection)
        ensure_roles(warehouse)
        warehouse.engine.dispose()
        name = warehouse.engine.url.database
        assert name is not None
        yield name


@pytest.fixture(autouse=True)
def no_trace_in_the_session_cluster(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail the test that changes what the tests after it share.

    A server given from outside is looked at by nobody: workers beside this one use it too.
    """
    if TEST_URL or "cluster" not in request.fixturenames:
        yield
        return
    request.getfixturevalue("template")
    cluster: Cluster = request.getfixturevalue("cluster")
    before = cluster.shared_state()
    yield
    assert cluster.shared_state() == before, "the test changed roles of the session's server"


@pytest.fixture
def warehouse(cluster: Cluster, template: str) -> Iterator[Warehouse]:
    """A fresh migrated warehouse of one test's own, with a login for readers."""
    with cluster.fresh(template) as fresh:
        yield fresh
