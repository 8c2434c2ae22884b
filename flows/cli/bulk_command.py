"""corpintel import-bulk: load SEC's bulk archives from disk."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from connectors.errors import BadBodyError
from connectors.sec.bulk import BulkArchive
from flows.cli import environment
from flows.cli.options import to_tickers
from flows.night.bad_request import BadRequestError
from flows.night.open import preflight
from warehouse.db import open_warehouse
from warehouse.ops import summarise_run
from warehouse.settings import load_settings

app = typer.Typer(add_completion=False)


@app.command(epilog="Example: corpintel import-bulk companyfacts.zip --tickers DUOL,COUR")
def import_bulk(
    path: Annotated[Path, typer.Argument(help="SEC's companyfacts.zip or submissions.zip.")],
    tickers: Annotated[
        str | None, typer.Option(metavar="A,B", help="Load these companies only.")
    ] = None,
    everyone: Annotated[
        bool,
        typer.Option("--all", help="Load every filer of the archive, listed or not."),
    ] = False,
) -> None:
    """Load companies from one of SEC's bulk archives, without publishing.

    A run that ended early goes on where it stopped when the same archive is given again.
    """
    run(path, to_tickers(tickers), everyone)


def run(path: Path, tickers: Sequence[str] | None, everyone: bool) -> None:
    """Load the companies from the archive and say what came of it."""
    if everyone and tickers:
        raise BadRequestError(
            f"--all and --tickers {','.join(tickers)} exclude each other; give one of them"
        )
    settings = load_settings()
    try:
        with BulkArchive(path):
            pass
    except BadBodyError as error:
        raise BadRequestError(str(error)) from None
    environment.prepare(settings.home)
    preflight("live", tickers)
    from flows.bulk import bulk
    from flows.steps.tell import grouped_problems

    with environment.shown_flow():
        run_id = bulk(str(path.absolute()), list(tickers) if tickers else None, everyone)
    console = Console(highlight=False, soft_wrap=True)
    with open_warehouse(settings) as warehouse:
        summary = summarise_run(warehouse, run_id)
    for line in grouped_problems(summary.problems):
        console.print(f"  {line}")
    console.print(
        f"Run {run_id} is loaded: {summary.staged:,} rows arrived, {summary.new:,} were new, "
        f"{summary.rejected:,} rejected. Publish them: corpintel publish"
    )
