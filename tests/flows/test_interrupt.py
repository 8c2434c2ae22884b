"""Ctrl-C, SIGTERM and kill -9 at any moment: one quiet line, and no process is left."""

import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from tests.limits import seconds, wait_for
from tests.nights import NIGHT_SECONDS, ROOT, Home, SampleNights
from warehouse.db import open_warehouse
from warehouse.settings import Settings

# As in migrations/env.py, which Alembic alone can import.
MIGRATION_LOCK = 4_020_260_118

_NIGHTLY = ("-m", "flows.cli.main", "nightly", "--sample")
_TOLD = re.compile(
    r"corpintel: (interrupted|ended by SIGTERM)(; readers stay on the last good night)?\n"
)


@contextmanager
def _begun(home: Home, *arguments: str) -> Iterator[tuple["subprocess.Popen[bytes]", Path]]:
    """Python with these arguments, as the leader of a group like a terminal's, and what it says."""
    with (
        tempfile.NamedTemporaryFile() as said,
        subprocess.Popen(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=home.environment(),
            stdout=said,
            stderr=said,
            start_new_session=True,
        ) as running,
    ):
        try:
            yield running, Path(said.name)
        finally:
            running.kill()


def _ended(running: "subprocess.Popen[bytes]", said: Path) -> tuple[int, str]:
    return running.wait(seconds(15)), said.read_text()


def _processes(sign: str) -> list[int]:
    """The processes that have the sign in their command."""
    listed = subprocess.run(
        ["ps", "-A", "-ww", "-o", "pid=,command="],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return [int(line.split()[0]) for line in listed.splitlines() if sign in line]


def test_ctrl_c_ends_a_night_at_once_and_readers_stay(sample_nights: SampleNights) -> None:
    interrupted = sample_nights.interrupted
    assert interrupted.code == 130
    last = interrupted.printed.splitlines()[-1]
    assert last == "corpintel: interrupted; readers stay on the last good night"
    assert "Traceback" not in interrupted.printed
    assert [row["run_id"] for row in interrupted.publications] == [2, 1]


def test_the_next_night_publishes(sample_nights: SampleNights) -> None:
    assert [row["run_id"] for row in sample_nights.publications] == [4, 2, 1]


_INTERRUPTS_ITSELF = """
import os, signal, sys
awaited = sys.argv.pop(1)
class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == awaited:
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Finder())
from flows.cli.main import main
main()
"""


@pytest.mark.parametrize(
    "awaited",
    ["typer", "flows.cli.night_command", "sqlalchemy", "prefect", "prefect.server.api.server"],
)
def test_ctrl_c_during_an_import_is_one_line(sample_nights: SampleNights, awaited: str) -> None:
    command = ("-c", _INTERRUPTS_ITSELF, awaited, "nightly", "--sample")
    with _begun(sample_nights.home, *command) as (running, said):
        code = running.wait(seconds(NIGHT_SECONDS))
        assert (code, bool(_TOLD.fullmatch(said.read_text()))) == (130, True), said.read_text()


def test_ctrl_c_during_the_first_start_of_the_server_leaves_none(home: Home) -> None:
    state = home.path / "postgres"
    with _begun(home, *_NIGHTLY) as (running, said):
        wait_for((state / "pgdata.new").exists, 60, "initdb never began")
        os.killpg(running.pid, signal.SIGINT)
        assert _ended(running, said) == (130, "corpintel: interrupted\n")
    wait_for(lambda: not _processes(str(state)), 60, "the server or its watcher goes on")


def test_ctrl_c_reaches_a_night_that_waits_for_a_lock_of_the_database(
    sample_nights: SampleNights,
) -> None:
    """The main thread is then inside a compiled library, which hears no signal."""
    home = sample_nights.home
    with (
        open_warehouse(Settings(home=home.path, database_url=None)) as warehouse,
        psycopg.connect(warehouse.psycopg_dsn(), autocommit=True) as other,
        _begun(home, *_NIGHTLY) as (running, said),
    ):
        other.execute("select pg_advisory_lock(%s)", (MIGRATION_LOCK,))
        waiting = "select 1 from pg_locks where locktype = 'advisory' and not granted"
        wait_for(lambda: other.execute(waiting).fetchone(), 60, "the night never waited")
        os.killpg(running.pid, signal.SIGINT)
        assert _ended(running, said) == (130, "corpintel: interrupted\n")


@pytest.mark.parametrize(
    ("sent", "code", "told"),
    [
        (signal.SIGKILL, -9, ""),
        (
            signal.SIGTERM,
            143,
            "corpintel: ended by SIGTERM; readers stay on the last good night\n",
        ),
        (signal.SIGINT, 130, "corpintel: interrupted; readers stay on the last good night\n"),
    ],
)
def test_the_server_of_prefect_ends_with_the_command(
    sample_nights: SampleNights, sent: signal.Signals, code: int, told: str
) -> None:
    with _begun(sample_nights.home, *_NIGHTLY) as (running, said):
        sign = f"flows.night.prefect_server {running.pid} "
        wait_for(lambda: _processes(sign), NIGHT_SECONDS, "Prefect's server never began")
        running.send_signal(sent)
        assert _ended(running, said) == (code, told)
        wait_for(lambda: not _processes(sign), 20, "Prefect's server goes on")


def test_ctrl_c_cancels_a_statement_on_the_server(sample_nights: SampleNights) -> None:
    home = sample_nights.home
    looks = (
        b"select 1 from pg_stat_activity where state = 'active' and query like '%pg_sleep(6000)%'"
        b" and pid <> pg_backend_pid()"
    )
    with (
        open_warehouse(Settings(home=home.path, database_url=None)) as warehouse,
        psycopg.connect(warehouse.psycopg_dsn(), autocommit=True) as other,
        _begun(home, "-m", "flows.cli.main", "sql", "select pg_sleep(6000)") as (running, said),
    ):
        wait_for(lambda: other.execute(looks).fetchone(), 60, "the statement never ran")
        os.killpg(running.pid, signal.SIGINT)
        assert _ended(running, said) == (130, "corpintel: interrupted\n")
        wait_for(lambda: not other.execute(looks).fetchone(), 20, "the statement goes on")
