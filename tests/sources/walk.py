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

from expectations.suites import SUITES
from flows.sources import SOURCES, WAVES
from tests.sources.examples import BY_NAME
from warehouse.quotas import LIMITS
from warehouse.raw import SOURCE_TABLES, record_columns
from warehouse.settings import Settings

ROOT = Path(__file__).parents[2]
MODULES = ("records", "fetch", "parse")
# Not sources: the bundled answers.
NOT_SOURCES = {"sample"}
# The readers of documents ask nobody: what they need of a source are its tables.
READERS = {"documents"}
# Their hosts are those of the watchlist.
WITHOUT_ADDRESS = {"feeds", "investor_pages"}
# Two connectors may ask one service, and share its limits, addresses and staging prefix.
STAGED_AS = {"yahoo_chart": "yahoo", "yahoo_statements": "yahoo"}


def connectors() -> list[str]:
    """Every package of a source under `connectors/`."""
    folders = (ROOT / "connectors").iterdir()
    return sorted(
        folder.name
        for folder in folders
        if (folder / "__init__.py").is_file() and folder.name not in NOT_SOURCES
    )


def records(name: str) -> dict[str, Any]:
    """The raw tables of a connector with their records, from its module `records`."""
    module = importlib.import_module(f"connectors.{name}.records")
    tables = [
        (key, value)
        for key, value in vars(module).items()
        if key.isupper() and isinstance(value, str)
    ]
    classes = [
        value
        for value in vars(module).values()
        if isinstance(value, type)
        and issubclass(value, tuple)
        and value.__module__ == module.__name__
    ]
    return dict(zip((table for _, table in tables), classes, strict=True))


def missing(name: str) -> Iterator[str]:
    """What the source of that name lacks, as lines that say where to put it."""
    if name in READERS:
        yield from _missing_tables(name)
        return
    folder = ROOT / "connectors" / name
    absent = [module for module in MODULES if not (folder / f"{module}.py").is_file()]
    if absent:
        yield from (f"connectors/{name}/{module}.py: is missing" for module in absent)
        return
    source = importlib.import_module(f"connectors.{name}").SOURCE
    yield from _missing_tables(name)
    if source not in LIMITS:
        yield f"warehouse/quotas.py: LIMITS has no entry {source!r}"
    has_url = any(field.startswith(f"{source}_") for field in Settings.model_fields)
    if not has_url and name not in WITHOUT_ADDRESS:
        yield f"warehouse/settings.py: no base URL {source}_url, with its example in _EXAMPLES"
    if not (ROOT / "flows" / "sources" / f"{name}.py").is_file():
        yield f"flows/sources/{name}.py: is missing"
    if name not in SOURCES:
        yield f"flows/sources/__init__.py: SOURCES has no {name!r}"
    if not any(name in wave for wave in WAVES):
        yield f"flows/sources/__init__.py: {name!r} is in no part of the night"
    if not any(example.source == source for example in BY_NAME.values()):
        yield f"tests/sources/examples.py: no document of {source!r}"
    if f"`{name}`" not in (ROOT / "docs" / "sources.md").read_text(encoding="utf-8"):
        yield f"docs/sources.md: says nothing of `{name}`"


def _missing_tables(name: str) -> Iterator[str]:
    migrations = "".join(
        path.read_text(encoding="utf-8") for path in (ROOT / "migrations/versions").glob("*.py")
    )
    staging = ROOT / "dbt_project" / "models" / "staging"
    models = {path.stem: path.read_text(encoding="utf-8") for path in staging.rglob("stg_*.sql")}
    described = "".join(path.read_text(encoding="utf-8") for path in staging.rglob("*.yml"))
    for table, record in records(name).items():
        if table not in SOURCE_TABLES:
            yield f"warehouse/raw.py: no table {table!r}"
        elif list(record._fields) != [c.name for c in record_columns(SOURCE_TABLES[table])]:
            yield f"warehouse/raw.py: {table!r} has other columns than {record.__name__}"
        if f'"{table}"' not in migrations:
            yield f"migrations/versions: no migration makes {table!r}"
        if table not in SUITES:
            yield f"expectations/suites.py: no suite for {table!r}"
        if not re.search(rf"name: {table}$", described, re.MULTILINE):
            yield f"dbt_project/models/staging: no source has a table {table!r}"
        prefix = f"stg_{STAGED_AS.get(name, name)}__"
        reading = [
            model
            for model, text in models.items()
            if model.startswith(prefix) and f"'{table}'" in text
        ]
        # A daily index decides whom to ask; nothing in the marts is made of it.
        if not reading and table != "sec_index_filings":
            yield f"dbt_project/models/staging: no model {prefix}… reads {table!r}"
        for model in reading:
            if f"name: {model}\n" not in described:
                yield f"dbt_project/models/staging: {model} is not described"


def main() -> None:
    """Print what is missing of the sources named, or of all; exit code 1 where something is."""
    gaps = [gap for name in sys.argv[1:] or connectors() for gap in missing(name)]
    print("\n".join(gaps) or "Nothing is missing.")
    raise SystemExit(1 if gaps else 0)


if __name__ == "__main__":
    main()
