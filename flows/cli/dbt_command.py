"""corpintel dbt: dbt itself on the warehouse in use, with its connection, day and batch set."""

import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from flows.cli import environment
from flows.cli.options import to_tickers
from flows.night.bad_request import BadRequestError
from flows.steps.transform import PROJECT, connection_in_environment
from warehouse.building.workplace import open_workplace
from warehouse.db import Warehouse, open_warehouse
from warehouse.ops import last_loaded
from warehouse.read.companies import find_company
from warehouse.read.connection import open_reader
from warehouse.settings import Settings, load_settings
from warehouse.writer import night_lock

app = typer.Typer(add_completion=False)


@app.command(
    context_settings={"ignore_unknown_options": True},
    epilog="Example: corpintel dbt --tickers DUOL run --select +fct_financials",
)
def dbt(
    arguments: Annotated[list[str], typer.Argument(metavar="ARGS", help="What dbt shall do.")],
    tickers: Annotated[
        str | None,
        typer.Option("--tickers", metavar="A,B", help="Make these companies the batch in work."),
    ] = None,
) -> None:
    """Run dbt on the warehouse, with its connection set, as of the last night's day.

    What follows goes to dbt as it is. With --tickers it builds and tests those companies in the
    first lane's tables, while no night runs; what readers see is not touched.
    """
    settings = load_settings()
    environment.prepare(settings.home)
    with open_warehouse(settings) as warehouse, ExitStack() as stack:
        last = last_loaded(warehouse)
        if last is None:
            raise BadRequestError("nothing is loaded yet; run corpintel nightly --sample first")
        _, as_of = last
        symbols = to_tickers(tickers)
        if symbols is not None:
            with open_reader(warehouse) as reader:
                companies = [find_company(reader, symbol).company_id for symbol in symbols]
            writer = stack.enter_context(night_lock(warehouse))
            place = stack.enter_context(open_workplace(warehouse, (), 0, as_of, writer.hold))
            place.set_batch(companies)
        stack.enter_context(connection_in_environment(warehouse.url, as_of))
        done = _run(settings.home / "dbt", settings.home / "logs", arguments)
    raise SystemExit(done.returncode)


def write_docs(warehouse: Warehouse, settings: Settings, file: Path) -> None:
    """Write dbt's documentation of the project as one page that needs no network.

    BadRequestError where nothing is loaded yet, or dbt does not write it.
    """
    last = last_loaded(warehouse)
    if last is None:
        raise BadRequestError("nothing is loaded yet; run corpintel nightly --sample first")
    file.parent.mkdir(parents=True, exist_ok=True)
    # Beside its place, and in a folder of its own: another dbt may run in the home's.
    with TemporaryDirectory(dir=file.parent) as folder:
        with connection_in_environment(warehouse.url, last[1]):
            done = _run(
                Path(folder), settings.home / "logs", ("docs", "generate", "--static", "--quiet")
            )
        if done.returncode:
            raise BadRequestError(
                "dbt could not write its documentation; what it said stands above"
            )
        os.replace(Path(folder) / "static_index.html", file)


def _run(target: Path, logs: Path, arguments: Sequence[str]) -> subprocess.CompletedProcess[bytes]:
    folders = ("--target-path", target, "--log-path", logs)
    return subprocess.run(
        [
            *(sys.executable, "-c", "from dbt.cli.main import cli; cli()", *arguments),
            *("--project-dir", PROJECT, "--profiles-dir", PROJECT, *folders),
        ],
        check=False,
    )
