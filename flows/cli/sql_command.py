"""corpintel sql: one read-only statement, as the role that sees schema marts alone."""

import sys
from pathlib import Path
from typing import Annotated, Any

import psycopg
import typer

from flows.cli.options import FormatOption, OutputFormat
from flows.cli.printing import print_rows
from flows.night.bad_request import BadRequestError
from warehouse.db import open_warehouse
from warehouse.settings import load_settings

app = typer.Typer(add_completion=False)


@app.command()
def sql(
    statement: Annotated[
        str | None, typer.Argument(help="One SELECT; - reads it from standard input.")
    ] = None,
    file: Annotated[Path | None, typer.Option("-f", "--file", help="Read it from a file.")] = None,
    format_: FormatOption = OutputFormat.table,
) -> None:
    """Ask the marts, read-only, as the role that analysts use."""
    text = _read(statement, file)
    with open_warehouse(load_settings()) as warehouse:
        names, rows = _query(warehouse.reader_url(), text)
    print_rows(names, rows, format_.value)


def _read(statement: str | None, file: Path | None) -> str:
    if (statement is None) == (file is None):
        raise BadRequestError('give one statement: corpintel sql "select …", -f FILE, or -')
    try:
        text = file.read_text(encoding="utf-8") if file else str(statement)
    except (OSError, UnicodeDecodeError) as error:
        raise BadRequestError(f"-f {file}: {error}; name a readable UTF-8 file") from None
    if text.strip() == "-":
        text = sys.stdin.read()
    text = text.strip().rstrip(";")
    if not text:
        raise BadRequestError("the statement is empty; write one SELECT")
    return text


def _query(url: str, text: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    try:
        with psycopg.connect(url, options="-c default_transaction_read_only=on") as connection:
            # Only the extended protocol is asked for: it takes one statement at a time.
            cursor = connection.execute(text.encode(), prepare=True)
            names = [column.name for column in cursor.description or ()]
            return names, cursor.fetchall() if names else []
    except psycopg.errors.ReadOnlySqlTransaction:
        raise BadRequestError("the statement writes; corpintel sql only reads") from None
    except psycopg.errors.InsufficientPrivilege as error:
        raise BadRequestError(
            f"{_first_line(error)}; corpintel sql reads schema marts and writes nothing"
        ) from None
    except psycopg.OperationalError as error:
        raise BadRequestError(
            f"the read-only role cannot connect: {_first_line(error)}; run corpintel nightly or "
            "corpintel db migrate first, or check CORPINTEL_READER_PASSWORD"
        ) from None
    except psycopg.Error as error:
        raise BadRequestError(f"the statement failed: {_first_line(error)}") from None


def _first_line(error: psycopg.Error) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
