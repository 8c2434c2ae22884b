"""dbt in this process, on a project that is parsed once for all nights of its tests."""

import functools
import os
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest
from sqlalchemy.engine import URL

from flows.steps.transform import PROJECT, connection_in_environment
from warehouse.db import Warehouse

# The name of an embedded server's database.
DATABASE = "corpintel"


@functools.cache
def parsed(database: str = DATABASE) -> Manifest:
    """The project as dbt reads it for a database of that name; nobody is asked for it."""
    # A port where nothing listens: a parse that asked a database would fail here.
    nowhere = URL.create("postgresql", "nobody", "none", "127.0.0.1", 9, database)
    url = nowhere.render_as_string(False)
    with TemporaryDirectory() as folder, connection_in_environment(url, date.min):
        result = dbtRunner().invoke(["parse", "--no-partial-parse", *_places(Path(folder))])
    assert result.success, result.exception
    assert isinstance(result.result, Manifest)
    return result.result


def invoke(arguments: Sequence[str]) -> Any:
    """What dbt makes of a command on the database that the environment names."""
    manifest = parsed(os.environ["DBT_DATABASE"])
    # A copy, since dbt writes into it what it compiles.
    return dbtRunner(manifest=manifest.deepcopy()).invoke(["--quiet", *arguments])


def run_dbt(warehouse: Warehouse, target: Path, as_of: str, *command: str) -> list[Any]:
    """Run dbt on this warehouse and return its results; artifacts and logs go to `target`."""
    with connection_in_environment(warehouse.url, date.fromisoformat(as_of)):
        result = invoke([*command, *_places(target)])
    results = list(getattr(result.result, "results", None) or ())
    told = [f"{r.node.name}: {r.message}" for r in results if str(r.status) in ("error", "fail")]
    assert result.success, (result.exception, told)
    return results


def _places(target: Path) -> list[str]:
    return [
        *("--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)),
        *("--target-path", str(target), "--log-path", str(target)),
    ]
