"""Rows for programs: each format has the values that the rows had."""

import csv
import io
import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import openpyxl
import orjson
import pyarrow
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import ipc, parquet

from reports.formats import FormatError, write
from warehouse.read.statement import Column, Kind

COLUMNS = [Column(kind.value, kind) for kind in Kind]
ROW = (
    True,
    2**60,
    0.5,
    Decimal("12345678901234567890123456.123456"),
    date(2024, 2, 29),
    datetime(2026, 7, 10, 23, 30, tzinfo=timezone(timedelta(hours=-4))),
    "=1+1",
)
NOTHING = (None,) * len(COLUMNS)


def written(rows: Sequence[Sequence[Any]], form: str, exact: bool = False) -> bytes:
    out = io.BytesIO()
    assert write(COLUMNS, rows, form, out, exact=exact) == len(rows)
    return out.getvalue()


def test_csv_has_texts_and_nothing_where_nothing_is() -> None:
    assert written([ROW, NOTHING], "csv").decode().splitlines() == [
        "boolean,integer,float,decimal,date,timestamp,text",
        "True,1152921504606846976,0.5,12345678901234567890123456.123456,2024-02-29,"
        "2026-07-10 23:30:00-04:00,'=1+1",
        ",,,,,,",
    ]


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r"])
def test_csv_has_no_text_that_a_spreadsheet_would_run(begin: str) -> None:
    for text in (f"{begin}cmd|' /C calc'!A0", begin, f"{begin}1+1"):
        [_, [cell]] = csv.reader(io.StringIO(_csv_of("name", text), newline=""))
        assert cell == f"'{text}"
    [[name], _] = csv.reader(io.StringIO(_csv_of(f"{begin}name", 1), newline=""))
    assert name == f"'{begin}name"


def test_csv_has_no_row_that_begins_within_a_text() -> None:
    for text in ("a\r=1+1", "a\n=1+1", "a\r\n=1+1", 'a",=1+1', "a,=1+1"):
        written_as = text.replace('"', '""')
        assert _csv_of("name", text) == f'name\n"{written_as}"\n'


@pytest.mark.parametrize("value", [-1, Decimal("-0.5"), -0.5, "-12", "-0.25", "a=b", " =1", "'=1"])
def test_csv_leaves_numbers_and_other_texts_alone(value: Any) -> None:
    [_, [cell]] = csv.reader(io.StringIO(_csv_of("name", value), newline=""))
    assert cell == str(value)


def _csv_of(name: str, value: Any) -> str:
    out = io.BytesIO()
    write([Column(name)], [[value]], "csv", out)
    return out.getvalue().decode()


def test_json_has_numbers_with_all_their_digits() -> None:
    [line, nothing] = written([ROW, NOTHING], "jsonl").splitlines()
    assert b'"decimal":12345678901234567890123456.123456,' in line
    told = json.loads(line, parse_float=Decimal)
    assert told["decimal"] == ROW[3]
    assert told["integer"] == ROW[1]
    assert datetime.fromisoformat(told["timestamp"]) == ROW[5]
    assert set(json.loads(nothing).values()) == {None}
    assert json.loads(written([ROW, NOTHING], "json"), parse_float=Decimal) == [
        told,
        json.loads(nothing),
    ]


def test_exact_json_has_decimals_as_texts() -> None:
    told = json.loads(written([ROW], "jsonl", exact=True))
    assert told["decimal"] == "12345678901234567890123456.123456"
    assert told["integer"] == ROW[1]


def _table(rows: Sequence[Sequence[Any]], form: str) -> pyarrow.Table:
    read = pyarrow.BufferReader(written(rows, form))
    return parquet.read_table(read) if form == "parquet" else ipc.open_stream(read).read_all()


@pytest.mark.parametrize("form", ["parquet", "arrow"])
def test_tables_have_the_types_that_were_promised(form: str) -> None:
    table = _table([ROW, NOTHING], form)
    assert [str(field.type) for field in table.schema] == [
        "bool",
        "int64",
        "double",
        "decimal128(38, 6)",
        "date32[day]",
        "timestamp[us, tz=UTC]",
        "string",
    ]
    assert [tuple(row.values()) for row in table.to_pylist()] == [ROW, NOTHING]
    assert _table([], form).schema == table.schema


def test_a_workbook_has_times_in_utc_and_no_formula() -> None:
    book = openpyxl.load_workbook(io.BytesIO(written([ROW, NOTHING], "xlsx")))
    rows = list(book.active.iter_rows())
    assert [cell.value for cell in rows[0]] == [column.name for column in COLUMNS]
    assert [cell.value for cell in rows[1]] == [
        True,
        float(2**60),
        0.5,
        pytest.approx(1.2345678901234568e25, rel=1e-15),
        datetime(2024, 2, 29),
        datetime(2026, 7, 11, 3, 30),
        "=1+1",
    ]
    assert rows[1][-1].data_type == "s"


def test_what_a_format_cannot_hold_is_told_with_its_column() -> None:
    huge = [None] * 3 + [Decimal(10) ** 33] + [None] * 3
    with pytest.raises(FormatError, match=r"column decimal .* cast the column to text"):
        written([huge], "parquet")
    with pytest.raises(FormatError, match=r"column text has a text of 32,768 characters"):
        written([(*NOTHING[:-1], "a" * 32_768)], "xlsx")


def test_a_text_stays_as_it_is_whatever_line_ends_it_has() -> None:
    text = "a\u2028b\x85c\x0bd\ne"
    assert json.loads(written([(*NOTHING[:-1], text)], "json"))[0]["text"] == text


def test_what_is_no_number_of_excel_is_a_text() -> None:
    endless = [None, None, float("inf"), Decimal("NaN"), None, None, None]
    book = openpyxl.load_workbook(io.BytesIO(written([endless], "xlsx")))
    assert [cell.value for cell in list(book.active.iter_rows())[1]][2:4] == ["inf", "NaN"]


def test_two_columns_of_one_name_are_refused_where_one_would_be_lost() -> None:
    twice = [Column("value"), Column("value")]
    with pytest.raises(FormatError, match="two columns are named value"):
        write(twice, [(1, 2)], "jsonl", io.BytesIO())
    out = io.BytesIO()
    write(twice, [(1, 2)], "csv", out)
    assert out.getvalue() == b"value,value\n1,2\n"


@given(
    st.lists(
        st.tuples(
            st.none() | st.booleans(),
            st.none() | st.integers(-(2**63), 2**63 - 1),
            st.none() | st.floats(allow_nan=False, allow_infinity=False),
            st.none() | st.decimals(-(10**30), 10**30, places=6),
            st.none() | st.dates(),
            st.none() | st.datetimes(timezones=st.just(UTC)),
            st.none() | st.text(st.characters(exclude_categories=["Cs"])),
        ),
        max_size=20,
    )
)
def test_any_rows_come_back_as_they_were(rows: list[tuple[Any, ...]]) -> None:
    for form in ("parquet", "arrow"):
        assert [tuple(row.values()) for row in _table(rows, form).to_pylist()] == rows
    for line, row in zip(written(rows, "jsonl").splitlines(), rows, strict=True):
        told = json.loads(line, parse_float=Decimal)
        assert told["decimal"] == row[3]
        assert told["text"] == row[6]
        assert orjson.loads(line)["float"] == row[2]
