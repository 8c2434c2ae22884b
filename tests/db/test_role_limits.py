"""What readers may take and cannot lift, what operators see, and logins of people."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from pydantic import SecretStr

import migrations
from tests.conftest import Cluster
from tests.db.packages import query
from tests.limits import wait_for
from warehouse.access.logins import LoginError, add_login, logins, remove_login
from warehouse.db import OPERATOR_ROLE, READER_ROLE, ReaderLimits, Warehouse, WarehouseError
from warehouse.roles import ensure_roles
from warehouse.watchdog import end_long_statements

LIMITS = ReaderLimits(seconds=300, connections=2, temp_mb=64)


@pytest.fixture
def own(own_cluster: Cluster) -> Iterator[Warehouse]:
    """A warehouse on a server whose roles this file may change."""
    with own_cluster.fresh("template1") as fresh:
        with fresh.engine.begin() as connection:
            migrations.upgrade(connection)
        limited = replace(fresh, reader_limits=LIMITS, operator_password=fresh.reader_password)
        ensure_roles(limited)
        yield limited


def reader(warehouse: Warehouse) -> psycopg.Connection[Any]:
    return psycopg.connect(warehouse.reader_url(), autocommit=True)


@pytest.mark.parametrize(
    "statement",
    [
        "create temporary table mine (id int)",
        "select lo_create(0)",
        "select lo_from_bytea(0, 'room')",
        "set temp_file_limit = -1",
        "alter role corpintel_reader connection limit -1",
        "grant corpintel_reader to corpintel_operator with admin option",
    ],
)
def test_a_reader_that_leaves_read_only_takes_no_room_and_lifts_no_limit(
    own: Warehouse, statement: str
) -> None:
    with reader(own) as connection:
        connection.execute("set default_transaction_read_only = off")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement.encode())


def test_a_reader_has_so_many_sessions_and_no_more(own: Warehouse) -> None:
    with reader(own), reader(own), pytest.raises(psycopg.OperationalError, match="too many"):
        reader(own)


def test_a_readers_statement_has_its_time_and_its_room(own: Warehouse) -> None:
    with reader(own) as connection:
        shown = [
            connection.execute(f"show {name}".encode()).fetchone()
            for name in ("statement_timeout", "temp_file_limit")
        ]
    assert shown == [("5min",), ("64MB",)]


def test_what_a_reader_did_to_its_login_is_put_right_and_told(own: Warehouse) -> None:
    with reader(own) as connection:
        connection.execute("set default_transaction_read_only = off")
        connection.execute("alter role corpintel_reader set statement_timeout = 0")
        connection.execute("alter role corpintel_reader set search_path = public")
        connection.execute("alter role corpintel_reader set work_mem = '1GB'")
        connection.execute("alter role corpintel_reader password 'mine now'")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        reader(own)
    assert ensure_roles(own).healed == [
        "the defaults of corpintel_reader were not as they should be, and are set anew",
        "the password of corpintel_reader was not the one that is set, and is set anew",
    ]
    assert ensure_roles(own).healed == []
    with reader(own) as connection:
        assert connection.execute("show search_path").fetchone() == ("marts",)
        assert connection.execute("show work_mem").fetchone() == ("4MB",)


@pytest.mark.parametrize("default", ["jit = off", "search_path = elsewhere"])
def test_defaults_in_one_database_are_put_right_too(own: Warehouse, default: str) -> None:
    """They come before those of the role, which look as they should."""
    with reader(own) as connection:
        connection.execute("set default_transaction_read_only = off")
        database = own.engine.url.database
        connection.execute(
            f"alter role corpintel_reader in database {database} set {default}".encode()
        )
    with reader(own) as connection:
        name = default.split(" = ")[0]
        assert connection.execute(f"show {name}".encode()).fetchone() == (default.split()[-1],)
    assert len(ensure_roles(own).healed) == 1
    assert ensure_roles(own).healed == []


@contextmanager
def busy(url: str, statement: str) -> Iterator[list[BaseException]]:
    """A session that has lifted its timeout and runs this statement; what ended it is listed."""
    ended: list[BaseException] = []
    connection = psycopg.connect(url, autocommit=True)
    connection.execute("set statement_timeout = 0")

    def work() -> None:
        try:
            connection.execute(statement.encode())
        except psycopg.Error as error:
            ended.append(error)

    worker = threading.Thread(target=work)
    worker.start()
    try:
        yield ended
    finally:
        connection.cancel()
        worker.join()
        connection.close()


def test_the_watchdog_ends_what_a_reader_runs_too_long(own: Warehouse) -> None:
    """Also of a person's own login, and in the role of operators alone."""
    impatient = replace(own, reader_limits=replace(LIMITS, seconds=0))
    person = add_login(own, "ada")
    for url, role in ((own.reader_url(), READER_ROLE), (person, "ada")):
        with busy(url, "select pg_sleep(600)") as ended:
            found = wait_for(lambda: end_long_statements(impatient), 20, "nothing was ended")
            assert [(one.role, one.state) for one in found] == [(role, "active")]
            assert found[0].statement == "select pg_sleep(600)"
            wait_for(lambda seen=ended: seen, 20, "the statement went on")
            assert isinstance(ended[0], psycopg.errors.QueryCanceled)
    remove_login(own, "ada")


def test_the_watchdog_ends_a_transaction_left_open_and_nobody_elses(own: Warehouse) -> None:
    impatient = replace(own, reader_limits=replace(LIMITS, seconds=0))
    with (
        psycopg.connect(own.psycopg_dsn()) as owner,
        psycopg.connect(own.reader_url()) as left_open,
    ):
        owner.execute("select 1")
        left_open.execute("select 1")
        [ended] = end_long_statements(impatient)
        assert (ended.role, ended.state) == (READER_ROLE, "idle in transaction")
        with pytest.raises(psycopg.OperationalError):
            left_open.execute("select 1")
        assert owner.execute("select 2").fetchone() == (2,)


def test_the_watchdog_leaves_what_is_within_its_time(own: Warehouse) -> None:
    with busy(own.reader_url(), "select pg_sleep(600)"):
        assert end_long_statements(own) == []


def test_an_operator_reads_what_nights_did_and_changes_nothing(own: Warehouse) -> None:
    query(own, "create table intermediate.int_test as select 1 as id")
    with psycopg.connect(own.operator_url(), autocommit=True) as operator:
        operator.execute("set default_transaction_read_only = off")
        assert operator.execute("select count(*) from ops.runs").fetchone() == (0,)
        assert operator.execute("select count(*) from raw.captures").fetchone() == (0,)
        assert operator.execute("select id from int_test").fetchone() == (1,)
        for statement in (
            "delete from ops.runs",
            "insert into raw.ecb_rates (currency) values ('USD')",
            "create table ops.mine (id int)",
            "create temporary table mine (id int)",
            "alter role corpintel_reader password 'mine'",
            "drop table intermediate.int_test",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                operator.execute(statement.encode())


def test_a_person_reads_the_marts_under_a_name_of_their_own(own: Warehouse) -> None:
    url = add_login(own, "grace_h")
    query(own, "create view marts.seven as select 7 as seven")
    with psycopg.connect(url, autocommit=True) as person:
        assert person.execute("select current_user, seven from seven").fetchone() == ("grace_h", 7)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            person.execute("select count(*) from ops.runs")
        assert [(one.name, one.sessions) for one in logins(own)] == [("grace_h", 1)]
        assert remove_login(own, "grace_h") == 1
        with pytest.raises(psycopg.OperationalError):
            person.execute("select 1")
        assert logins(own) == []
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url)


@pytest.mark.parametrize("name", ["", "Ada", "ada l", "a", 'ada"; drop role x', "1ada"])
def test_a_name_that_is_none_is_refused(own: Warehouse, name: str) -> None:
    with pytest.raises(LoginError, match="is no name of a login"):
        add_login(own, name)


def test_a_role_that_is_no_persons_is_neither_made_anew_nor_removed(own: Warehouse) -> None:
    with pytest.raises(LoginError, match="is there already"):
        add_login(own, OPERATOR_ROLE)
    with pytest.raises(LoginError, match="is no login that was given to a person"):
        remove_login(own, READER_ROLE)


def test_who_may_not_change_roles_is_told_what_to_have_done(own: Warehouse) -> None:
    query(own, "create role outsider login password 'outside'")
    try:
        url = own.engine.url.set(username="outsider", password="outside")
        # They were changed by somebody, and the outsider finds it.
        query(own, "alter role corpintel_reader set search_path = public")
        outside = replace(own, url=url.render_as_string(hide_password=False))
        refused = ensure_roles(outside).refused
        assert any("cure: grant createrole to" in line for line in refused)
        with pytest.raises(WarehouseError, match="role corpintel_operator cannot connect"):
            end_long_statements(replace(own, operator_password=SecretStr("not it")))
    finally:
        query(own, "drop role outsider")
        ensure_roles(own)
