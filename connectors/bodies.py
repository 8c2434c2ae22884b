"""From bytes to exact values: the JSON, number, date and text rules that all parsers share."""

import json
import math
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, NoReturn

import orjson

from connectors.errors import BadBodyError
from connectors.records import BadRow

_KEPT_CHARACTERS = 500
# A double carries 15 decimal digits in every case; a longer number may lose its last ones.
_LONG_NUMBER = re.compile(rb'"val"\s*:\s*-?[0-9.]{17}')


class MistypedError(ValueError):
    """A field of a row is missing or of another type or form than its record needs."""


def load_object(source: str, body: bytes) -> dict[str, Any]:
    """Parse a body that must be one JSON object; raise BadBodyError for anything else.

    Values under the key `val` are exact: where one is too long for a double, the whole body is read
    by the slower parser that keeps each fraction as a Decimal.
    """
    document = _load(source, body)
    if not isinstance(document, dict):
        raise _other_type(source, "object", document)
    return document


def load_list(source: str, body: bytes) -> list[Any]:
    """Parse a body that must be one JSON array; raise BadBodyError for anything else."""
    document = _load(source, body)
    if not isinstance(document, list):
        raise _other_type(source, "array", document)
    return document


def _load(source: str, body: bytes) -> Any:
    try:
        document = orjson.loads(body)
        if _LONG_NUMBER.search(body):
            document = json.loads(body, parse_float=Decimal, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise BadBodyError(
            source, "body is not JSON", f"{len(body)} bytes, {str(error)[:80]}", "fetch it again"
        ) from None
    return document


def _other_type(source: str, wanted: str, document: object) -> BadBodyError:
    return BadBodyError(
        source,
        f"body is not a JSON {wanted}",
        type(document).__name__,
        "look at the capture: the source may have changed its format",
    )


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


def exact_number(value: object) -> Decimal | None:
    """The number with the source's own digits; None for anything else, bool, NaN and inf too."""
    if type(value) is int:
        return Decimal(value)
    if type(value) is float:
        return Decimal(repr(value)) if math.isfinite(value) else None
    if type(value) is Decimal and value.is_finite():
        return value
    return None


@lru_cache(maxsize=65_536)
def iso_date(value: str) -> date:
    """A calendar date of the form 2025-12-31; ValueError for any other form of text."""
    # fromisoformat alone would also take week dates and dates without hyphens.
    if len(value) != 10 or value[4] != "-" or value[7] != "-":
        raise ValueError(f"not a date of the form 2025-12-31: {value[:40]!r}")
    return date.fromisoformat(value)


def required_date(value: object) -> date:
    """The date; ValueError when missing or something else."""
    if not isinstance(value, str):
        raise MistypedError(f"not a date: {value!r:.80}")
    return iso_date(value)


def optional_date(value: object) -> date | None:
    """None for a missing or empty value, else the date; ValueError when it is something else."""
    return None if value is None or value == "" else required_date(value)


def optional_instant(value: object) -> datetime | None:
    """None for a missing or empty value, else the time in UTC; ValueError without a zone."""
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise MistypedError(f"not a time: {value!r:.80}")
    instant = datetime.fromisoformat(value)
    if instant.tzinfo is None:
        raise MistypedError(f"time without a zone: {value[:40]!r}")
    try:
        return instant.astimezone(UTC)
    except OverflowError as error:
        raise MistypedError(f"time out of range: {value[:40]!r}") from error


def required_text(value: object) -> str:
    """Text that Postgres can hold; ValueError when missing, empty or of another type."""
    if not isinstance(value, str) or not value or "\x00" in value:
        raise MistypedError(f"not a text: {value!r:.80}")
    return value


def optional_text(value: object) -> str | None:
    """None for a missing or empty value, else the text; ValueError for another type."""
    return None if value is None or value == "" else required_text(value)


def optional_integer(value: object, below: int = 2**63) -> int | None:
    """None for a missing value, else an integer from 0 up to `below`; ValueError otherwise."""
    if value is None:
        return None
    if type(value) is not int or not 0 <= value < below:
        raise MistypedError(f"not an integer from 0 to below {below}: {value!r:.80}")
    return value


def optional_flag(value: object) -> bool | None:
    """None for a missing value, else true or false from 1/0 or a JSON boolean."""
    if value is None:
        return None
    # 1.0 and "1" would compare or read as 1 too; SEC writes integers, so only those count.
    if type(value) not in (int, bool) or value not in (0, 1):
        raise MistypedError(f"not a flag of 0 or 1: {value!r:.80}")
    return bool(value)


def cik_number(value: object) -> int | None:
    """SEC writes a CIK as a number or as zero-padded text; None for anything else."""
    if type(value) is int and 0 < value < 10**10:
        return value
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 10:
        return int(value) or None
    return None


def bad_row(table: str, rule: str, detail: object, row: Mapping[str, object]) -> BadRow:
    """A reject whose row can be stored as JSON: long text is cut, nested values become text."""
    return BadRow(
        table, rule, _storable(str(detail)), {_storable(k): _scalar(v) for k, v in row.items()}
    )


def _scalar(value: object) -> object:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if abs(value) < 2**63 else str(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else repr(value)
    return _storable(value if isinstance(value, str) else f"{value!s}")


def _storable(text: str) -> str:
    # Neither Postgres text nor jsonb can hold a NUL character.
    return text[:_KEPT_CHARACTERS].replace("\x00", "\N{REPLACEMENT CHARACTER}")
