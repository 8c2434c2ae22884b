"""Twelve Data's `time_series` JSON to daily prices."""

from datetime import date

from connectors.bodies import bad_row, load_object, required_date, required_text
from connectors.errors import BadBodyError
from connectors.records import Parsed
from connectors.shapes import Shape, text_number, whole_text_number
from connectors.twelve_data import SOURCE
from connectors.twelve_data.records import PRICES, TwelveDataPrice

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


def parse_series(body: bytes, ticker: str) -> Parsed:
    """Rows of `twelve_data_prices`; numbers arrive as text and keep their digits."""
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
    days: set[date] = set()
    for row, bar in BAR.accepted(parsed, bars, {"ticker": ticker}):
        day = bar["datetime"]
        if day in days:
            row = {"ticker": ticker} | row
            parsed.rejects.append(bad_row(PRICES, "duplicate_bar", f"second bar of {day}", row))
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


def _wrong_shape(what: str, ticker: str) -> BadBodyError:
    return BadBodyError(
        SOURCE, what, ticker, "look at the capture: Twelve Data may have changed the format"
    )
