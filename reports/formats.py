"""A question's rows for programs: CSV, JSON, JSON lines, Parquet, Arrow or a workbook of Excel.

Rows are written as they come; no format holds all of them. Times are UTC. JSON has numbers as
numbers with all their digits; Parquet and Arrow have decimals of six places (decimal128(38, 6)); a
cell of Excel is a float of 15 digits and has no zone. A text of CSV that a spreadsheet would run as
a formula has an apostrophe before it.
"""

import csv
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date
from decimal import Context, Decimal, InvalidOperation
from itertools import islice
from math import isfinite
from typing import TYPE_CHECKING, Any, BinaryIO, Final

import orjson

from warehouse.read.statement import Column, Kind

if TYPE_CHECKING:
    import pyarrow
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

Rows = Iterable[Sequence[Any]]

# Formats that are bytes, and nothing to look at on a terminal.
BINARY: Final = frozenset({"parquet", "xlsx"})
# The pages' own CSV has the same rule (assets/site.js).
_RUN_BY_SPREADSHEETS: Final = re.compile(r"(?!-?\d+(\.\d+)?\Z)[=+@\t\r-]")
# csv quotes texts that have a part of it; a bare carriage return ends a row in spreadsheets.
_CSV_LINE_END: Final = "\r\n"
_ROWS_AT_ONCE: Final = 10_000
_PLACES: Final = Decimal("0.000001")
_DIGITS: Final = Context(prec=38)
_MOST_EXCEL_ROWS: Final = 1_048_575
_MOST_EXCEL_CHARACTERS: Final = 32_767
_NUMBERS: Final = frozenset({Kind.integer, Kind.float, Kind.decimal})
# Excel's calendar begins then.
_FIRST_EXCEL_DAY: Final = date(1900, 3, 1)


class FormatError(ValueError):
    """Rows that the format cannot hold; the message says which, and what to do."""


def write(
    columns: Sequence[Column], rows: Rows, form: str, out: BinaryIO, *, exact: bool = False
) -> int:
    """Write the rows as one of FORMATS; return how many there were.

    `exact` makes decimals in JSON texts, for readers whose numbers are floats. Raises FormatError
    for a value that the format cannot hold.
    """
    counted = _Counted(rows)
    _WRITERS[form](columns, counted, out, exact)
    return counted.count


class _Counted:
    """Rows that are counted as they pass."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self.count = 0

    def __iter__(self) -> Iterator[Sequence[Any]]:
        for row in self._rows:
            self.count += 1
            yield row


class _Encoded:
    """What csv writes to: each line goes on as bytes at once, and ends with a line feed."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out

    def write(self, text: str) -> int:
        return self._out.write(f"{text.removesuffix(_CSV_LINE_END)}\n".encode())


def _csv(columns: Sequence[Column], rows: Rows, out: BinaryIO, _exact: bool) -> None:
    writer = csv.writer(_Encoded(out), lineterminator=_CSV_LINE_END)
    writer.writerow([_for_sheet(column.name) for column in columns])
    writer.writerows(
        [None if value is None else _for_sheet(value) for value in row] for row in rows
    )


def _for_sheet(value: Any) -> str:
    """A value as a cell of CSV: a text that begins like a formula is told to be a text.

    That is one that begins with =, +, -, @, a tab or a carriage return, and is no plain number.
    """
    text = as_text(value)
    if isinstance(value, str) and _RUN_BY_SPREADSHEETS.match(text):
        return f"'{text}"
    return text


def _json(columns: Sequence[Column], rows: Rows, out: BinaryIO, exact: bool) -> None:
    before = "["
    for record in _records(columns, rows):
        told = orjson.dumps(record, default=_told(exact), option=orjson.OPT_INDENT_2).decode()
        # A text may have line ends of other kinds, which stay as they are.
        shifted = told.replace("\n", "\n  ")
        out.write(f"{before}\n  {shifted}".encode())
        before = ","
    out.write(b"[]\n" if before == "[" else b"\n]\n")


def _json_lines(columns: Sequence[Column], rows: Rows, out: BinaryIO, exact: bool) -> None:
    for record in _records(columns, rows):
        out.write(orjson.dumps(record, default=_told(exact), option=orjson.OPT_APPEND_NEWLINE))


def _records(columns: Sequence[Column], rows: Rows) -> Iterator[dict[str, Any]]:
    names = [column.name for column in columns]
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise FormatError(f"two columns are named {twice[0]}, and JSON needs other names: use as")
    for row in rows:
        yield dict(zip(names, row, strict=True))


def _told(exact: bool) -> Callable[[Any], Any]:
    def told(value: Any) -> Any:
        if isinstance(value, Decimal):
            if not value.is_finite():
                return None
            digits = format(value, "f")
            return digits if exact else orjson.Fragment(digits)
        return str(value)

    return told


def as_json(value: Any) -> bytes:
    """Dicts, lists, dataclasses and plain values as JSON, its numbers with all their digits."""
    return orjson.dumps(value, default=_told(exact=False))


def as_text(value: Any) -> str:
    """A value as CSV and tables show it; lists and objects are JSON."""
    if isinstance(value, dict | list):
        return as_json(value).decode()
    return str(value)


def _parquet(columns: Sequence[Column], rows: Rows, out: BinaryIO, _exact: bool) -> None:
    from pyarrow import parquet

    schema = _schema(columns)
    with parquet.ParquetWriter(out, schema, compression="zstd") as writer:
        for table in _tables(columns, schema, rows):
            writer.write_table(table)


def _arrow(columns: Sequence[Column], rows: Rows, out: BinaryIO, _exact: bool) -> None:
    from pyarrow import ipc

    schema = _schema(columns)
    with ipc.new_stream(out, schema) as writer:
        for table in _tables(columns, schema, rows):
            writer.write_table(table)


def _schema(columns: Sequence[Column]) -> "pyarrow.Schema":
    import pyarrow

    return pyarrow.schema([(column.name, _arrow_type(column.kind)) for column in columns])


def _tables(
    columns: Sequence[Column], schema: "pyarrow.Schema", rows: Rows
) -> "Iterator[pyarrow.Table]":
    import pyarrow

    passing = iter(rows)
    while some := list(islice(passing, _ROWS_AT_ONCE)):
        arrays = [
            pyarrow.array([_for_arrow(column, row[place]) for row in some], of_type)
            for place, (column, of_type) in enumerate(zip(columns, schema.types, strict=True))
        ]
        yield pyarrow.Table.from_arrays(arrays, schema=schema)


def _arrow_type(kind: Kind) -> "pyarrow.DataType":
    import pyarrow

    types: Mapping[Kind, pyarrow.DataType] = {
        Kind.boolean: pyarrow.bool_(),
        Kind.integer: pyarrow.int64(),
        Kind.float: pyarrow.float64(),
        Kind.decimal: pyarrow.decimal128(38, 6),
        Kind.date: pyarrow.date32(),
        Kind.timestamp: pyarrow.timestamp("us", "UTC"),
        Kind.text: pyarrow.string(),
    }
    return types[kind]


def _for_arrow(column: Column, value: Any) -> Any:
    if value is None:
        return None
    if column.kind is Kind.text:
        return as_text(value)
    if column.kind is Kind.decimal:
        if not value.is_finite():
            return None
        try:
            return value.quantize(_PLACES, context=_DIGITS)
        except InvalidOperation:
            raise FormatError(
                f"column {column.name} has the value {value}, and a decimal of Parquet has at most "
                "32 digits before its point; cast the column to text"
            ) from None
    return value


def _workbook(columns: Sequence[Column], rows: Rows, out: BinaryIO, _exact: bool) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(out, {"constant_memory": True}) as book:
        sheet = book.add_worksheet("rows")
        sheet.freeze_panes(1, 0)
        heading = book.add_format({"bold": True})
        shown = {
            Kind.date: book.add_format({"num_format": "yyyy-mm-dd"}),
            Kind.timestamp: book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
        }
        for place, column in enumerate(columns):
            sheet.set_column(place, place, max(12, len(column.name) + 2))
            sheet.write_string(0, place, column.name, heading)
        for number, row in enumerate(rows, start=1):
            if number > _MOST_EXCEL_ROWS:
                raise FormatError(
                    f"a sheet of Excel holds {_MOST_EXCEL_ROWS:,} rows and there are more; ask for "
                    "less, or write --format parquet"
                )
            for place, (column, value) in enumerate(zip(columns, row, strict=True)):
                if value is not None:
                    _write_cell(sheet, number, place, column, value, shown.get(column.kind))


def _write_cell(
    sheet: "Worksheet", row: int, place: int, column: Column, value: Any, shown: "Format | None"
) -> None:
    """Write a value as what it is: a text that looks like a formula stays a text."""
    if column.kind is Kind.boolean:
        sheet.write_boolean(row, place, value)
    elif column.kind in _NUMBERS and isfinite(value):
        sheet.write_number(row, place, float(value))
    elif column.kind is Kind.timestamp:
        sheet.write_datetime(row, place, value.astimezone(UTC).replace(tzinfo=None), shown)
    elif column.kind is Kind.date and value >= _FIRST_EXCEL_DAY:
        sheet.write_datetime(row, place, value, shown)
    else:
        text = as_text(value)
        if len(text) > _MOST_EXCEL_CHARACTERS:
            raise FormatError(
                f"column {column.name} has a text of {len(text):,} characters, and a cell of Excel "
                f"holds {_MOST_EXCEL_CHARACTERS:,}; leave the column out, or write --format parquet"
            )
        sheet.write_string(row, place, text)


_WRITERS: Final[Mapping[str, Callable[[Sequence[Column], Rows, BinaryIO, bool], None]]] = {
    "csv": _csv,
    "json": _json,
    "jsonl": _json_lines,
    "parquet": _parquet,
    "arrow": _arrow,
    "xlsx": _workbook,
}
# `arrow` is the stream of Arrow's IPC.
FORMATS: Final = tuple(_WRITERS)
