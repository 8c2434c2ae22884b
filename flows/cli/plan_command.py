"""corpintel plan: on which questions the last night spent its quotas, and why."""

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from connectors.service import DAY, services
from flows.night.bad_request import BadRequestError
from warehouse.db import open_warehouse
from warehouse.planner import newest_plans
from warehouse.settings import load_settings

_MOST_SHOWN = 100

app = typer.Typer(add_completion=False)


@app.command(epilog="Example: corpintel plan --source alpha_vantage")
def plan(
    source: Annotated[
        str | None, typer.Option("--source", metavar="SOURCE", help="Show one source's plan only.")
    ] = None,
) -> None:
    """Show on which questions the last night spent its quotas, and why."""
    with open_warehouse(load_settings()) as warehouse:
        rows = newest_plans(warehouse, source)
    if not rows:
        asked = f"--source {source!r} has no plan" if source else "there is no plan"
        raise BadRequestError(
            f"{asked} yet; a live night plans the sources with a daily quota and a key: "
            f"{', '.join(_planned_services())}"
        )
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="bold")
    for heading in ("Source", "#", "Question", "Units", "Asked", "Why", "Due"):
        table.add_column(heading, justify="right" if heading in ("#", "Units") else "left")
    # Positions begin with the most wanted question of each source.
    for row in rows:
        if row.position > _MOST_SHOWN:
            continue
        table.add_row(
            row.source,
            str(row.position),
            row.subject,
            str(row.units),
            "yes" if row.is_planned else "no",
            row.reason,
            str(row.due_date or ""),
        )
    console = Console(highlight=False, soft_wrap=True)
    console.print(table)
    more = sum(row.position > _MOST_SHOWN for row in rows)
    if more:
        console.print(f"{more:,} less wanted ones are in ops.call_plan.")


def _planned_services() -> list[str]:
    return [
        name
        for name, service in services().items()
        if service.key and any(limit.seconds >= DAY for limit in service.limits)
    ]
