"""Rows on a terminal, as a table, or for a program."""

import sys
from collections.abc import Iterable, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from reports.formats import as_text, write
from warehouse.read.statement import Column


def print_rows(names: Sequence[str], rows: Iterable[Sequence[Any]], output: str) -> None:
    """Print rows in the form "table", "csv" or "json"; only a table holds all of them at once."""
    if output == "table":
        print_table(names, rows)
    else:
        write([Column(name) for name in names], rows, output, sys.stdout.buffer)


def print_table(names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Print rows as a table, and how many there are."""
    table = Table()
    for name in names:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*("" if value is None else as_text(value) for value in row))
    Console().print(table)
    print(f"{table.row_count:,} rows")
