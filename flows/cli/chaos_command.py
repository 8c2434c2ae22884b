"""corpintel chaos: break nights on purpose in a throw-away home, and say what held."""

import random
import sys
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

import migrations
from flows.bad_request import BadRequestError
from flows.steps import progress
from flows.steps.publication import git_revision
from warehouse.db import open_warehouse
from warehouse.ops import record_drills
from warehouse.settings import load_settings

_CHECKOUT = Path(__file__).parents[2]
_SEEDS = 1_000_000


def run(quick: bool, seed: int | None) -> None:
    """Run the drills, print what held and keep it in ops.drills; exit code 1 where one did not."""
    settings = load_settings()
    if not (_CHECKOUT / "tests" / "chaos").is_dir():
        raise BadRequestError(
            f"{_CHECKOUT} has no drills: they lie beside the tests and not in the installed "
            "package; run the command in a checkout"
        )
    sys.path.insert(0, str(_CHECKOUT))
    from tests.chaos import run as chaos

    form = chaos.QUICK if quick else chaos.FULL
    seed = random.randrange(_SEEDS) if seed is None else seed  # noqa: S311 - chooses where to strike
    started = time.monotonic()
    print(f"{form.name} drills with --seed {seed}", file=sys.stderr)
    with chaos.prepared(form, seed) as drills, progress.shown_progress(), ExitStack() as stack:
        drills.run(lambda points: stack.enter_context(progress.step("drills", points, "points")))
    console = Console(highlight=False, soft_wrap=True)
    console.print(_table(drills.results))
    for result in drills.results:
        if result.broken:
            console.print(f"\nBroken: {result.drill}: {result.broken}\nKept: {drills.folder}")
    now = datetime.now(UTC)
    with open_warehouse(settings) as warehouse:
        with warehouse.engine.begin() as connection:
            migrations.upgrade(connection)
        record_drills(
            warehouse,
            [
                {
                    "started_at": result.started_at or now,
                    "finished_at": result.finished_at or now,
                    "form": form.name,
                    "seed": seed,
                    "git_revision": git_revision(),
                    "drill": result.drill,
                    "points": result.points,
                    "points_held": result.held,
                    "detail": result.broken or result.not_run,
                }
                for result in drills.results
            ],
        )
    console.print(f"{time.monotonic() - started:.0f} s; kept in ops.drills.")
    if drills.broken:
        raise SystemExit(1)


def _table(results: list) -> Table:  # type: ignore[type-arg]
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="bold")
    table.add_column("Drill", no_wrap=True)
    table.add_column("Points", justify="right")
    table.add_column("Held", justify="right")
    table.add_column("", no_wrap=True)
    for result in results:
        verdict = (
            "broken"
            if result.broken
            else "not run: " + result.not_run
            if result.not_run
            else ("pass" if result.held == result.points else "stopped before its end")
        )
        table.add_row(result.drill, str(result.points), str(result.held), verdict)
    return table
