"""A night as a user runs it: the installed command, in a home of its own."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from flows.night.open import open_night
from flows.night.plan import DataKind
from flows.sources import SOURCES, WAVES
from flows.steps import build, gate, publication
from flows.steps.collect import collect
from tests.dbt.project import parsed
from tests.limits import seconds, wait_for
from warehouse import embedded
from warehouse.db import open_warehouse
from warehouse.ops import RunSummary, summarise_run
from warehouse.settings import Settings

ROOT = Path(__file__).parents[1]
# Two nights in a new home, on a machine that does other things beside.
NIGHT_SECONDS = 480.0


@dataclass(frozen=True)
class Home:
    """A throw-away home; `run` gives the finished `corpintel` command."""

    path: Path
    variables: dict[str, str] = field(default_factory=dict)

    def environment(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("CORPINTEL_", "PREFECT_"))}
        return kept | {"CORPINTEL_HOME": str(self.path)} | self.variables

    def run(self, *arguments: str, text: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run a command; files and not pipes, which a server left behind would hold open."""
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            done = subprocess.run(
                [sys.executable, "-m", "flows.cli.main", *arguments],
                cwd=ROOT,
                env=self.environment(),
                input=(text or "").encode(),
                stdout=out,
                stderr=err,
                timeout=seconds(NIGHT_SECONDS),
                check=False,
            )
            printed = []
            for stream in (out, err):
                stream.seek(0)
                printed.append(stream.read().decode())
        return subprocess.CompletedProcess(done.args, done.returncode, *printed)

    @contextmanager
    def server_up(self) -> Iterator[None]:
        """Keep the home's server up until the block ends, then stop it."""
        with open_warehouse(Settings(home=self.path, database_url=None)):
            yield
        embedded.stop(self.path / "postgres")

    def rows(self, statement: str) -> list[dict[str, Any]]:
        """Rows of a statement on the marts as the read-only role sees them, values as they are."""
        with (
            open_warehouse(Settings(home=self.path, database_url=None)) as warehouse,
            psycopg.connect(warehouse.reader_url(), row_factory=dict_row) as reader,
        ):
            return reader.execute(statement.encode()).fetchall()

    def query(self, statement: str) -> list[dict[str, str]]:
        """The same rows as texts; an empty text is null."""
        return [
            {name: "" if value is None else str(value) for name, value in row.items()}
            for row in self.rows(statement)
        ]


def plain_night(
    home: Home,
    data: DataKind,
    *tickers: str,
    batch_rows: int | None = None,
    as_of: date | None = None,
    asks: bool = True,
) -> RunSummary:
    """A whole night in this process, without Prefect's tasks around its steps.

    What Prefect adds is shown by the nights that are run by the command. With `batch_rows` all
    companies are built, in batches of so many rows, side by side. One that asks nobody builds and
    publishes what is there.
    """
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("CORPINTEL_")]:
            patch.delenv(name)
        for name, value in ({"CORPINTEL_HOME": str(home.path)} | home.variables).items():
            patch.setenv(name, value)
        if batch_rows is not None:
            patch.setenv("CORPINTEL_BATCH_ROWS", str(batch_rows))
        with open_night(data, tickers, as_of) as night:
            for names in WAVES if asks else ():
                with ThreadPoolExecutor(len(names)) as pool:
                    asked = [pool.submit(collect, night, SOURCES[name], _quiet) for name in names]
                gate.load_all(night, [collected.result() for collected in asked])
            dbt = build.dbt_of(night, parsed().deepcopy())
            build.build_models(night, _quiet, dbt=dbt, everyone=batch_rows is not None)
            build.compare_companies(night, _quiet)
            publication.publish_marts(night)
            return summarise_run(night.owner, night.run_id)


def _quiet(_count: int) -> None:
    """Nobody watches."""


def make_home() -> Path:
    """A folder that the account of an embedded server can reach, unlike pytest's own."""
    path = Path(tempfile.mkdtemp(prefix="corpintel-test-"))
    path.chmod(0o755)
    return path


@pytest.fixture
def home() -> Iterator[Home]:
    """An empty home."""
    place = Home(make_home())
    yield place
    embedded.stop(place.path / "postgres")
    shutil.rmtree(place.path, ignore_errors=True)


@dataclass(frozen=True)
class Interrupted:
    """A night that Ctrl-C ended: its exit code and words, and what readers saw after it."""

    code: int
    printed: str
    publications: list[dict[str, Any]]


@dataclass(frozen=True)
class SampleNights:
    """Sample nights in one home: one by the command, one interrupted, one in batches side by side.

    `printed` is the command's, `summary` the last night's; `dumps` are hashes of the marts after
    the first and the last.
    """

    home: Home
    printed: str
    interrupted: Interrupted
    summary: RunSummary
    dumps: tuple[dict[str, str], dict[str, str]]
    publications: list[dict[str, Any]]


@pytest.fixture(scope="session")
def sample_nights() -> Iterator[SampleNights]:
    """Run the nights and keep the server up for the tests that look at the marts."""
    home = Home(make_home())
    try:
        with home.server_up():
            done = home.run("nightly", "--sample")
            assert done.returncode == 0, done.stdout + done.stderr
            first = dump_marts(home)
            interrupted = interrupt_night(home)
            summary = plain_night(home, "sample", batch_rows=100_000)
            yield SampleNights(
                home,
                done.stdout,
                interrupted,
                summary,
                (first, dump_marts(home)),
                home.rows("select * from publications"),
            )
    finally:
        shutil.rmtree(home.path, ignore_errors=True)


@contextmanager
def begun_night(home: Home, sign: str) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    """A night of the command that has come so far as to print this pattern, and what it prints."""
    with tempfile.NamedTemporaryFile() as err:
        night = subprocess.Popen(
            [sys.executable, "-m", "flows.cli.main", "nightly", "--sample"],
            cwd=ROOT,
            env=home.environment(),
            stdout=subprocess.DEVNULL,
            stderr=err,
            start_new_session=True,
        )
        told = Path(err.name)
        wait_for(lambda: re.search(sign, told.read_text()), 240, f"the night never said {sign!r}")
        yield night, told


def interrupt_night(home: Home) -> Interrupted:
    """Begin a night and send it what Ctrl-C sends, once its answers are being loaded."""
    with begun_night(home, "validate and load …") as (night, told):
        # A terminal sends it to the whole group, Prefect's own server among them.
        os.killpg(night.pid, signal.SIGINT)
        code = night.wait(timeout=seconds(15))
        return Interrupted(code, told.read_text(), home.rows("select * from publications"))


def dump_marts(home: Home) -> dict[str, str]:
    """Per mart a hash over its sorted rows; the views beside the marts show nothing else."""
    names = [
        row["name"]
        for row in home.query(
            "select jsonb_object_keys(row_counts) as name from publications where is_current"
        )
    ]
    hashes = home.query(
        " union all ".join(
            f"select '{name}' as name, md5(string_agg(m::text, '|' order by m::text)) as rows_hash"
            f" from {name} m"
            for name in sorted(names)
        )
    )
    return {row["name"]: row["rows_hash"] for row in hashes}
