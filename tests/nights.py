"""A night as a user runs it: the installed command, in a home of its own."""

import csv
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
NIGHT_SECONDS = 240


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
                timeout=NIGHT_SECONDS,
                check=False,
            )
            printed = []
            for stream in (out, err):
                stream.seek(0)
                printed.append(stream.read().decode())
        return subprocess.CompletedProcess(done.args, done.returncode, *printed)

    def query(self, statement: str) -> list[dict[str, Any]]:
        """Rows of a statement on the marts, as text values; an empty text is null."""
        done = self.run("sql", statement, "--format", "csv")
        assert done.returncode == 0, done.stderr
        return list(csv.DictReader(io.StringIO(done.stdout)))

    def query_json(self, statement: str) -> list[dict[str, Any]]:
        done = self.run("sql", statement, "--format", "json")
        assert done.returncode == 0, done.stderr
        rows: list[dict[str, Any]] = json.loads(done.stdout)
        return rows


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
    place.run("db", "stop")
    shutil.rmtree(place.path, ignore_errors=True)


@dataclass(frozen=True)
class SampleNights:
    """Two sample nights in one home: what they printed, and hashes of the marts after each."""

    home: Home
    printed: list[str]
    dumps: list[dict[str, str]]
    publications: list[dict[str, Any]]


@pytest.fixture(scope="session")
def sample_nights() -> Iterator[SampleNights]:
    """Run the sample night twice and keep the server up for the tests that look at the marts."""
    home = Home(make_home())
    printed, dumps = [], []
    assert home.run("db", "start").returncode == 0
    try:
        for _ in range(2):
            done = home.run("nightly", "--sample")
            assert done.returncode == 0, done.stdout + done.stderr
            printed.append(done.stdout)
            dumps.append(dump_marts(home))
        publications = home.query_json("select * from publications")
        yield SampleNights(home, printed, dumps, publications)
    finally:
        home.run("db", "stop")
        shutil.rmtree(home.path, ignore_errors=True)


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
