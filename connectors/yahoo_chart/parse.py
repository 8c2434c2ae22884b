"""Yahoo's `v8/finance/chart` JSON to daily prices and events."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connectors.bodies import MistypedError, bad_row, optional_integer, required_text
from connectors.errors import BadBodyError
from connectors.records import BadRow, Parsed
from connectors.shapes import Shape, number
from connectors.yahoo_answers import check_symbol, first_result
from connectors.yahoo_chart import EVENTS, PRICES, SOURCE, YahooEvent, YahooPrice

_PRICE_FIELDS = ("open", "high", "low", "close")


def _seconds(value: object) -> int:
    if type(value) is not int:
        raise MistypedError(f"not a time in seconds: {value!r:.40}")
    return value


# A bar with some prices null is told apart from a mistyped one before it is read.
BAR = Shape(
    PRICES,
    required={"timestamp": _seconds} | dict.fromkeys(_PRICE_FIELDS, number),
    optional={"volume": optional_integer, "adjclose": number},
)
DIVIDEND = Shape(EVENTS, required={"date": _seconds, "amount": number})
SPLIT = Shape(
    EVENTS,
    required={"date": _seconds, "numerator": number, "denominator": number},
    ignored=frozenset({"splitRatio"}),
)


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
    _events(result.get("events"), ticker, zone, parsed)
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
            values = BAR.read(bar)
            day = _day(values["timestamp"], zone)
        except ValueError as error:
            rejects.append(bad_row(PRICES, "field_mistyped", error, row))
            continue
        if open_since is not None and values["timestamp"] >= open_since:
            rejects.append(bad_row(PRICES, "session_open", "the price is not a close yet", row))
        elif day in days:
            rejects.append(bad_row(PRICES, "duplicate_bar", f"second bar of {day}", row))
        else:
            days.add(day)
            prices.append(
                YahooPrice(
                    ticker,
                    day,
                    values["open"],
                    values["high"],
                    values["low"],
                    values["close"],
                    values["adjclose"],
                    values["volume"],
                    currency,
                )
            )
    parsed = Parsed({PRICES: prices}, rejects)
    # A new column is kept whole, once.
    indicators = result["indicators"]
    for columns in (*indicators["quote"][:1], *(indicators.get("adjclose") or [])[:1]):
        BAR.keep_new_fields(parsed, ticker, columns)
    return parsed


def _bars(result: dict[str, Any], ticker: str) -> list[dict[str, Any]]:
    # A range without a trading day comes without `timestamp` and with an empty quote.
    stamps = result.get("timestamp", [])
    if not isinstance(stamps, list):
        raise _wrong_shape("chart without a list of times", ticker)
    try:
        quote = result["indicators"]["quote"][0]
        nothing = [None] * len(stamps)
        columns = {name: quote.get(name, []) for name in _PRICE_FIELDS}
        columns["volume"] = quote.get("volume", nothing)
        adjusted = result["indicators"].get("adjclose")
        columns["adjclose"] = adjusted[0].get("adjclose", nothing) if adjusted else nothing
    except (KeyError, IndexError, TypeError, AttributeError):
        raise _wrong_shape("chart without quotes", ticker) from None
    columns["timestamp"] = stamps
    if any(not isinstance(c, list) or len(c) != len(stamps) for c in columns.values()):
        raise _wrong_shape("chart with columns of unequal length", ticker)
    return [
        dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)
    ]


def _events(events: object, ticker: str, zone: ZoneInfo, parsed: Parsed) -> None:
    rows = parsed.rows.setdefault(EVENTS, [])
    groups = events if isinstance(events, dict) else {}
    for group, kind, shape in (("dividends", "dividend", DIVIDEND), ("splits", "split", SPLIT)):
        entries = groups.get(group)
        for entry in entries.values() if isinstance(entries, dict) else []:
            given = entry if isinstance(entry, dict) else {}
            row = {"ticker": ticker, "kind": kind, **given}
            try:
                values = shape.read(given)
                day = _day(values["date"], zone)
            except ValueError as error:
                parsed.rejects.append(bad_row(EVENTS, "field_mistyped", error, row))
                continue
            shape.keep_new_fields(parsed, f"{ticker} {kind} {day}", given)
            rows.append(
                YahooEvent(
                    ticker,
                    day,
                    kind,
                    values.get("amount"),
                    values.get("numerator"),
                    values.get("denominator"),
                )
            )


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


def _day(stamp: int, zone: ZoneInfo) -> date:
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
