"""corpintel status: which alerts stand now, and what to do about each."""

from typing import Annotated

import typer

from connectors.service import limits, services
from flows.cli import environment
from flows.night.bad_request import BadRequestError
from warehouse.alerts import broken, read_rules
from warehouse.db import has_table, open_warehouse
from warehouse.measures import measure
from warehouse.settings import load_settings

app = typer.Typer(add_completion=False)


@app.command(epilog="Example: corpintel status")
def status(
    tell: Annotated[
        bool,
        typer.Option("--tell", help="Raise, clear and send alerts too, for cron and the like."),
    ] = False,
) -> None:
    """Say what is late or wrong now and what to do about it; exit code 1 where anything is."""
    settings = load_settings(services().values())
    environment.prepare(settings.home)
    from flows.steps.alerting import RULES, watch

    rules = read_rules(RULES)
    with open_warehouse(settings) as warehouse:
        with warehouse.engine.connect() as connection:
            if not has_table(connection, "ops.alerts"):
                raise BadRequestError(
                    "this warehouse keeps no alerts yet; run corpintel nightly or corpintel db "
                    "migrate first"
                )
        if tell:
            watch(settings, warehouse)
        found = broken(rules, measure(warehouse, settings.home, limits()))
    for rule, one in found:
        print(
            f"{rule.alert}{one.about}: {one.name} is {one.value:,.4g}, beyond {rule.threshold:g}."
        )
        print(f"    {rule.what_to_do}.")
    if found:
        raise SystemExit(1)
    print("Nothing is late or wrong.")
