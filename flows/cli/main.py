"""corpintel: run a night, ask the marts, operate the warehouse."""

import atexit
import os
import sys
import traceback
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from flows.night.bad_request import BadRequestError

app = typer.Typer(
    name="corpintel",
    help="Corporate Intel: SEC filings, XBRL facts and market metrics as marts you can trust.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


class OutputFormat(StrEnum):
    """How `corpintel sql` prints rows."""

    table = "table"
    csv = "csv"
    json = "json"


def _date(option: str, value: str | None) -> date | None:
    """Parsed here and not by typer, whose refusals are boxes of several lines."""
    try:
        return None if value is None else date.fromisoformat(value)
    except ValueError:
        raise BadRequestError(
            f"{option} {value!r} is not a date; write it like 2026-07-10"
        ) from None


@app.command()
def nightly(
    sample: Annotated[bool, typer.Option("--sample", help="Replay the bundled figures.")] = False,
    live: Annotated[bool, typer.Option("--live", help="Ask the live sources (default).")] = False,
    tickers: Annotated[
        str | None, typer.Option(metavar="A,B", help="Fetch these companies only.")
    ] = None,
    as_of: Annotated[
        str | None, typer.Option(metavar="DATE", help="Logical date and knowledge cut.")
    ] = None,
) -> None:
    """Fetch, check, load, build, test and publish: one whole night."""
    from flows.cli import night_command

    if sample and live:
        raise BadRequestError("--sample and --live exclude each other; give one of them")
    night_command.run("sample" if sample else "live", _split(tickers), _date("--as-of", as_of))


@app.command()
def sql(
    statement: Annotated[
        str | None, typer.Argument(help="One SELECT; - reads it from standard input.")
    ] = None,
    file: Annotated[Path | None, typer.Option("-f", "--file", help="Read it from a file.")] = None,
    format_: Annotated[
        OutputFormat, typer.Option("--format", help="How to print the rows.")
    ] = OutputFormat.table,
) -> None:
    """Ask the marts, read-only, as the role that analysts use."""
    from flows.cli import sql_command

    sql_command.run(statement, file, format_.value)


@app.command()
def explain(
    ticker: Annotated[str, typer.Argument(help="A company's ticker or CIK.")],
    line: Annotated[str, typer.Argument(help="A line of the statements, such as revenue.")],
    period: Annotated[
        str | None,
        typer.Option(metavar="PERIOD", help="FY2024, 2024Q3 or TTM; default the newest."),
    ] = None,
    as_of: Annotated[
        str | None, typer.Option(metavar="DATE", help="What was known on that day; default now.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Say where a figure comes from: formula, facts, filings, other vintages, what was refused."""
    from flows.cli import explain_command

    explain_command.run(
        explain_command.Question(ticker, line, period, _date("--as-of", as_of)), as_json
    )


publish_app = typer.Typer(help="Publish what is loaded, or go back.", invoke_without_command=True)
app.add_typer(publish_app, name="publish")


@publish_app.callback()
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
) -> None:
    """Build and publish what is loaded, without fetching; or list publications, or go back."""
    from flows.cli import publish_command

    if context.invoked_subcommand is None:
        publish_command.run(force, _date("--as-of", as_of))
    elif force is not None or as_of is not None:
        raise BadRequestError(
            f"--force and --as-of are not for publish {context.invoked_subcommand}; leave them out"
        )


@publish_app.command("list")
def publish_list() -> None:
    """List the kept publications, the newest first."""
    from flows.cli import publish_command

    publish_command.show_list()


@publish_app.command("rollback")
def publish_rollback(
    run: Annotated[
        int | None,
        typer.Argument(help="Run to show; default what the current publication replaced."),
    ] = None,
) -> None:
    """Let readers see an earlier publication again, at once and whole."""
    from flows.cli import publish_command

    publish_command.roll_back(run)


db_app = typer.Typer(help="The warehouse: its URL, its server, its schema.", no_args_is_help=True)
app.add_typer(db_app, name="db")


@db_app.command("url")
def db_url() -> None:
    """Print the URL of the read-only role; the embedded server then stays up for it."""
    from flows.cli import db_command

    db_command.url()


@db_app.command("start")
def db_start() -> None:
    """Start the embedded server and keep it up until `corpintel db stop`."""
    from flows.cli import db_command

    db_command.start()


@db_app.command("stop")
def db_stop() -> None:
    """Stop the embedded server."""
    from flows.cli import db_command

    db_command.stop()


@db_app.command("migrate")
def db_migrate() -> None:
    """Create or upgrade the schemas raw and ops."""
    from flows.cli import db_command

    db_command.migrate()


rejected_app = typer.Typer(help="Rows that broke a rule: dead letters.", no_args_is_help=True)
app.add_typer(rejected_app, name="rejected")

_SourceOption = Annotated[
    str | None, typer.Option("--source", metavar="SOURCE", help="Those of one source only.")
]


@rejected_app.command("list")
def rejected_list(
    source: _SourceOption = None,
    all_: Annotated[bool, typer.Option("--all", help="Also those that pass by now.")] = False,
) -> None:
    """List the dead letters by source, table and rule."""
    from flows.cli import rejected_command

    rejected_command.show_list(source, all_)


@rejected_app.command("show")
def rejected_show(
    number: Annotated[str, typer.Argument(help="Its number, as rejected list shows it.")],
) -> None:
    """Show one dead letter: what is wrong, the row, and the answer it came in."""
    from flows.cli import rejected_command

    rejected_command.show_one(number)


@rejected_app.command("replay")
def rejected_replay(source: _SourceOption = None) -> None:
    """Parse and judge open dead letters once more, from the archive, and load what passes now."""
    from flows.cli import rejected_command

    rejected_command.replay(source)


documents_app = typer.Typer(
    help="Filings, releases and investor pages: search, verdicts, reading.", no_args_is_help=True
)
app.add_typer(documents_app, name="documents")

_TickerOption = Annotated[
    str | None, typer.Option("--ticker", metavar="TICKER", help="Those of one company only.")
]
_FormatOption = Annotated[OutputFormat, typer.Option("--format", help="How to print the rows.")]


class DocumentPart(StrEnum):
    """What `corpintel documents read` prints."""

    verdict = "verdict"
    sections = "sections"
    kpis = "kpis"
    guidance = "guidance"
    facts = "facts"
    text = "text"


@documents_app.command("search")
def documents_search(
    words: Annotated[str, typer.Argument(help='Words, "a phrase", or, -without.')],
    ticker: _TickerOption = None,
    form: Annotated[
        str | None, typer.Option("--form", metavar="TYPE", help="10-K, EX-99.1 and so on.")
    ] = None,
    section: Annotated[
        str | None, typer.Option("--section", metavar="CODE", help="1A, 7, guidance and so on.")
    ] = None,
    limit: Annotated[str, typer.Option("--limit", metavar="N", help="How many at most.")] = "10",
    format_: _FormatOption = OutputFormat.table,
) -> None:
    """Find the sections that say these words, with the passages."""
    from flows.cli import documents_command

    documents_command.search(words, ticker, form, section, _number("--limit", limit), format_.value)


@documents_app.command("list")
def documents_list(
    ticker: _TickerOption = None, format_: _FormatOption = OutputFormat.table
) -> None:
    """List the documents and how far each was read."""
    from flows.cli import documents_command

    documents_command.show_list(ticker, format_.value)


@documents_app.command("read")
def documents_read(
    path: Annotated[Path, typer.Argument(help="An HTML, text or PDF file.")],
    type_: Annotated[
        str, typer.Option("--type", metavar="TYPE", help="10-K, EX-99.1; default by its cover.")
    ] = "",
    show: Annotated[
        DocumentPart, typer.Option("--show", help="Which part of what it says.")
    ] = DocumentPart.verdict,
    format_: _FormatOption = OutputFormat.table,
) -> None:
    """Read a file as a night would, and print what it says; nothing is stored."""
    from flows.cli import documents_command

    documents_command.read(path, type_, show.value, format_.value)


@documents_app.command("update")
def documents_update(
    sample: Annotated[bool, typer.Option("--sample", help="In a sample warehouse.")] = False,
    tickers: Annotated[
        str | None, typer.Option(metavar="A,B", help="Fetch these companies only.")
    ] = None,
    as_of: Annotated[str | None, typer.Option(metavar="DATE", help="Logical date.")] = None,
    reads_only: Annotated[
        bool, typer.Option("--read-only", help="Ask nobody; read what the archive holds.")
    ] = False,
) -> None:
    """Fetch documents of loaded filings, and read what no reader of today has, unpublished."""
    from flows.cli import documents_command

    documents_command.update(
        "sample" if sample else "live", _split(tickers), _date("--as-of", as_of), reads_only
    )


@app.command("import-bulk")
def import_bulk(
    path: Annotated[Path, typer.Argument(help="SEC's companyfacts.zip or submissions.zip.")],
    tickers: Annotated[
        str | None, typer.Option(metavar="A,B", help="Load these companies only.")
    ] = None,
) -> None:
    """Load the watchlist's companies from one of SEC's bulk archives, without publishing."""
    from flows.cli import bulk_command

    bulk_command.run(path, _split(tickers))


@app.command()
def plan(
    source: Annotated[
        str | None, typer.Option("--source", metavar="SOURCE", help="Show one source's plan only.")
    ] = None,
) -> None:
    """Show on which questions the last night spent its quotas, and why."""
    from flows.cli import plan_command

    plan_command.run(source)


@app.command()
def backup(
    folder: Annotated[Path, typer.Argument(help="A new folder; the archive stays.")],
) -> None:
    """Write the warehouse to a folder, also while a night runs, and check the archive."""
    from flows.cli import backup_command

    backup_command.run_backup(folder)


@app.command()
def restore(
    folder: Annotated[Path, typer.Argument(help="A folder that corpintel backup wrote.")],
) -> None:
    """Fill an empty warehouse from a backup, whole or not at all."""
    from flows.cli import backup_command

    backup_command.run_restore(folder)


@app.command()
def chaos(
    quick: Annotated[bool, typer.Option("--quick", help="A few points of each drill.")] = False,
    seed: Annotated[
        str | None,
        typer.Option(metavar="N", help="Choose the points as an earlier drill did."),
    ] = None,
) -> None:
    """Break nights on purpose in throw-away homes, and say which promises held."""
    from flows.cli import chaos_command

    chaos_command.run(quick, seed)


@app.command()
def doctor() -> None:
    """Say which settings, warehouse and versions are in use, and what is wrong with them."""
    from flows.cli import doctor_command

    doctor_command.run()


@app.command()
def report(
    out: Annotated[
        Path | None, typer.Option("--out", help="Where to write it; default HOME/report.html.")
    ] = None,
) -> None:
    """Write one self-contained page of the companies and segments."""
    from flows.cli import report_command

    report_command.run(out)


@app.command()
def deploy(
    serve: Annotated[
        bool,
        typer.Option("--serve", help="Run a worker in the foreground afterwards."),
    ] = False,
) -> None:
    """Register the deployments of prefect.yaml with the Prefect server in use."""
    from flows.cli import deploy_command

    deploy_command.run(serve)


def _number(option: str, value: str) -> int:
    """Parsed here and not by typer, whose refusals are boxes of several lines."""
    if not (value.isascii() and value.isdigit()):
        raise BadRequestError(f"{option} {value!r} is not a whole number; write it like 10")
    return int(value)


def _split(tickers: str | None) -> list[str] | None:
    if tickers is None:
        return None
    symbols = [symbol.strip() for symbol in tickers.split(",") if symbol.strip()]
    if not symbols:
        raise BadRequestError("--tickers names no ticker; write it like --tickers DUOL,COUR")
    return symbols


def main() -> None:
    """Run the command line: exit code 2 for a wrong request, 1 for a night that failed."""
    from flows.cli.refusals import failures, refusals

    code = 0
    try:
        # Alone, the command is a request for help and not a mistake.
        app(sys.argv[1:] or ["--help"])
    except refusals() as error:
        print(f"corpintel: {error}", file=sys.stderr)
        code = 2
    except failures() as error:
        print(f"corpintel: {error}; readers stay on the last good night", file=sys.stderr)
        code = 1
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except Exception:
        traceback.print_exc()
        code = 1
    if "prefect" in sys.modules:
        _leave(code)
    raise SystemExit(code)


def _leave(code: int) -> None:
    """Do what is due at exit and end without the interpreter's own farewell.

    Prefect's daemon threads still run then, and one that is inside a compiled library aborts the
    process ("FATAL: exception not rethrown"): a night that published would end with code 134.
    """
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
