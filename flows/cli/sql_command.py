"""corpintel sql: one read-only statement, as the role of readers or that of operators."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from flows.cli.ending import tidied
from flows.cli.options import FormatOption, OutputFormat, ReadingRole
from flows.cli.printing import print_rows
from flows.night.bad_request import BadRequestError
from warehouse.db import open_warehouse
from warehouse.read.statement import ask
from warehouse.settings import load_settings

app = typer.Typer(add_completion=False)


@app.command(epilog="Example: corpintel sql 'select ticker, name from dim_company' --format csv")
def sql(
    statement: Annotated[
        str | None, typer.Argument(help="One SELECT; - reads it from standard input.")
    ] = None,
    file: Annotated[Path | None, typer.Option("-f", "--file", help="Read it from a file.")] = None,
    as_: Annotated[
        ReadingRole,
        typer.Option("--as", help="Who asks; operators also read ops, raw and intermediate."),
    ] = ReadingRole.reader,
    format_: FormatOption = OutputFormat.table,
) -> None:
    """Ask the marts, read-only, as the role that analysts use, or as operators do."""
    text = _read(statement, file)
    as_operator = as_ is ReadingRole.operator
    with (
        open_warehouse(load_settings()) as warehouse,
        tidied(),
        ask(warehouse, text, as_operator=as_operator) as answer,
    ):
        print_rows(answer.names, answer.rows, format_.value)


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
