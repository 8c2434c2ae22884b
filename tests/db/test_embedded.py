"""The embedded server with real processes: races, kills, stops, and homes hard to reach."""

import fcntl
import os
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
from pydantic import SecretStr
from sqlalchemy import text

from tests.limits import seconds
from warehouse import embedded
from warehouse.db import WarehouseError, open_warehouse
from warehouse.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 20.0
CLIENT = """
import sys
from pathlib import Path
from warehouse import embedded
server = embedded.ensure(Path(sys.argv[1]))
print(server.port, server.password, flush=True)
sys.stdin.read()
"""
# Its children outlive it: one made by fork and exec, one by fork alone.
PARENT = """
import os, subprocess, sys
from pathlib import Path
from warehouse import embedded
server = embedded.ensure(Path(sys.argv[1]))
spawned = subprocess.Popen(["sleep", "60"], stdout=subprocess.DEVNULL).pid
forked = os.fork()
if forked == 0:
    sys.stdin.read()
    os._exit(0)
print(spawned, forked, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def home() -> Iterator[Path]:
    """A home that any account can reach, unlike pytest's own folders."""
    above = Path(tempfile.mkdtemp(prefix="corpintel-test-"))
    above.chmod(0o755)
    yield above / "my home"
    state = above / "my home" / "postgres"
    embedded.stop(state)
    if (state / "watcher").exists():
        wait_for_watcher(state)
    shutil.rmtree(above)


def client(state: Path, code: str = CLIENT) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code, str(state)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def answer(process: subprocess.Popen[str]) -> list[str]:
    assert process.stdout is not None
    return process.stdout.readline().split()


def leave(process: subprocess.Popen[str]) -> None:
    process.communicate(timeout=seconds(PATIENCE))
    assert process.returncode == 0


def postmaster(state: Path) -> psutil.Process:
    location = state / "location"
    place = Path(location.read_text()) if location.exists() else state
    return psutil.Process(int((place / "pgdata" / "postmaster.pid").read_text().split()[0]))


def wait_for_watcher(state: Path) -> None:
    """Return once no watcher lives; it holds the lock on this file for its whole life."""

    def lock() -> None:
        with open(state / "watcher") as file:
            fcntl.flock(file, fcntl.LOCK_EX)

    waiting = threading.Thread(target=lock, daemon=True)
    waiting.start()
    waiting.join(seconds(PATIENCE))
    assert not waiting.is_alive(), "the watcher did not end"


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_six_racing_processes_share_one_server_which_ends_with_the_last(home: Path) -> None:
    state = home / "postgres"
    racers = [client(state) for _ in range(6)]
    answers = [answer(racer) for racer in racers]
    assert len(answers[0]) == 2
    assert answers == [answers[0]] * 6
    for racer in racers[1:]:
        leave(racer)
    assert embedded.running(state)
    leave(racers[0])
    wait_for_watcher(state)
    assert not embedded.running(state)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", int(answers[0][0])), timeout=seconds(PATIENCE))
    assert mode(state / "password") == 0o600


def test_after_a_kill_9_the_next_client_works_and_the_server_stops(home: Path) -> None:
    state = home / "postgres"
    killed = client(state, PARENT)
    children = [psutil.Process(int(pid)) for pid in answer(killed)]
    killed.kill()
    killed.wait(seconds(PATIENCE))
    following = client(state)
    port, _ = answer(following)
    assert int(port) == int((state / "port").read_text())
    leave(following)
    wait_for_watcher(state)
    assert not embedded.running(state)
    assert killed.stdin is not None
    assert all(child.is_running() for child in children), "the children should have outlived it"
    for child in children:
        child.kill()


def test_port_and_data_survive_a_stop_and_the_lease_ends_with_its_block(home: Path) -> None:
    settings = Settings(home=home)
    state = home / "postgres"
    with open_warehouse(settings) as warehouse:
        first_url, reader_url = warehouse.url, warehouse.reader_url()
        with psycopg.connect(warehouse.psycopg_dsn()) as connection:
            connection.execute("create table kept as select 7 as seven")
            shown = connection.execute(
                "select current_setting('application_name'), current_setting('timezone'),"
                " current_setting('fsync'), current_setting('jit')"
            )
            assert shown.fetchone() == ("corpintel", "UTC", "on", "off")
    wait_for_watcher(state)
    assert not embedded.running(state)
    with open_warehouse(settings) as warehouse, warehouse.engine.connect() as connected:
        assert warehouse.embedded
        assert warehouse.url == first_url
        assert warehouse.reader_url() == reader_url
        assert connected.execute(text("select seven from kept")).scalar_one() == 7
    assert mode(state / "reader_password") == 0o600


def test_a_server_kept_up_outlives_its_clients_until_it_is_stopped(home: Path) -> None:
    state = home / "postgres"
    assert not embedded.stop(state)
    embedded.keep_up(state)
    wait_for_watcher(state)
    server = postmaster(state)
    with embedded.leased(state) as leased:
        assert postmaster(state).pid == server.pid
        assert leased.port == int((state / "port").read_text())
        assert embedded.stop(state)
        assert not embedded.running(state)
    wait_for_watcher(state)
    with embedded.leased(state):
        assert embedded.running(state)
    wait_for_watcher(state)
    assert not embedded.running(state)


def test_a_killed_server_starts_again_though_another_program_has_its_pid(home: Path) -> None:
    state = home / "postgres"
    with embedded.leased(state) as before:
        dead = postmaster(state)
        workers = dead.children(recursive=True)
        owner = (state / "pgdata").stat().st_uid
        dead.kill()
        psutil.wait_procs(workers, timeout=seconds(PATIENCE))
        # Run by the server's account, so that Postgres may signal it and takes it for a server.
        other = subprocess.Popen(["sleep", "60"], user=owner, cwd="/")
        pid_file = state / "pgdata" / "postmaster.pid"
        lines = pid_file.read_text().splitlines(keepends=True)
        pid_file.write_text("".join([f"{other.pid}\n", *lines[1:]]))
        with embedded.leased(state) as again:
            assert again == before
            assert postmaster(state).pid not in (dead.pid, other.pid)
            assert embedded.stop(state)
        assert other.poll() is None
        other.kill()
        other.wait(seconds(PATIENCE))


def test_a_taken_port_is_left_to_its_owner(home: Path) -> None:
    state = home / "postgres"
    state.mkdir(parents=True)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        (state / "port").write_text(str(port))
        with embedded.leased(state) as server:
            assert server.port != port
            assert (state / "port").read_text() == str(server.port)


def test_a_failed_start_shows_the_end_of_the_log_and_a_cure(home: Path) -> None:
    state = home / "postgres"
    with embedded.leased(state):
        pass
    wait_for_watcher(state)
    (state / "pgdata" / "postgresql.conf").write_text("no_such_setting = 1\n")
    with pytest.raises(embedded.EmbeddedError) as caught:
        embedded.ensure(state)
    assert 'unrecognized configuration parameter "no_such_setting"' in str(caught.value)
    assert "set CORPINTEL_DATABASE_URL to a PostgreSQL server of your own" in str(caught.value)
    (state / "pgdata" / "PG_VERSION").write_text("9\n")
    with pytest.raises(embedded.EmbeddedError, match="was made by PostgreSQL 9"):
        embedded.ensure(state)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as another account")
def test_a_home_that_the_servers_account_cannot_reach(home: Path) -> None:
    above = home.parent
    above.chmod(0o700)
    state = home / "postgres"
    wheel = embedded._wheel_binaries()
    package = above / "site" / wheel.parents[1].name
    shutil.copytree(wheel.parent, package / "pginstall18", symlinks=True)
    shutil.copytree(wheel.parents[1].with_suffix(".libs"), package.with_suffix(".libs"))
    binaries = package / "pginstall18" / "bin"
    with embedded.leased(state, postgres_bin=binaries) as server:
        place = Path((state / "location").read_text())
        assert place.parent == Path("/var/tmp")
        assert mode(place) == 0o700
        assert place.stat().st_uid == postmaster(state).uids().real != 0
        assert postmaster(state).exe().startswith(f"{place}/binaries-")
        assert not (state / "pgdata").exists()
    wait_for_watcher(state)
    try:
        with embedded.leased(state, postgres_bin=binaries) as again:
            assert again == server
        wait_for_watcher(state)
        os.chown(place, 12345, 12345)
        with pytest.raises(embedded.EmbeddedError, match="somebody else may have made it"):
            embedded.ensure(state, postgres_bin=binaries)
        (state / "location").unlink()
        with pytest.raises(embedded.EmbeddedError, match="somebody else may have made it"):
            embedded.ensure(state, postgres_bin=binaries)
    finally:
        shutil.rmtree(place)
    (state / "location").write_text(str(place))
    with pytest.raises(embedded.EmbeddedError, match="it is not there"):
        embedded.ensure(state, postgres_bin=binaries)


def test_a_server_given_by_url_is_opened_and_its_reader_needs_a_password(home: Path) -> None:
    with embedded.leased(home / "postgres") as server:
        login = f"postgresql://{server.user}:{server.password}@{server.host}:{server.port}"
        settings = Settings(home=home / "unused", database_url=SecretStr(f"{login}/corpintel"))
        with open_warehouse(settings) as warehouse:
            assert not warehouse.embedded
            assert warehouse.url == f"{login}/corpintel".replace("://", "+psycopg2://", 1)
            with pytest.raises(WarehouseError, match="Set CORPINTEL_READER_PASSWORD"):
                warehouse.reader_url()
        assert not (home / "unused").exists()
        settings = Settings(
            database_url=SecretStr(f"{login}/nowhere"), reader_password=SecretStr("x")
        )
        with pytest.raises(WarehouseError) as caught, open_warehouse(settings):
            pass
    assert f"at 127.0.0.1:{server.port}, database nowhere, as postgres: " in str(caught.value)
    assert 'database "nowhere" does not exist' in str(caught.value)
    assert server.password not in str(caught.value)


def test_a_server_that_does_not_answer_is_named_with_a_cure(home: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        settings = Settings(database_url=SecretStr(f"postgresql://me:s3cret@127.0.0.1:{port}/db"))
        with pytest.raises(WarehouseError) as caught, open_warehouse(settings):
            pass
    assert f"Cannot connect to PostgreSQL at 127.0.0.1:{port}, database db" in str(caught.value)
    assert "or unset it to use the embedded server" in str(caught.value)
    assert "s3cret" not in str(caught.value)
