"""The same rows in every format, with the types that the marts have."""

import csv
import io
import json
from decimal import Decimal
from typing import Any

import httpx
import pyarrow
import pytest
from pyarrow import ipc, parquet

from api.answers import MEDIA_TYPES
from api.companies import LISTS
from tests.api.serving import exact, problem

# The client of the sample comes from `sample_nights`.
ROUTES = (
    *(f"companies/MADEUP/{name}" for name in LISTS),
    "companies", "companies/DUOL", "companies/DUOL/performance", "segments", "lines",
    "companies/DUOL/financials?line=eps_diluted", "changes?company=DUOL", "publications",
    "dictionary?mart=mart_news", "quality", "search?q=revenue",
    "screen?where=quarter.revenue_ttm>0",
    "financials?company=DUOL,NVDA&line=revenue",
)  # fmt: skip


def rows_of(answer: httpx.Response) -> list[dict[str, Any]]:
    """JSON's rows, of a list or one."""
    data = exact(answer)["data"]
    return data if isinstance(data, list) else [data]


def table(answer: httpx.Response) -> pyarrow.Table:
    assert answer.status_code == 200, answer.text
    read = pyarrow.BufferReader(answer.content)
    if answer.headers["content-type"] == MEDIA_TYPES["parquet"]:
        return parquet.read_table(read)
    return ipc.open_stream(read).read_all()


def as_json_tells(value: Any) -> Any:
    """A value of a table as JSON has it."""
    if value is None or isinstance(value, bool | int | Decimal | str):
        return value
    return value.isoformat()


def same(told: Any, value: Any) -> bool:
    """Whether JSON and a table tell the same; a list or an object is a text of a table."""
    if isinstance(told, dict | list):
        return bool(json.loads(value, parse_float=Decimal) == told)
    if isinstance(told, Decimal | int) and not isinstance(told, bool):
        return round(Decimal(told), 6) == value
    return bool(told == value)


@pytest.mark.parametrize("route", ROUTES)
def test_a_table_has_the_rows_of_json(client: httpx.Client, route: str) -> None:
    rows = rows_of(client.get(f"/v1/{route}"))
    assert rows
    for form in ("parquet", "arrow"):
        answer = client.get(f"/v1/{route}", headers={"accept": MEDIA_TYPES[form]})
        told = table(answer)
        assert told.num_rows == len(rows)
        for row, other in zip(told.to_pylist(), rows, strict=True):
            assert list(row) == list(other)
            for name, value in row.items():
                assert same(other[name], as_json_tells(value)), (form, name)


@pytest.mark.parametrize("route", ROUTES)
def test_lines_of_json_are_the_rows_of_json(client: httpx.Client, route: str) -> None:
    rows = rows_of(client.get(f"/v1/{route}"))
    answer = client.get(f"/v1/{route}", headers={"accept": "application/x-ndjson"})
    assert answer.headers["content-type"] == "application/x-ndjson"
    assert [json.loads(line, parse_float=Decimal) for line in answer.text.splitlines()] == rows


def test_types_are_those_of_the_mart(client: httpx.Client) -> None:
    told = table(client.get("/v1/companies/DUOL/financials?line=revenue&format=arrow"))
    types = {name: str(told.schema.field(name).type) for name in told.schema.names}
    assert types["value"] == "decimal128(38, 6)"
    assert types["period_end"] == "date32[day]"
    assert types["known_from"] == "timestamp[us, tz=UTC]"
    assert types["fiscal_year"] == "int64"
    assert types["line"] == types["explanation"] == "string"
    listed = table(client.get("/v1/publications?format=parquet")).schema
    assert [str(listed.field(name).type) for name in ("as_of", "is_current", "rows_changed")] == [
        "date32[day]", "bool", "int64"]  # fmt: skip


@pytest.mark.parametrize(
    ("accept", "content"),
    [
        ("*/*", "application/json"),
        ("image/png", "application/json"),
        ("text/csv;q=0.5, application/x-ndjson", "application/x-ndjson"),
        ("application/json;q=0.1, text/csv;q=0.2", "text/csv"),
        ("text/csv;q=0, application/json;q=0", "application/json"),
        ("application/json, text/csv", "application/json"),
    ],
)
def test_the_client_says_what_it_likes_most(
    client: httpx.Client, accept: str, content: str
) -> None:
    answer = client.get("/v1/segments", headers={"accept": accept})
    assert answer.headers["content-type"].partition(";")[0] == content
    assert "Accept" in answer.headers["vary"].split(", ")
    by_name = client.get("/v1/segments?format=csv", headers={"accept": accept})
    assert by_name.headers["content-type"].startswith("text/csv")


def test_fields_are_given_in_the_order_asked(client: httpx.Client) -> None:
    asked = "/v1/companies/DUOL/financials?line=revenue&limit=2&fields=value,period_end,unit"
    for row in exact(client.get(asked))["data"]:
        assert list(row) == ["value", "period_end", "unit"]
    told = csv.reader(io.StringIO(client.get(f"{asked}&format=csv").text, newline=""))
    assert next(told) == ["value", "period_end", "unit"]
    one = exact(client.get("/v1/companies/DUOL/performance?fields=ticker,revenue_ttm"))["data"]
    assert list(one) == ["ticker", "revenue_ttm"]
    assert exact(client.get("/v1/companies?fields=cik,cik&limit=1"))["data"][0].keys() == {"cik"}


@pytest.mark.parametrize(
    ("asked", "code", "named"),
    [
        ("companies?fields=tickers", "unknown_field", "former_tickers"),
        ("companies/DUOL/news?fields=url,tittle", "unknown_field", "did you mean title"),
        ("companies/DUOL/performance?fields=name,nmae", "unknown_field", "nmae"),
        ("companies?fields=ticker;select", "bad_parameter", "fields"),
        ("companies?fields=", "bad_parameter", "fields"),
        ("companies?format=xlsx", "bad_parameter", "parquet"),
        ("companies/DUOL/explain?line=revenue&format=csv", "bad_parameter", "format"),
    ],
)
def test_a_column_or_format_that_is_not_there_is_refused(
    client: httpx.Client, asked: str, code: str, named: str
) -> None:
    answer = client.get(f"/v1/{asked}")
    told = problem(answer)
    assert (answer.status_code, told["code"]) == (400, code)
    assert named in told["detail"] + told["cure"]
