"""corpintel chaos: break nights on purpose in a throw-away home, and say what held."""

import random
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

import migrations
from flows.cli.ending import tidied
from flows.night.bad_request import BadRequestError
from flows.steps import progress
from flows.steps.publication import git_revision
from warehouse.db import has_schema, has_table, open_warehouse
from warehouse.ops import record_drills
from warehouse.settings import Settings, load_settings

_SEEDS = 1_000_000
_MOST_DIGITS = 18


app = typer.Typer(add_completion=False)


@app.command(epilog="Example: corpintel chaos --quick")
def chaos(
    quick: Annotated[bool, typer.Option("--quick", help="A few points of each drill.")] = False,
    seed: Annotated[
        str | None,
        typer.Option(metavar="N", help="Choose the points as an earlier drill did."),
    ] = None,
) -> None:
    """Break nights on purpose in throw-away homes, and say which promises held.

    What held is kept in ops.drills; exit code 1 where a promise did not.
    """
    settings = load_settings()
    chosen = _seed(seed)
    from chaos import run

    form = run.QUICK if quick else run.FULL
    started = time.monotonic()
    print(f"{form.name} drills with --seed {chosen}", file=sys.stderr)
    with (
        tidied(),
        run.prepared(form, chosen) as drills,
        progress.shown_progress(),
        ExitStack() as stack,
    ):
        drills.run(lambda points: stack.enter_context(progress.step("drills", points, "points")))
    console = Console(highlight=False, soft_wrap=True)
    console.print(_table(drills.results))
    for result in drills.results:
        if result.broken:
            console.print(f"\nBroken: {result.drill}: {result.broken}\nKept: {drills.folder}")
    now = datetime.now(UTC)
    kept = _keep(
        settings,
        [
            {
                "started_at": result.started_at or now,
                "finished_at": result.finished_at or now,
                "form": form.name,
                "seed": chosen,
                "git_revision": git_revision(),
                "drill": result.drill,
                "points": result.points,
                "points_held": result.held,
                "detail": result.broken or result.not_run or "; ".join(result.told),
            }
            for result in drills.results
        ],
    )
    console.print(f"{time.monotonic() - started:.0f} s; {kept}")
    if drills.broken:
        raise SystemExit(1)


def _seed(given: str | None) -> int:
    if given is None:
        return random.randrange(_SEEDS)
    # Parsed here and not by typer, whose refusals are boxes of several lines.
    if not (given.isascii() and given.isdigit() and len(given) <= _MOST_DIGITS):
        raise BadRequestError(
            f"--seed {given!r} is no whole number of up to {_MOST_DIGITS} digits; give one, or none"
        )
    return int(given)


def _keep(settings: Settings, rows: list[dict[str, Any]]) -> str:
    """Keep the results in the warehouse; one of an older schema is the operator's to migrate."""
    with open_warehouse(settings) as warehouse:
        with warehouse.engine.begin() as connection:
            is_new = not has_schema(connection, "ops")
            is_current = has_table(connection, "ops.drills")
            if is_new:
                migrations.upgrade(connection)
        if not is_new and not is_current:
            return "not kept, since the warehouse has an older schema: corpintel db migrate"
        record_drills(warehouse, rows)
    return "kept in ops.drills."


def _table(results: Sequence[Any]) -> Table:
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="bold")
    table.add_column("Drill", no_wrap=True)
    table.add_column("Points", justify="right")
    table.add_column("Held", justify="right")
    table.add_column("", no_wrap=True)
    for result in results:
        table.add_row(result.drill, str(result.points), str(result.held), result.verdict)
    return table
