"""corpintel runs: the list of nights and other runs, failed ones too."""

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from flows.cli.options import OutputFormat, to_number
from flows.cli.printing import print_rows
from flows.night.bad_request import BadRequestError
from warehouse.db import has_table, open_warehouse
from warehouse.read.connection import open_operator
from warehouse.read.nights import Past, past_runs
from warehouse.settings import load_settings

app = typer.Typer(add_completion=False)


@app.command(epilog="Example: corpintel runs --last 30 --failed")
def runs(
    last: Annotated[str, typer.Option(metavar="N", help="How many, the newest first.")] = "20",
    failed: Annotated[bool, typer.Option("--failed", help="Only those that failed.")] = False,
    format_: Annotated[
        OutputFormat, typer.Option("--format", help="How to print them.")
    ] = OutputFormat.table,
) -> None:
    """List the runs: how each ended, its time, what changed, who is held back, why it failed."""
    most = to_number("--last", last)
    with open_warehouse(load_settings()) as warehouse:
        with warehouse.engine.connect() as connection:
            is_there = has_table(connection, "ops.nights")
        if not is_there:
            raise BadRequestError(
                "this warehouse has no list of runs yet; run corpintel nightly or corpintel db "
                "migrate first"
            )
        with open_operator(warehouse) as operator:
            found = past_runs(operator, most, only_failed=failed)
    if format_ is not OutputFormat.table:
        names = list(Past.__dataclass_fields__)
        print_rows(names, [[getattr(one, name) for name in names] for one in found], format_.value)
        return
    _show(found)


def _show(found: list[Past]) -> None:
    console = Console(highlight=False, soft_wrap=True)
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="bold")
    for heading in ("Run", "Flow", "As of", "Begun (UTC)", "Took", "Ended as"):
        table.add_column(heading, no_wrap=True)
    for heading in ("Built", "Changed", "Held"):
        table.add_column(heading, no_wrap=True, justify="right")
    for one in found:
        table.add_row(
            str(one.run_id),
            one.flow or "",
            str(one.as_of),
            f"{one.started_at:%m-%d %H:%M}",
            "" if one.seconds is None else f"{one.seconds:,.0f} s",
            one.ended_as,
            *(
                "" if n is None else f"{n:,}"
                for n in (one.companies_built, one.rows_changed, one.companies_held_back)
            ),
        )
    console.print(table)
    for one in found:
        if one.status == "failed":
            console.print(f"Run {one.run_id} failed: {one.detail or 'it left no reason'}")
        for warning in one.warnings or ():
            console.print(f"Run {one.run_id}: {warning}")
    if not found:
        console.print("There is none.")
