"""Rows on a terminal or for a program: as a table, CSV or JSON."""

import csv
import json
import sys
from collections.abc import Iterable, Sequence
from textwrap import indent
from typing import Any

from rich.console import Console
from rich.table import Table


def print_rows(names: Sequence[str], rows: Iterable[Sequence[Any]], output: str) -> None:
    """Print rows in the form "table", "csv" or "json"; only a table holds all of them at once."""
    {"table": _table, "csv": _csv, "json": _json}[output](names, rows)


def _table(names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    table = Table()
    for name in names:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*("" if value is None else _text(value) for value in row))
    Console().print(table)
    print(f"{table.row_count:,} rows")


def _csv(names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([None if v is None else _text(v) for v in row] for row in rows)


def _json(names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    before = "["
    for row in rows:
        record = dict(zip(names, row, strict=True))
        told = json.dumps(record, default=str, indent=2, ensure_ascii=False)
        print(before, indent(told, "  "), sep="\n", end="")
        before = ","
    print("[]" if before == "[" else "\n]")


def _text(value: Any) -> str:
    return json.dumps(value, default=str) if isinstance(value, dict | list) else str(value)
