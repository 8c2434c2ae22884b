"""corpintel rejected: dead letters, each of them, and loading those that pass after a fix."""

import json
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from flows.cli import environment
from flows.night.bad_request import BadRequestError
from flows.sources import SOURCES
from warehouse import dead_letters
from warehouse.db import Warehouse, open_warehouse
from warehouse.settings import load_settings

_GREATEST = 2**63 - 1

app = typer.Typer(
    help="Rows that broke a rule: dead letters.", no_args_is_help=True, add_completion=False
)
_SourceOption = Annotated[
    str | None, typer.Option("--source", metavar="SOURCE", help="Those of one source only.")
]


@app.command("list", epilog="Example: corpintel rejected list --source sec")
def show_list(
    source: _SourceOption = None,
    with_resolved: Annotated[
        bool, typer.Option("--all", help="Also those that pass by now.")
    ] = False,
) -> None:
    """List the dead letters by source, table and rule."""
    _require_source(source)
    with open_warehouse(load_settings()) as warehouse:
        _require_schema(warehouse)
        groups = dead_letters.list_groups(warehouse, source)
    shown = [group for group in groups if group.open_count or with_resolved]
    if not shown:
        resolved = sum(group.resolved_count for group in groups)
        print(f"No dead letters{f'; {resolved:,} were resolved' if resolved else ''}.")
        return
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="bold")
    for heading in ("Source", "Table", "Rule", "Open", "Resolved", "First", "Last", "Example"):
        table.add_column(
            heading, justify="right" if heading in ("Open", "Resolved", "Example") else "left"
        )
    for group in shown:
        table.add_row(
            group.source,
            group.table_name,
            group.rule,
            f"{group.open_count:,}",
            f"{group.resolved_count:,}",
            f"{group.first_at:%Y-%m-%d}",
            f"{group.last_at:%Y-%m-%d}",
            str(group.example_id),
        )
    Console(highlight=False, soft_wrap=True).print(table)


@app.command("show", epilog="Example: corpintel rejected show 17")
def show_one(
    number: Annotated[str, typer.Argument(help="Its number, as rejected list shows it.")],
) -> None:
    """Show one dead letter: what is wrong, the row, and the answer it came in."""
    # Parsed here and not by typer, whose refusals are boxes of several lines.
    if not (number.isascii() and number.isdigit() and int(number) <= _GREATEST):
        raise BadRequestError(f"{number!r} is no number of a dead letter; give one such as 17")
    rejected_id = int(number)
    with open_warehouse(load_settings()) as warehouse:
        _require_schema(warehouse)
        letter = dead_letters.find(warehouse, rejected_id)
    if letter is None:
        raise BadRequestError(
            f"{rejected_id} is no dead letter; corpintel rejected list shows one of each rule"
        )
    state = (
        "open" if letter.resolved_load_id is None else f"resolved by load {letter.resolved_load_id}"
    )
    told = {
        "Dead letter": f"{letter.rejected_id}, {state}",
        "Source, table": f"{letter.source}, {letter.table_name}",
        "Rule": letter.rule + (f": {letter.detail}" if letter.detail else ""),
        "Rejected": f"{letter.rejected_at:%Y-%m-%d %H:%M} by load {letter.load_id}, last by load "
        f"{letter.last_load_id}",
        "Answer": f"{letter.url}, fetched {letter.fetched_at:%Y-%m-%d %H:%M}",
        "Body": f"{letter.sha256} in the archive",
        "Row": json.dumps(letter.record, indent=1, sort_keys=True, ensure_ascii=False),
    }
    for name, value in told.items():
        print(f"{name:<14} {value}")


@app.command(epilog="Example: corpintel rejected replay --source sec")
def replay(source: _SourceOption = None) -> None:
    """Parse and judge open dead letters once more, from the archive, and load what passes now."""
    _require_source(source)
    settings = load_settings()
    with open_warehouse(settings) as warehouse:
        _require_schema(warehouse)
        groups = dead_letters.replayable(warehouse, source)
    if not groups:
        print("No dead letters to replay.")
        return
    environment.prepare(settings.home)
    from flows.replay import replay as replay_flow

    passed = again = new = 0
    with environment.shown_flow():
        for group in groups:
            run_id = replay_flow(
                data=group.data_kind,
                as_of=group.as_of,
                source=group.source,
                captures=sorted(group.captures),
            )
            with open_warehouse(settings) as warehouse:
                came = dead_letters.outcome_of(warehouse, group.rejected_ids, run_id)
            passed, again, new = passed + came.passed, again + came.again, new + came.new
    total = sum(len(group.rejected_ids) for group in groups)
    print(f"{total:,} dead letters: {passed:,} pass now, {again:,} were rejected again.")
    if passed + again < total:
        print(
            f"{total - passed - again:,} stay as they were: today nobody would ask for their "
            "answers, the archive lacks them, or their package was refused (see ops.outcomes)."
        )
    if new:
        print(f"{new:,} others came up: the same answers break other rules now.")
    if passed:
        print("Publish what was loaded: corpintel publish")


def _require_source(source: str | None) -> None:
    if source is not None and source not in SOURCES:
        raise BadRequestError(
            f"--source {source!r} is none of the sources: {', '.join(SOURCES)}; give one of them"
        )


def _require_schema(warehouse: Warehouse) -> None:
    if not dead_letters.are_kept(warehouse):
        raise BadRequestError(
            "this warehouse has no dead letters of this form yet; run corpintel db migrate, or "
            "corpintel nightly --sample in a new one"
        )
