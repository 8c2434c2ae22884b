"""corpintel publish: publish what is loaded, list publications, move readers between them."""

import getpass
import os
import time
from datetime import date
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from flows.cli import environment, night_command
from flows.cli.options import to_date
from flows.cli.printing import print_rows
from flows.night.bad_request import BadRequestError
from flows.night.plan import DataKind, plan_night
from warehouse.db import Warehouse, has_table, open_warehouse
from warehouse.ops import last_loaded
from warehouse.publishing.errors import PublishRefusedError
from warehouse.publishing.notices import drop_noticed, notices, text_of
from warehouse.publishing.publications import KEPT_PUBLICATIONS, move_readers
from warehouse.read.connection import open_reader
from warehouse.read.publications import publications
from warehouse.settings import Settings, load_settings
from warehouse.writer import night_lock

_SHORTEST_REASON = 10

app = typer.Typer(
    help="Publish what is loaded, or go back.",
    epilog="Example: corpintel publish --as-of 2026-11-25",
    invoke_without_command=True,
    add_completion=False,
)
views_app = typer.Typer(
    help="Views of others that a publication has to drop, and their text.", no_args_is_help=True
)
app.add_typer(views_app, name="views")


@app.callback()
def publish(
    context: typer.Context,
    force: Annotated[
        str | None,
        typer.Option(metavar="REASON", help="Override the gates; the reason is kept."),
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option(
            metavar="DATE",
            help="Logical date; default the last run's, or a newer one's.",
        ),
    ] = None,
    full: Annotated[
        bool, typer.Option("--full", help="Build every company, changed or not.")
    ] = False,
) -> None:
    """Build and publish what is loaded, without fetching; or list publications, or go back."""
    if context.invoked_subcommand is None:
        run(force, to_date("--as-of", as_of), full)
    elif force is not None or as_of is not None or full:
        raise BadRequestError(
            f"--force, --as-of and --full are not for publish {context.invoked_subcommand}; "
            "leave them out"
        )


def run(force: str | None, as_of: date | None, full: bool = False) -> None:
    """Publish as of the day given, or of the last run's, but of no earlier one than readers see."""
    if force is not None and len(force.strip()) < _SHORTEST_REASON:
        raise BadRequestError(
            f"--force {force!r} does not say why; give a reason of at least {_SHORTEST_REASON} "
            "letters, it is kept with the publication"
        )
    started = time.monotonic()
    settings = load_settings()
    environment.prepare(settings.home)
    data, last_as_of = _last_run(settings)
    # Before Prefect and its server start.
    plan_night(data, as_of=as_of)
    from flows.marts import marts

    reason = None if force is None else f"{account()}: {force.strip()}"
    with environment.shown_flow():
        report = marts(data=data, as_of=as_of or last_as_of, force=reason, full=full)
    night_command.show(report, time.monotonic() - started)


@app.command("list", epilog="Example: corpintel publish list")
def show_list() -> None:
    """List the kept publications, the newest first."""
    with open_warehouse(load_settings()) as warehouse, open_reader(warehouse) as connection:
        listed = publications(connection, KEPT_PUBLICATIONS)
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="bold")
    for heading in ("Run", "Published", "As of", "Rows changed", "Content hash", "", "Forced"):
        table.add_column(heading, no_wrap=heading != "Forced")
    for past in listed:
        table.add_row(
            str(past.run_id),
            f"{past.published_at:%Y-%m-%d %H:%M:%S}",
            str(past.as_of),
            f"{past.rows_changed:,}",
            past.content_hash[:16],
            "current" if past.is_current else "",
            past.forced_reason or "",
        )
    Console(highlight=False, soft_wrap=True).print(table)


@app.command("rollback", epilog="Example: corpintel publish rollback 41")
def roll_back(
    run: Annotated[
        int | None,
        typer.Argument(help="Run to show; default what the current publication replaced."),
    ] = None,
) -> None:
    """Let readers see an earlier publication again, at once and whole."""
    with open_warehouse(load_settings()) as warehouse:
        _require_publications(warehouse)
        with night_lock(warehouse) as writer:
            try:
                before, now = move_readers(warehouse, run, writer.hold)
            except PublishRefusedError as error:
                raise BadRequestError(str(error)) from None
    print(
        f"Readers see run {now} in place of run {before}. The next night compares with run {now}."
    )


@views_app.command("list", epilog="Example: corpintel publish views list")
def list_views() -> None:
    """List the notices and what was dropped, the newest first."""
    with open_warehouse(load_settings()) as warehouse:
        _require_notices(warehouse)
        rows = notices(warehouse)
    print_rows(
        ("notice", "view", "owner", "columns that go", "until", "what became of it"),
        [
            (
                one.notice_id,
                one.view_name,
                one.owner,
                ", ".join(one.columns),
                f"{one.drop_after:%Y-%m-%d %H:%M}",
                one.state,
            )
            for one in rows
        ],
        "table",
    )


@views_app.command("show", epilog="Example: corpintel publish views show 3")
def show_view(notice: Annotated[int, typer.Argument(help="The number of its notice.")]) -> None:
    """Print the statements that make a view again, for its owner to run."""
    with open_warehouse(load_settings()) as warehouse:
        _require_notices(warehouse)
        script = text_of(warehouse, notice)
    if script is None:
        raise BadRequestError(
            f"there is no notice {notice}; corpintel publish views list shows them"
        )
    print(script, end="")


@views_app.command("drop", epilog="Example: corpintel publish views drop")
def drop_views() -> None:
    """Drop the views that have notice, and what reads them, now; their text is kept."""
    with open_warehouse(load_settings()) as warehouse:
        _require_notices(warehouse)
        with night_lock(warehouse):
            try:
                dropped = drop_noticed(
                    warehouse, f"{account()} dropped it before its notice was over"
                )
            except PublishRefusedError as error:
                raise BadRequestError(str(error)) from None
    for name in dropped:
        print(f"Dropped {name}; its text is kept.")
    print(f"{len(dropped)} views were dropped. Now run: corpintel publish")


def _require_notices(warehouse: Warehouse) -> None:
    with warehouse.engine.connect() as connection:
        if not has_table(connection, "ops.view_notices"):
            raise BadRequestError(
                "this warehouse has no notices of views yet; bring it up to date with corpintel db "
                "migrate"
            )


def _require_publications(warehouse: Warehouse) -> None:
    with warehouse.engine.connect() as connection:
        published = has_table(connection, "ops.publications")
        current = has_table(connection, "ops.writer")
    if not published:
        raise BadRequestError("nothing is published yet; run corpintel nightly --sample first")
    if not current:
        raise BadRequestError(
            "this warehouse has an older schema; bring it up to date with corpintel db migrate"
        )


def account() -> str:
    """The account that overrides the gates; a container's may have no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"


def _last_run(settings: Settings) -> tuple[DataKind, date]:
    with open_warehouse(settings) as warehouse:
        last = last_loaded(warehouse)
    if last is None:
        raise BadRequestError("nothing is loaded yet; run corpintel nightly --sample first")
    data_kind, as_of = last
    return ("sample" if data_kind == "sample" else "live"), as_of
