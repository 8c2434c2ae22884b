"""corpintel doctor: what is in use, and what an operator should mend."""

import platform
from collections.abc import Iterator
from importlib.metadata import version

import typer
from rich.console import Console
from sqlalchemy.engine import make_url

from connectors.service import HOUR, limits, services
from flows.sources import SOURCES
from warehouse.breakers import SharedBreakers
from warehouse.db import Warehouse, WarehouseError, open_warehouse
from warehouse.ops import warehouse_state
from warehouse.quotas import RequestLedger
from warehouse.settings import Settings, load_settings, unknown_variables, without_login

PACKAGES = ("prefect", "dbt-core", "great-expectations", "sqlalchemy", "psycopg")


app = typer.Typer(add_completion=False)


@app.command(epilog="Example: corpintel doctor")
def doctor() -> None:
    """Say which settings, warehouse and versions are in use, and what is wrong with them."""
    console = Console(highlight=False, soft_wrap=True)
    settings = load_settings(services().values())
    problems = list(unknown_variables(services().values()))
    for line in _settings_lines(settings):
        console.print(line)
    if settings.sec_user_agent is None:
        console.print("Live nights     need CORPINTEL_SEC_USER_AGENT, which is not set")
    try:
        with open_warehouse(settings) as warehouse:
            for line in _warehouse_lines(warehouse):
                console.print(line)
    except WarehouseError as error:
        problems.append(str(error))
    for problem in problems:
        console.print(f"Problem: {problem}")
    if problems:
        raise SystemExit(1)
    console.print("Nothing is wrong.")


def _source_lines(warehouse: Warehouse) -> Iterator[str]:
    """Breakers that no answer has closed, and what is left of the daily quotas."""
    for host, source, reason, until in SharedBreakers(warehouse).standing():
        yield f"Breaker         {source} at {host}: {reason}, open until {until:%Y-%m-%d %H:%M} UTC"
    ledger = RequestLedger(warehouse, limits())
    for source, declared in limits().items():
        units = max(declared, key=lambda limit: limit.seconds)
        if units.seconds >= HOUR:
            yield f"Quota           {source}: {ledger.left_today(source)} of {units.units} left"


def _settings_lines(settings: Settings) -> Iterator[str]:
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    yield f"Version         corporate-intel {version('corporate-intel')}, {versions}"
    yield f"Python          {platform.python_version()} on {platform.system()}"
    yield f"Home            {settings.home}"
    yield f"Archive         {without_login(settings.archive_url)}"
    yield f"Watchlist       {settings.watchlist or 'the bundled EdTech list'}"
    for name, source in SOURCES.items():
        if source.key is not None:
            state = "set" if settings.key_of(source.key) else "not set, the source is skipped"
            yield f"{name:<15} CORPINTEL_{source.key.upper()} is {state}"


def _warehouse_lines(warehouse: Warehouse) -> Iterator[str]:
    kind = "embedded" if warehouse.embedded else "CORPINTEL_DATABASE_URL"
    url = make_url(warehouse.url)
    yield f"Warehouse       {kind}: {url.host}:{url.port}, database {url.database}"
    state = warehouse_state(warehouse)
    yield f"PostgreSQL      {state.server_version}"
    if not state.has_schema:
        yield "Schema          not created yet: corpintel db migrate"
        return
    yield f"Data            {state.data_kind or 'none yet'}"
    if state.last_run:
        run_id, status, as_of, detail = state.last_run
        yield f"Last run        {run_id}: {status}, as of {as_of} {detail}"
    if not state.is_current:
        yield "Schema          older than this version: corpintel db migrate"
        return
    yield from _source_lines(warehouse)
    if state.published:
        run_id, as_of, content_hash = state.published
        yield f"Published       run {run_id} as of {as_of}, {content_hash}"
    else:
        yield "Published       nothing yet"
