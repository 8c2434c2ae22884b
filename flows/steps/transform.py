"""dbt in this process, on the night's warehouse: parse, seed, compile and run."""

import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy.engine import make_url

from warehouse.building.lanes import Lane
from warehouse.building.workplace import session_settings

PROJECT = Path(__file__).parents[2] / "dbt_project"
THREADS = 4


class MartsFailedError(RuntimeError):
    """Models that did not build or tests that failed: nothing is published."""


@dataclass(frozen=True)
class NodeResult:
    """A model that ran: its domain's folder, seconds and rows; `error` where it did not build."""

    name: str
    seconds: float
    rows: int
    error: str | None


@contextmanager
def connection_in_environment(url: str, as_of: date, lane: int = 1) -> Iterator[None]:
    """Hand dbt the connection the way its profile reads it; the secret's name is kept from logs."""
    parts = make_url(url)
    values = {
        "DBT_HOST": parts.host or "",
        "DBT_PORT": str(parts.port or 5432),
        "DBT_USER": parts.username or "",
        "DBT_ENV_SECRET_PASSWORD": str(parts.password or ""),
        "DBT_DATABASE": parts.database or "",
    }
    # dbt's profile has no place for the URL's own parameters; libpq reads them here.
    for parameter, given in parts.normalized_query.items():
        values[f"PG{parameter.upper()}"] = ",".join(given)
    session = " ".join(
        f"-c {name}={value}" for name, value in session_settings(as_of, lane).items()
    )
    values["PGOPTIONS"] = f"{values.get('PGOPTIONS', '')} {session}".strip()
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


class Dbt:
    """dbt on one warehouse as of one day; the project is parsed once."""

    def __init__(
        self,
        url: str,
        as_of: date,
        target: Path,
        logs: Path,
        manifest: Any = None,
        threads: int = THREADS,
    ) -> None:
        self._url = url
        self._as_of = as_of
        self._target = target
        self._logs = logs
        self._threads = threads
        self._manifest = manifest
        self._lane = 1

    def in_lane(self, lane: Lane) -> "Dbt":
        """The same for a lane: what it makes for its batch is in schemas of its own."""
        moved = Dbt(
            self._url,
            self._as_of,
            self._target,
            self._logs,
            self._manifest.deepcopy(),
            self._threads,
        )
        moved._lane = lane.number
        for node in moved._manifest.nodes.values():
            if node.name in lane.own:
                node.schema = lane.schema(node.schema)
        return moved

    @property
    def parsed(self) -> Any:
        """The project as dbt holds it."""
        return self._manifest

    @property
    def manifest(self) -> dict[str, Any]:
        """The project as plain data."""
        if self._manifest is None:
            self._manifest = self._invoke(["parse"]).result
        found: dict[str, Any] = self._manifest.writable_manifest().to_dict(omit_none=False)
        return found

    def seed(self) -> None:
        """Load the seeds anew; one that gained a column is made anew."""
        self._checked(self._invoke(["seed", "--full-refresh"]), "did not load")

    def compile_tests(self) -> dict[str, str]:
        """The SQL of every data test, by its name."""
        done = self._invoke(["compile", "--select", "resource_type:test"])
        self._checked(done, "did not compile")
        return {r.node.name: r.node.compiled_code for r in done.result.results}

    def run(self, models: Sequence[str]) -> list[NodeResult]:
        """Build these models, in the order in which they read each other; errors are returned.

        Raises MartsFailedError where dbt itself stops.
        """
        done = self._invoke(["run", "--select", *models])
        if done.exception is not None:
            raise MartsFailedError(f"dbt stopped: {done.exception}")
        return [
            NodeResult(
                name=r.node.name,
                seconds=r.execution_time,
                rows=max(int((r.adapter_response or {}).get("rows_affected") or 0), 0),
                error=" ".join(str(r.message).split()) if str(r.status) == "error" else None,
            )
            for r in done.result.results
        ]

    def _invoke(self, command: list[str]) -> Any:
        from dbt.cli.main import dbtRunner

        arguments = [
            "--quiet",
            # Only what the project is, not each batch's run of it.
            "--write-json" if command[0] == "parse" else "--no-write-json",
            "--log-level",
            "none",
            "--log-level-file",
            "none",
            *command,
            *("--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)),
            *("--target-path", str(self._target), "--log-path", str(self._logs)),
        ]
        if command[0] != "parse":
            arguments += ["--threads", str(self._threads)]
        with connection_in_environment(self._url, self._as_of, self._lane):
            return dbtRunner(manifest=self._manifest).invoke(arguments)

    def _checked(self, done: Any, verdict: str) -> None:
        if done.exception is not None:
            raise MartsFailedError(f"dbt stopped: {done.exception}")
        bad = [r for r in done.result.results if str(r.status) in {"error", "fail"}]
        if bad or not done.success:
            told = "; ".join(f"{r.node.name}: {' '.join(str(r.message).split())}" for r in bad[:5])
            raise MartsFailedError(f"{len(bad)} dbt nodes {verdict}: {told}")


def cached_tests(
    compile_tests: Callable[[], dict[str, str]], place: Path, rules: str
) -> dict[str, str]:
    """The compiled tests, from `place` where they were compiled by the same rules before."""
    try:
        kept = json.loads(place.read_bytes())
    except (FileNotFoundError, ValueError):
        kept = {"rules": None}
    if kept["rules"] == rules:
        found: dict[str, str] = kept["tests"]
        return found
    tests = compile_tests()
    # Whole or not at all: a night may be killed here.
    written = place.with_suffix(f".{os.getpid()}")
    written.write_text(json.dumps({"rules": rules, "tests": tests}))
    written.replace(place)
    return tests
