"""Twelve Data's `time_series` JSON to daily prices."""

from datetime import date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connectors.bodies import bad_row, load_object, required_date, required_text
from connectors.errors import BadBodyError
from connectors.records import Parsed
from connectors.shapes import Shape, text_number, whole_text_number
from connectors.twelve_data import PRICES, SOURCE, TwelveDataPrice

_NEW_YORK = "America/New_York"
# No exchange that we know closes later.
_EVENING = 18

BAR = Shape(
    PRICES,
    required={
        "datetime": required_date,
        "open": text_number,
        "high": text_number,
        "low": text_number,
        "close": text_number,
    },
    optional={"volume": whole_text_number},
)
META = Shape(
    PRICES,
    required={"symbol": required_text, "currency": required_text, "interval": required_text},
    optional={"exchange": required_text},
    ignored=frozenset({"exchange_timezone", "mic_code", "type"}),
)


def parse_series(body: bytes, ticker: str, fetched_at: datetime | None = None) -> Parsed:
    """Rows of `twelve_data_prices`; numbers arrive as text and keep their digits.

    A bar of the day on which it was fetched (aware) counts from the evening at the exchange on.
    """
    document = load_object(SOURCE, body)
    given, bars = document.get("meta"), document.get("values")
    if not isinstance(given, dict) or not isinstance(bars, list):
        raise _wrong_shape("series without meta and values", ticker)
    try:
        meta = META.read(given)
    except ValueError as error:
        raise _wrong_shape(f"series with odd meta ({error})", ticker) from None
    if meta["symbol"].casefold() != ticker.casefold() or meta["interval"] != "1day":
        raise _wrong_shape(
            f"series of {meta['symbol'][:20]}, {meta['interval'][:20]} in place of daily bars",
            ticker,
        )
    parsed = Parsed({PRICES: []})
    META.keep_new_fields(parsed, ticker, given)
    open_day = _open_day(given.get("exchange_timezone"), fetched_at)
    days: set[date] = set()
    for row, bar in BAR.accepted(parsed, bars, {"ticker": ticker}):
        day = bar["datetime"]
        if day in days:
            row = {"ticker": ticker} | row
            parsed.rejects.append(bad_row(PRICES, "duplicate_bar", f"second bar of {day}", row))
            continue
        if day == open_day:
            place = {"ticker": ticker} | row
            parsed.rejects.append(
                bad_row(PRICES, "session_open", "the price is not a close yet", place)
            )
            continue
        days.add(day)
        BAR.keep_new_fields(parsed, f"{ticker} {day}", row)
        parsed.rows[PRICES].append(
            TwelveDataPrice(
                ticker,
                day,
                bar["open"],
                bar["high"],
                bar["low"],
                bar["close"],
                bar["volume"],
                meta["currency"],
                meta["exchange"],
            )
        )
    return parsed


def _open_day(zone: object, fetched_at: datetime | None) -> date | None:
    """The exchange's day whose session may not have closed when the answer came."""
    if fetched_at is None:
        return None
    try:
        there = fetched_at.astimezone(ZoneInfo(zone if isinstance(zone, str) else _NEW_YORK))
    except (ValueError, OSError, ZoneInfoNotFoundError):
        there = fetched_at.astimezone(ZoneInfo(_NEW_YORK))
    return there.date() if there.hour < _EVENING else None


def _wrong_shape(what: str, ticker: str) -> BadBodyError:
    return BadBodyError(
        SOURCE, what, ticker, "look at the capture: Twelve Data may have changed the format"
    )
