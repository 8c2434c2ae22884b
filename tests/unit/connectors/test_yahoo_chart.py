"""Yahoo's charts become daily prices and events by the exchange's calendar."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from connectors.errors import (
    BadBodyError,
    NotFoundError,
    RetryableError,
    SkipError,
    SourceError,
    StopSourceError,
)
from connectors.yahoo_chart import YahooEvent, YahooPrice
from connectors.yahoo_chart.fetch import fetch_chart
from connectors.yahoo_chart.parse import parse_chart
from tests.recorded import recorded
from tests.unit.connectors.stubs import make_client

OPEN = 1_783_690_200  # 2026-07-10 09:30 in New York
CLOSE = OPEN + 23_400
DAY = 86_400


def chart(bars: list[tuple[Any, ...]], **meta: Any) -> bytes:
    names = ("timestamp", "open", "high", "low", "close", "volume", "adjclose")
    table = {name: [bar[i] for bar in bars] for i, name in enumerate(names)}
    adjusted, stamps = table.pop("adjclose"), table.pop("timestamp")
    result = {
        "meta": {"symbol": "X", "currency": "USD", "exchangeTimezoneName": "America/New_York"}
        | meta,
        "timestamp": stamps,
        "indicators": {"quote": [table], "adjclose": [{"adjclose": adjusted}]},
    }
    return json.dumps({"chart": {"result": [result], "error": None}}).encode()


def bar(stamp: int = OPEN, **changes: Any) -> tuple[Any, ...]:
    values = {"open": 1.5, "high": 2.5, "low": 1.0, "close": 2.0, "volume": 10, "adjclose": 1.9}
    return (stamp, *(values | changes).values())


def test_nvidia_as_recorded() -> None:
    parsed = parse_chart(recorded("market", "yahoo_chart", "NVDA.json").read_bytes(), "NVDA")
    assert parsed.rejects == []
    prices = parsed.rows["yahoo_prices"]
    assert len(prices) == 754
    assert (prices[0][1], prices[-1][1]) == (date(2023, 7, 10), date(2026, 7, 10))
    last = prices[-1]
    assert isinstance(last, YahooPrice)
    assert round(last.close, 2) == Decimal("210.96")
    split = YahooEvent("NVDA", date(2024, 6, 10), "split", None, Decimal(10), Decimal(1))
    assert [event for event in parsed.rows["yahoo_events"] if event[2] == "split"] == [split]
    assert len(parsed.rows["yahoo_events"]) == 13


def test_recorded_days_are_those_of_the_exported_prices() -> None:
    for ticker in ("DDOG", "DUOL", "META", "NVDA", "PLUG"):
        path = recorded("market", "yahoo_chart", f"{ticker}.json")
        parsed = parse_chart(path.read_bytes(), ticker)
        days = [row[1] for row in parsed.rows["yahoo_prices"]]
        assert len(set(days)) == 754
        assert all(day.weekday() < 5 for day in days)


def test_a_bar_field_by_field() -> None:
    assert parse_chart(chart([bar()]), "X").rows["yahoo_prices"] == [
        YahooPrice(
            "X",
            date(2026, 7, 10),
            Decimal("1.5"),
            Decimal("2.5"),
            Decimal("1.0"),
            Decimal("2.0"),
            Decimal("1.9"),
            10,
            "USD",
        )
    ]


def test_the_day_is_the_exchanges() -> None:
    body = chart([bar(OPEN)], exchangeTimezoneName="Asia/Tokyo", currency="JPY")
    assert parse_chart(body, "X").rows["yahoo_prices"][0][1] == date(2026, 7, 10)
    body = chart([bar(OPEN + 3600 * 5)], exchangeTimezoneName="Asia/Tokyo", currency="JPY")
    assert parse_chart(body, "X").rows["yahoo_prices"][0][1] == date(2026, 7, 11)


def test_null_bars_are_left_out_and_partial_ones_rejected() -> None:
    none = dict.fromkeys(("open", "high", "low", "close", "volume", "adjclose"))
    parsed = parse_chart(
        chart([bar(OPEN), bar(OPEN + DAY, **none), bar(OPEN + 3 * DAY, close=None)]), "X"
    )
    assert [row[1] for row in parsed.rows["yahoo_prices"]] == [date(2026, 7, 10)]
    assert [reject.rule for reject in parsed.rejects] == ["empty_bar"]


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"close": "2.0"}, "field_mistyped"),
        ({"open": True}, "field_mistyped"),
        ({"adjclose": "x"}, "field_mistyped"),
        ({"volume": -1}, "field_mistyped"),
        ({"volume": 1.5}, "field_mistyped"),
    ],
)
def test_a_mistyped_bar_is_a_reject(changes: dict[str, Any], rule: str) -> None:
    parsed = parse_chart(chart([bar(**changes)]), "X")
    assert parsed.rows["yahoo_prices"] == []
    assert [reject.rule for reject in parsed.rejects] == [rule]


def test_a_second_bar_of_a_day_is_a_reject() -> None:
    parsed = parse_chart(chart([bar(OPEN), bar(CLOSE, close=9.0)]), "X")
    assert [row[5] for row in parsed.rows["yahoo_prices"]] == [Decimal("2.0")]
    assert [reject.rule for reject in parsed.rejects] == ["duplicate_bar"]


@pytest.mark.parametrize(
    ("traded", "fetched", "rules"),
    [
        (CLOSE - 60, None, ["session_open"]),
        (CLOSE + 1, None, []),
        (CLOSE - 60, CLOSE + 600, []),
        (CLOSE + 1, CLOSE - 60, ["session_open"]),
    ],
)
def test_the_price_of_a_session_under_way_is_no_close(
    traded: int, fetched: int | None, rules: list[str]
) -> None:
    regular = {"start": OPEN, "end": CLOSE}
    body = chart(
        [bar(OPEN - DAY), bar(OPEN)],
        currentTradingPeriod={"regular": regular},
        regularMarketTime=traded,
    )
    fetched_at = None if fetched is None else datetime.fromtimestamp(fetched, UTC)
    parsed = parse_chart(body, "X", fetched_at)
    assert [reject.rule for reject in parsed.rejects] == rules
    assert len(parsed.rows["yahoo_prices"]) == 2 - len(rules)


def test_a_range_without_trading_days_is_empty() -> None:
    result = {
        "meta": {"symbol": "X", "currency": "USD", "exchangeTimezoneName": "America/New_York"},
        "indicators": {"quote": [{}], "adjclose": [{"adjclose": []}]},
    }
    body = json.dumps({"chart": {"result": [result], "error": None}}).encode()
    assert parse_chart(body, "X").rows == {"yahoo_prices": [], "yahoo_events": []}


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"Too Many Requests\r\n", RetryableError),
        (b'{"chart":{"result":null,"error":{"code":"Not Found"}}}', NotFoundError),
        (b'{"chart":{"result":null,"error":{"code":"Unauthorized"}}}', StopSourceError),
        (b'{"finance":{"result":null,"error":{"code":"Unauthorized"}}}', StopSourceError),
        (b'{"chart":{"result":null,"error":{"code":"Bad Request"}}}', SkipError),
        (b'{"chart":{"result":null,"error":"no"}}', SkipError),
        (b'{"chart":{"result":[],"error":null}}', NotFoundError),
        (b'{"chart":{"result":[{}],"error":null}}', BadBodyError),
        (b"<html>consent</html>", BadBodyError),
        (chart([bar()], symbol="Y"), BadBodyError),
        (chart([bar()], currency=None), BadBodyError),
        (chart([bar()], exchangeTimezoneName="Moon/Base"), BadBodyError),
        (chart([bar()], exchangeTimezoneName="../etc"), BadBodyError),
        (chart([bar()]).replace(b"[1.5]", b"[1.5, 1.5]"), BadBodyError),
    ],
)
def test_an_error_in_place_of_data_is_typed_and_makes_no_row(
    body: bytes, kind: type[SourceError]
) -> None:
    with pytest.raises(kind):
        parse_chart(body, "X")


def test_the_address_asks_for_both_ends(tmp_path: Path) -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return httpx.Response(200, content=chart([bar()]))

    with make_client(tmp_path, answer, hosts={"yahoo": ["yahoo.example"]}) as client:
        fetch_chart(client, "https://yahoo.example/", "^X/Y", date(2026, 7, 9), date(2026, 7, 10))
    assert asked == [
        "https://yahoo.example/v8/finance/chart/%5EX%2FY"
        "?period1=1783555200&period2=1783728000&interval=1d&events=div%2Csplit"
    ]
