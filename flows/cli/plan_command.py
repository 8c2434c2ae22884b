"""corpintel plan: on which questions the last night spent its quotas, and why."""

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy import text

from flows.night.bad_request import BadRequestError
from warehouse.db import open_warehouse
from warehouse.settings import load_settings

app = typer.Typer(add_completion=False)

_LAST_PLANS = text(
    """
    select p.source, p.position, p.subject, p.units, p.is_planned, p.reason, p.due_date
    from ops.call_plan as p
    where p.run_id = (select max(n.run_id) from ops.call_plan as n where n.source = p.source)
        and (cast(:source as text) is null or p.source = :source)
    order by p.source, p.position
    """
)


@app.command()
def plan(
    source: Annotated[
        str | None, typer.Option("--source", metavar="SOURCE", help="Show one source's plan only.")
    ] = None,
) -> None:
    """Show on which questions the last night spent its quotas, and why."""
    with open_warehouse(load_settings()) as warehouse, warehouse.engine.connect() as connection:
        known = connection.execute(text("select to_regclass('ops.call_plan')")).scalar()
        rows = connection.execute(_LAST_PLANS, {"source": source}).all() if known else []
    if not rows:
        asked = f"--source {source!r} has no plan" if source else "there is no plan"
        raise BadRequestError(
            f"{asked} yet; a live night plans the sources with a daily quota and a key: "
            "alpha_vantage, twelve_data, newsapi"
        )
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="bold")
    for heading in ("Source", "#", "Question", "Units", "Asked", "Why", "Due"):
        table.add_column(heading, justify="right" if heading in ("#", "Units") else "left")
    for row in rows:
        table.add_row(
            row.source,
            str(row.position),
            row.subject,
            str(row.units),
            "yes" if row.is_planned else "no",
            row.reason,
            str(row.due_date or ""),
        )
    Console(highlight=False, soft_wrap=True).print(table)
