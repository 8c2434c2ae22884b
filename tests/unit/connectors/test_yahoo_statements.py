"""Yahoo's statements become single values with period, statement and currency."""

import csv
import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import httpx
import pytest

from connectors.errors import BadBodyError, NotFoundError, RetryableError, StopSourceError
from connectors.yahoo_statements import YahooStatement
from connectors.yahoo_statements.fetch import fetch_crumb, fetch_statements
from connectors.yahoo_statements.parse import parse_statements
from tests.recorded import recorded
from tests.unit.connectors.stubs import ListLog, make_client

BASE = "https://yahoo.example"
HOSTS = {"yahoo": ["yahoo.example", "cookie.example"]}
CODES = {"IS": "income", "BS": "balance", "CF": "cash_flow", "A": "annual", "Q": "quarter"}


def wire(result: object) -> bytes:
    return json.dumps({"quoteSummary": {"result": [result], "error": None}}).encode()


def recorded_wire(ticker: str) -> bytes:
    path = recorded("market", "yahoo_quoteSummary", f"{ticker}.json")
    return wire(json.loads(path.read_bytes()))


def one_value(given: object, end: object = None) -> bytes:
    statement = {"maxAge": 1, "endDate": end or {"raw": 1625011200}, "totalRevenue": given}
    return wire(
        {
            "incomeStatementHistory": {"incomeStatementHistory": [statement]},
            "financialData": {"financialCurrency": "USD"},
            "price": {"symbol": "X"},
        }
    )


def test_adtalem_revenue_of_2021() -> None:
    parsed = parse_statements(recorded_wire("ATGE"), "ATGE")
    assert (
        YahooStatement(
            "ATGE",
            "USD",
            "annual",
            "income",
            date(2021, 6, 30),
            "totalRevenue",
            Decimal(1_112_380_000),
        )
        in parsed.rows["yahoo_statements"]
    )
    assert parsed.rejects == []


def test_every_exported_figure_is_found_again() -> None:
    path = recorded("figures", "education_statements_2022-04-24.csv")
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 1802
    tickers = {row["ticker"] for row in rows}
    parsed = {
        value
        for ticker in tickers
        for value in parse_statements(recorded_wire(ticker), ticker).rows["yahoo_statements"]
    }
    assert {
        YahooStatement(
            row["ticker"],
            row["financial_currency"],
            CODES[row["period"]],
            CODES[row["statement"]],
            date.fromisoformat(row["period_end"]),
            row["field"],
            Decimal(row["value"]),
        )
        for row in rows
    } <= parsed


@pytest.mark.parametrize("given", [{}, None])
def test_a_missing_value_makes_no_row(given: object) -> None:
    parsed = parse_statements(one_value(given), "X")
    assert (parsed.rows, parsed.rejects) == ({"yahoo_statements": []}, [])


@pytest.mark.parametrize("given", [{"fmt": "1B"}, {"raw": "1"}, {"raw": True}, 5, [], "x"])
def test_a_value_without_a_number_is_a_reject(given: object) -> None:
    parsed = parse_statements(one_value(given), "X")
    assert parsed.rows["yahoo_statements"] == []
    assert [reject.rule for reject in parsed.rejects] == ["value_not_numeric"]


def test_a_statement_without_a_period_is_a_reject() -> None:
    parsed = parse_statements(one_value({"raw": 1}, {"raw": 10**30}), "X")
    assert [reject.rule for reject in parsed.rejects] == ["period_end_mistyped"]


@pytest.mark.parametrize(
    "result",
    [
        {"financialData": {"financialCurrency": "USD"}, "price": {"symbol": "Y"}},
        {"financialData": {"financialCurrency": None}, "price": {"symbol": "X"}},
        {},
    ],
)
def test_another_ticker_or_no_currency_is_refused(result: object) -> None:
    with pytest.raises(BadBodyError):
        parse_statements(wire(result), "X")


def test_errors_in_the_envelope() -> None:
    with pytest.raises(NotFoundError):
        parse_statements(b'{"quoteSummary":{"result":null,"error":{"code":"Not Found"}}}', "X")
    with pytest.raises(StopSourceError):
        parse_statements(b'{"finance":{"result":null,"error":{"code":"Unauthorized"}}}', "X")


def test_the_crumb_is_used_and_kept_nowhere(tmp_path: Path) -> None:
    log = ListLog()
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        if request.url.host == "cookie.example":
            return httpx.Response(404, headers={"set-cookie": "A3=z; Domain=.example; Path=/"})
        if request.url.path.endswith("getcrumb"):
            return httpx.Response(200, content=b"aB/c.dEf12\n")
        return httpx.Response(200, content=one_value({"raw": 1}))

    with make_client(tmp_path, answer, log=log, hosts=HOSTS) as client:
        crumb = fetch_crumb(client, BASE, "https://cookie.example/")
        response = fetch_statements(client, BASE, "X", crumb)
    assert asked[-1].url.params["crumb"] == crumb == "aB/c.dEf12"
    assert len(log.captures) == 1
    assert "crumb" not in f"{response.capture.request_key} {response.capture.url}"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"Too Many Requests\r\n", RetryableError),
        (b"", StopSourceError),
        (b"<!DOCTYPE html>", StopSourceError),
        (b'{"finance":{"error":"x"}}', StopSourceError),
        (b"two words", StopSourceError),
        (b"\xff\xfe", StopSourceError),
    ],
)
def test_a_text_that_is_no_crumb_is_never_used(
    tmp_path: Path, body: bytes, kind: type[Exception]
) -> None:
    with (
        make_client(tmp_path, lambda _: httpx.Response(200, content=body), hosts=HOSTS) as client,
        pytest.raises(kind),
    ):
        fetch_crumb(client, BASE)
