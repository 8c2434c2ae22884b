"""corpintel sql: one read-only statement, as the role that sees schema marts alone."""

import sys
from pathlib import Path

from flows.bad_request import BadRequestError
from flows.cli.printing import print_rows
from warehouse.db import open_warehouse
from warehouse.read.statement import ask
from warehouse.settings import load_settings


def run(statement: str | None, file: Path | None, output: str) -> None:
    """Read the statement, run it and print its rows as a table, CSV or JSON."""
    text = _read(statement, file)
    with open_warehouse(load_settings()) as warehouse:
        answer = ask(warehouse, text)
    print_rows(answer.names, answer.rows, output)


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
