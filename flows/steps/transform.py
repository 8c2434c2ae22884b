"""dbt: builds the night's marts in schema build and tests them there."""

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from contextlib import chdir, contextmanager
from pathlib import Path
from typing import Any, cast

from sqlalchemy.engine import make_url

from flows.night.open import Night
from flows.steps.progress import Advance

PROJECT = Path(__file__).parents[2] / "dbt_project"
THREADS = 4


class MartsFailedError(RuntimeError):
    """Models that did not build or tests that failed: nothing is published."""


def target_path(night: Night) -> Path:
    return night.settings.home / "dbt"


@contextmanager
def connection_in_environment(url: str) -> Iterator[None]:
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
    values["PGOPTIONS"] = f"{values.get('PGOPTIONS', '')} -c timezone=UTC -c datestyle=ISO".strip()
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


def _arguments(night: Night, *command: str, threads: int = THREADS) -> list[str]:
    return [
        *command,
        "--project-dir",
        str(PROJECT),
        "--profiles-dir",
        str(PROJECT),
        "--target-path",
        str(target_path(night)),
        "--log-path",
        str(night.settings.home / "logs"),
        "--threads",
        str(threads),
        "--vars",
        json.dumps({"as_of": night.as_of.isoformat()}),
    ]


def count_models() -> int:
    """How many models the project has."""
    return sum(1 for _ in (PROJECT / "models").rglob("*.sql"))


Invoke = Callable[[list[str]], Any]


def build_models(
    night: Night, advance: Advance, invoke: Invoke | None = None, threads: int = THREADS
) -> int:
    """Load seeds and build every model; return how many nodes ran.

    Each is a Prefect task run, unless `invoke` runs dbt in another way.
    """
    arguments = _arguments(
        night,
        *("build", "--resource-types", "model", "seed"),
        # A seed that gained a column since the last night is made anew.
        "--full-refresh",
        threads=threads,
    )
    # Each node's thread reads Prefect's settings anew, all under one lock; where no project file
    # lies they are found sooner, which saves a quarter of this step.
    with connection_in_environment(night.owner.url), chdir(night.settings.home):
        try:
            result = (invoke or _prefect_runner(night, advance))(arguments)
        except ValueError as error:
            # The runner's answer to a project that dbt cannot even parse.
            raise MartsFailedError(f"dbt stopped: {error}") from error
    return _checked(result, "did not build")


def _prefect_runner(night: Night, advance: Advance) -> Invoke:
    from dbt_common.events.base_types import EventLevel
    from prefect_dbt import PrefectDbtRunner, PrefectDbtSettings

    runner = PrefectDbtRunner(
        settings=PrefectDbtSettings(
            project_dir=PROJECT,
            profiles_dir=PROJECT,
            target_path=target_path(night),
            # Its default is Prefect's level, whose names dbt does not know.
            log_level=EventLevel.WARN,
        ),
        raise_on_failure=False,
        # An asset for each model would be told to the server too, for nobody to read.
        disable_assets=True,
    )
    runner.post_model(lambda _event: advance(1))
    return cast(Invoke, runner.invoke)


def test_models(night: Night) -> int:
    """Run the data tests on what was built, as one step; return how many passed."""
    from dbt.cli.main import dbtRunner

    arguments = _arguments(night, "--quiet", "test", "--exclude", "test_type:unit")
    with connection_in_environment(night.owner.url):
        return _checked(dbtRunner().invoke(arguments), "failed")


def _checked(result: Any, verdict: str) -> int:
    if result.exception is not None:
        raise MartsFailedError(f"dbt stopped: {result.exception}")
    bad = [r for r in result.result if str(r.status) in {"error", "fail", "runtime error"}]
    if bad or not result.success:
        told = "; ".join(f"{r.node.name}: {' '.join(str(r.message).split())}" for r in bad[:5])
        raise MartsFailedError(f"{len(bad)} dbt nodes {verdict}: {told}")
    return len(result.result)


def read_manifest(night: Night) -> dict[str, Any]:
    """The manifest of the models that were just built."""
    manifest: dict[str, Any] = json.loads((target_path(night) / "manifest.json").read_bytes())
    return manifest


def manifest_hash(manifest: dict[str, Any]) -> str:
    """sha256 over what each node is, without times and ids of this invocation."""
    nodes = sorted(
        (name, node["checksum"]["checksum"], node["schema"])
        for name, node in manifest["nodes"].items()
        if node["resource_type"] in {"model", "seed"}
    )
    return hashlib.sha256(json.dumps(nodes).encode()).hexdigest()
