"""Options that several commands share, and what is made of their values.

Dates and numbers are parsed here and not by typer, whose refusals are boxes of several lines.
"""

from datetime import date
from enum import StrEnum
from typing import Annotated

import typer

from flows.night.bad_request import BadRequestError

# Beyond it the evening of a day in New York is no longer a time that Python knows.
_LATEST = date(9998, 12, 31)


class OutputFormat(StrEnum):
    """How rows are printed."""

    table = "table"
    csv = "csv"
    json = "json"


class ReadingRole(StrEnum):
    """Who asks: readers see schema marts, operators what nights did as well."""

    reader = "reader"
    operator = "operator"


FormatOption = Annotated[OutputFormat, typer.Option("--format", help="How to print the rows.")]
TickersOption = Annotated[
    str | None, typer.Option("--tickers", metavar="A,B", help="Fetch these companies only.")
]


def to_date(option: str, value: str | None) -> date | None:
    """The day that the option names, if any; BadRequestError for what is none."""
    if value is None:
        return None
    try:
        day = date.fromisoformat(value)
    except ValueError:
        raise BadRequestError(
            f"{option} {value!r} is not a date; write it like 2026-07-10"
        ) from None
    if day > _LATEST:
        raise BadRequestError(f"{option} {day} lies after {_LATEST}; give an earlier day")
    return day


def to_number(option: str, value: str) -> int:
    """The whole number that the option gives; BadRequestError for what is none."""
    if not (value.isascii() and value.isdigit()):
        raise BadRequestError(f"{option} {value!r} is not a whole number; write it like 10")
    return int(value)


def to_tickers(value: str | None) -> list[str] | None:
    """The tickers that `--tickers` names; None where it is not given."""
    if value is None:
        return None
    symbols = [symbol.strip() for symbol in value.split(",") if symbol.strip()]
    if not symbols:
        raise BadRequestError("--tickers names no ticker; write it like --tickers DUOL,COUR")
    return symbols
