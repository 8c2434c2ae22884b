"""Yahoo's `v8/finance/chart` JSON to daily prices and events."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connectors.bodies import bad_row, exact_number, optional_integer, required_text
from connectors.errors import BadBodyError
from connectors.records import BadRow, Parsed
from connectors.yahoo_answers import check_symbol, first_result
from connectors.yahoo_chart import SOURCE
from connectors.yahoo_chart.records import EVENTS, PRICES, YahooEvent, YahooPrice

_PRICE_FIELDS = ("open", "high", "low", "close")


def parse_chart(body: bytes, ticker: str, fetched_at: datetime | None = None) -> Parsed:
    """Rows of `yahoo_prices` and `yahoo_events`; days are those of the exchange's time zone.

    Bars that are null throughout (Yahoo's holidays) are left out. A bar with some nulls, of a
    session still open, or for a day already given becomes a reject. Whether the session was open is
    told by `fetched_at` (aware), or without it by the time of Yahoo's last trade.
    """
    result = first_result(SOURCE, body, "chart", ticker)
    meta = result.get("meta")
    if not isinstance(meta, dict):
        raise _wrong_shape("chart without meta", ticker)
    check_symbol(SOURCE, meta.get("symbol"), ticker)
    zone = _zone(meta.get("exchangeTimezoneName"), ticker)
    try:
        currency = required_text(meta.get("currency"))
    except ValueError:
        raise _wrong_shape("chart without currency", ticker) from None
    parsed = _prices(result, ticker, zone, currency, _open_session_start(meta, fetched_at))
    events, rejects = _events(result.get("events"), ticker, zone)
    parsed.rows[EVENTS] = events
    parsed.rejects.extend(rejects)
    return parsed


def _prices(
    result: dict[str, Any], ticker: str, zone: ZoneInfo, currency: str, open_since: int | None
) -> Parsed:
    prices: list[tuple[Any, ...]] = []
    rejects: list[BadRow] = []
    days: set[date] = set()
    for bar in _bars(result, ticker):
        row = {"ticker": ticker, **bar}
        if all(bar[name] is None for name in _PRICE_FIELDS):
            continue
        if any(bar[name] is None for name in _PRICE_FIELDS):
            rejects.append(bad_row(PRICES, "empty_bar", "some prices are null", row))
            continue
        try:
            day = _day(bar["timestamp"], zone)
            volume = optional_integer(bar["volume"])
        except ValueError as error:
            rejects.append(bad_row(PRICES, "field_mistyped", error, row))
            continue
        numbers = [exact_number(bar[name]) for name in _PRICE_FIELDS]
        first, high, low, close = numbers
        adjusted = exact_number(bar["adjclose"])
        if first is None or high is None or low is None or close is None:
            rejects.append(bad_row(PRICES, "value_not_numeric", "a price is no number", row))
        elif adjusted is None and bar["adjclose"] is not None:
            rejects.append(bad_row(PRICES, "value_not_numeric", "adjclose is no number", row))
        elif open_since is not None and bar["timestamp"] >= open_since:
            rejects.append(bad_row(PRICES, "session_open", "the price is not a close yet", row))
        elif day in days:
            rejects.append(bad_row(PRICES, "duplicate_bar", f"second bar of {day}", row))
        else:
            days.add(day)
            prices.append(
                YahooPrice(ticker, day, first, high, low, close, adjusted, volume, currency)
            )
    return Parsed({PRICES: prices}, rejects)


def _bars(result: dict[str, Any], ticker: str) -> list[dict[str, Any]]:
    # A range without a trading day comes without `timestamp` and with an empty quote.
    stamps = result.get("timestamp", [])
    if not isinstance(stamps, list):
        raise _wrong_shape("chart without a list of times", ticker)
    try:
        quote = result["indicators"]["quote"][0]
        columns = {name: quote.get(name, []) for name in (*_PRICE_FIELDS, "volume")}
        adjusted = result["indicators"].get("adjclose")
        columns["adjclose"] = adjusted[0]["adjclose"] if adjusted else [None] * len(stamps)
    except (KeyError, IndexError, TypeError, AttributeError):
        raise _wrong_shape("chart without quotes", ticker) from None
    columns["timestamp"] = stamps
    if any(not isinstance(c, list) or len(c) != len(stamps) for c in columns.values()):
        raise _wrong_shape("chart with columns of unequal length", ticker)
    return [
        dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)
    ]


def _events(
    events: object, ticker: str, zone: ZoneInfo
) -> tuple[list[tuple[Any, ...]], list[BadRow]]:
    rows: list[tuple[Any, ...]] = []
    rejects: list[BadRow] = []
    groups = events if isinstance(events, dict) else {}
    for group, kind in (("dividends", "dividend"), ("splits", "split")):
        entries = groups.get(group)
        for entry in entries.values() if isinstance(entries, dict) else []:
            row = {"ticker": ticker, "kind": kind, **(entry if isinstance(entry, dict) else {})}
            try:
                day = _day(row.get("date"), zone)
            except ValueError as error:
                rejects.append(bad_row(EVENTS, "field_mistyped", error, row))
                continue
            amount = exact_number(row.get("amount"))
            numerator = exact_number(row.get("numerator"))
            denominator = exact_number(row.get("denominator"))
            if kind == "dividend" and amount is not None:
                rows.append(YahooEvent(ticker, day, kind, amount, None, None))
            elif kind == "split" and numerator is not None and denominator is not None:
                rows.append(YahooEvent(ticker, day, kind, None, numerator, denominator))
            else:
                rejects.append(bad_row(EVENTS, "value_not_numeric", f"{kind} of {day}", row))
    return rows, rejects


def _open_session_start(meta: dict[str, Any], fetched_at: datetime | None) -> int | None:
    """Start of the regular session that was under way when Yahoo answered, if one was."""
    periods = meta.get("currentTradingPeriod")
    regular = periods.get("regular") if isinstance(periods, dict) else None
    start = regular.get("start") if isinstance(regular, dict) else None
    end = regular.get("end") if isinstance(regular, dict) else None
    # A share that is seldom traded may have its last trade long before the close.
    seen = meta.get("regularMarketTime") if fetched_at is None else int(fetched_at.timestamp())
    if type(start) is int and type(end) is int and type(seen) is int and seen < end:
        return start
    return None


def _day(stamp: object, zone: ZoneInfo) -> date:
    if type(stamp) is not int:
        raise ValueError(f"not a time in seconds: {stamp!r:.40}")
    try:
        return datetime.fromtimestamp(stamp, zone).date()
    except (OverflowError, OSError) as error:
        raise ValueError(f"time out of range: {stamp}") from error


def _zone(name: object, ticker: str) -> ZoneInfo:
    try:
        return ZoneInfo(required_text(name))
    except (ValueError, OSError, ZoneInfoNotFoundError):
        raise _wrong_shape(f"chart with an unknown time zone {name!r:.40}", ticker) from None


def _wrong_shape(what: str, ticker: str) -> BadBodyError:
    return BadBodyError(
        SOURCE, what, ticker, "look at the capture: Yahoo may have changed the format"
    )
