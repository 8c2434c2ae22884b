"""corpintel sql: one read-only statement, as the role of readers or that of operators."""

import contextlib
import sys
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from flows.cli.ending import tidied
from flows.cli.options import ReadingRole
from flows.cli.printing import print_table
from flows.night.bad_request import BadRequestError
from reports.formats import BINARY, FormatError, write
from warehouse.db import open_warehouse
from warehouse.read.statement import ask
from warehouse.settings import load_settings

app = typer.Typer(add_completion=False)


class AnswerFormat(StrEnum):
    """How an answer is written."""

    table = "table"
    csv = "csv"
    json = "json"
    jsonl = "jsonl"
    parquet = "parquet"
    xlsx = "xlsx"


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
    format_: Annotated[
        AnswerFormat | None,
        typer.Option(
            "--format", help="How to write the rows; a table, or what the name after --out says."
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Write them to this file, whole or not at all.")
    ] = None,
    exact: Annotated[
        bool, typer.Option("--exact", help="Write decimals in JSON as texts, not as numbers.")
    ] = False,
) -> None:
    """Ask the marts, read-only, as the role that analysts use, or as operators do."""
    text = _read(statement, file)
    form = _format(format_, out, exact)
    as_operator = as_ is ReadingRole.operator
    with (
        open_warehouse(load_settings()) as warehouse,
        tidied(),
        ask(warehouse, text, as_operator=as_operator) as answer,
    ):
        if form is AnswerFormat.table:
            print_table([column.name for column in answer.columns], answer.rows)
            return
        try:
            with _opened(out) as file_out:
                count = write(answer.columns, answer.rows, form.value, file_out, exact=exact)
        except FormatError as error:
            raise BadRequestError(str(error)) from None
    if out is not None:
        print(f"{count:,} rows in {out.absolute()}")


def _format(given: AnswerFormat | None, out: Path | None, exact: bool) -> AnswerFormat:
    """The format that is asked for, by --format or else by the file's name."""
    named = out.suffix.removeprefix(".") if out is not None else AnswerFormat.table.value
    if given is None and named not in set(AnswerFormat):
        files = ", ".join(form for form in AnswerFormat if form is not AnswerFormat.table)
        raise BadRequestError(f"--out {out}: its end names no format; give --format: {files}")
    form = given or AnswerFormat(named)
    if form is AnswerFormat.table and out is not None:
        raise BadRequestError(f"--out {out}: a table is for the terminal; give another --format")
    if exact and form not in (AnswerFormat.json, AnswerFormat.jsonl):
        raise BadRequestError(f"--exact is for JSON, and the format is {form}; leave it out")
    if form in BINARY and out is None:
        raise BadRequestError(f"--format {form} is for a file; name it with --out")
    return form


@contextlib.contextmanager
def _opened(out: Path | None) -> Iterator[BinaryIO]:
    """Standard output, or a file that is there when all rows are in it."""
    if out is None:
        yield sys.stdout.buffer
        return
    partial = out.with_name(f".{out.name}.partial")
    try:
        try:
            with partial.open("wb") as file:
                yield file
            partial.replace(out)
        finally:
            partial.unlink(missing_ok=True)
    except OSError as error:
        raise BadRequestError(
            f"--out {out} cannot be written ({error.strerror or error}); name another place"
        ) from None


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
