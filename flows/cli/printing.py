"""Rows on a terminal or for a program: as a table, CSV or JSON."""

import csv
import json
import sys
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table


def print_rows(names: Sequence[str], rows: Sequence[Sequence[Any]], output: str) -> None:
    """Print rows in the form "table", "csv" or "json"."""
    {"table": _table, "csv": _csv, "json": _json}[output](names, rows)


def _table(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    table = Table()
    for name in names:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*("" if value is None else _text(value) for value in row))
    Console().print(table)
    print(f"{len(rows):,} rows")


def _csv(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([None if v is None else _text(v) for v in row] for row in rows)


def _json(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    records = [dict(zip(names, row, strict=True)) for row in rows]
    json.dump(records, sys.stdout, default=str, indent=2, ensure_ascii=False)
    print()


def _text(value: Any) -> str:
    return json.dumps(value, default=str) if isinstance(value, dict | list) else str(value)
