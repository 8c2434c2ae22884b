"""What a source needs before it is one, and what of it is missing: `python -m tests.sources.walk`.

The house has a place for each part of a source; this walks through them in the order in which one
would write them, and names for each gap the file to put it in.
"""

import importlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Table

from connectors.service import Service
from expectations.suites import DeclarationError, suite_of
from flows.sources import SOURCES
from warehouse.tables import SOURCE_TABLES, record_columns

ROOT = Path(__file__).parents[2]
MODULES = ("fetch", "parse")
# Not sources: the bundled answers.
NOT_SOURCES = {"sample"}
# The readers of documents ask nobody: what they need of a source are its tables.
READERS = {"documents"}


def connectors() -> list[str]:
    """Every package of a source under `connectors/`."""
    folders = (ROOT / "connectors").iterdir()
    return sorted(
        folder.name
        for folder in folders
        if (folder / "__init__.py").is_file() and folder.name not in NOT_SOURCES
    )


def records(name: str) -> dict[str, Any]:
    """The raw tables of a connector with their records, as its package declares them."""
    package = f"connectors.{name}"
    module = importlib.import_module(f"{package}.records" if name in READERS else package)
    tables = [
        value
        for key, value in vars(module).items()
        if key.isupper() and key != "SOURCE" and isinstance(value, str)
    ]
    classes = [
        value
        for value in vars(module).values()
        if isinstance(value, type)
        and issubclass(value, tuple)
        and value.__module__ == module.__name__
    ]
    return dict(zip(tables, classes, strict=True))


def missing(name: str) -> Iterator[str]:
    """What the source of that name lacks, as lines that say where to put it."""
    if name in READERS:
        yield from _missing_tables(name, {name})
        return
    places = [
        *(f"connectors/{name}/{module}.py" for module in MODULES),
        f"tests/sources/examples/{name}.py",
    ]
    absent = [place for place in places if not (ROOT / place).is_file()]
    yield from (f"{place}: is missing" for place in absent)
    service = getattr(importlib.import_module(f"connectors.{name}"), "SERVICE", None)
    if not isinstance(service, Service):
        yield f"connectors/{name}/__init__.py: declares no SERVICE"
        return
    # Two connectors may ask one service, and share its limits, addresses and staging folder.
    yield from _missing_tables(name, {name, service.name})
    if not service.limits:
        yield f"connectors/{name}/__init__.py: SERVICE has no limits"
    source = SOURCES.get(name)
    if source is None:
        yield f"flows/sources/{name}.py: no SOURCE of the name {name!r}"
    elif source.service != service:
        yield f"flows/sources/{name}.py: SOURCE has another service than connectors/{name}"
    elif not service.base_urls and not source.has_many_hosts:
        yield f"connectors/{name}/__init__.py: SERVICE has no base URL"
    if f"`{name}`" not in (ROOT / "docs" / "sources.md").read_text(encoding="utf-8"):
        yield f"docs/sources.md: says nothing of `{name}`"


def _missing_tables(name: str, staged_as: set[str]) -> Iterator[str]:
    migrations = "".join(
        path.read_text(encoding="utf-8") for path in (ROOT / "migrations/versions").glob("*.py")
    )
    staging = ROOT / "dbt_project" / "models" / "staging"
    models = {path.stem: path.read_text(encoding="utf-8") for path in staging.rglob("stg_*.sql")}
    described = "".join(path.read_text(encoding="utf-8") for path in staging.rglob("*.yml"))
    for table, record in records(name).items():
        declared = SOURCE_TABLES.get(table)
        if declared is None:
            yield f"warehouse/tables/{name}.py: declares no table {table!r}"
        else:
            yield from _wrongly_declared(declared, record)
        if f'"{table}"' not in migrations:
            yield f"migrations/versions: no migration makes {table!r}"
        if not re.search(rf"name: {table}$", described, re.MULTILINE):
            yield f"dbt_project/models/staging: no source has a table {table!r}"
        reading = [
            model
            for model, text in models.items()
            if model.split("__")[0].removeprefix("stg_") in staged_as and f"'{table}'" in text
        ]
        # A daily index decides whom to ask; nothing in the marts is made of it.
        if not reading and table != "sec_index_filings":
            yield f"dbt_project/models/staging: no model stg_{name}__… reads {table!r}"
        for model in reading:
            if f"name: {model}\n" not in described:
                yield f"dbt_project/models/staging: {model} is not described"


def _wrongly_declared(table: Table, record: Any) -> Iterator[str]:
    if list(record._fields) != [column.name for column in record_columns(table)]:
        yield f"warehouse/tables: {table.name!r} has other columns than {record.__name__}"
    try:
        suite_of(table)
    except DeclarationError as error:
        yield f"warehouse/tables: {error}"


def main() -> None:
    """Print what is missing of the sources named, or of all; exit code 1 where something is."""
    gaps = [gap for name in sys.argv[1:] or connectors() for gap in missing(name)]
    print("\n".join(gaps) or "Nothing is missing.")
    raise SystemExit(1 if gaps else 0)


if __name__ == "__main__":
    main()
