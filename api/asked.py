"""The parameters of questions; one that is not listed is refused by its name."""

import base64
import binascii
import re
from datetime import date, datetime, time
from enum import StrEnum
from typing import Annotated, Final, Literal
from zoneinfo import ZoneInfo

from fastapi import Path
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from api.problems import RequestError
from warehouse.read.marts import AsOf

MOST_ROWS: Final = 1_000
MOST_COMPANIES: Final = 50
# A passage of each is cut out of the whole section.
MOST_FOUND: Final = 100
# A text of one line: PostgreSQL's texts hold no NUL, and no name of ours a line's end.
Text = Annotated[
    str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")
]
Asked = Annotated[
    Text,
    Path(description="A company's company_id, ticker, former ticker or CIK.", examples=["DUOL"]),
]
# PostgreSQL's names have 63 characters at most; a screen has `quarter.` before some.
_NAMES: Final = r"^[a-z0-9_.]{1,80}(,[a-z0-9_.]{1,80})*$"
_SORTED: Final = r"^-?[a-z0-9_.]{1,80}(,-?[a-z0-9_.]{1,80})*$"
_PLAIN: Final = re.compile(r"[^\x00-\x1f\x7f]{1,200}")
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def _instant(said: object) -> date | datetime:
    """A day, or an instant with its time zone; ValueError for anything else."""
    if not isinstance(said, str):
        raise ValueError("give it as a text")
    if _DAY.fullmatch(said):
        return date.fromisoformat(said)
    instant = datetime.fromisoformat(said)
    if instant.tzinfo is None:
        raise ValueError("an instant has a time zone, such as Z; in an address, + is %2B")
    return instant


Instant = Annotated[date | datetime, BeforeValidator(_instant, json_schema_input_type=str)]
_CURSOR: Final = re.compile(r"(\d{1,9})\.(\d{1,9})")


class PeriodType(StrEnum):
    """What a figure is of: a span of time or, as an instant, a day."""

    annual = "annual"
    half_year = "half_year"
    quarter = "quarter"
    ttm = "ttm"
    instant = "instant"


class Question(BaseModel):
    """What every question may say."""

    model_config = ConfigDict(extra="forbid")

    format: Literal["json", "ndjson", "csv", "parquet", "arrow"] | None = Field(
        None, description="How to answer; without it the Accept header decides, else JSON."
    )


class JsonQuestion(Question):
    """A question whose answer is no rows."""

    format: Literal["json"] | None = Field(None, description="The answer is JSON alone.")


class RowsQuestion(Question):
    """What a question for rows may say."""

    fields: Annotated[str, StringConstraints(max_length=4_000, pattern=_NAMES)] | None = Field(
        None,
        description="Which columns to give, with commas between; without it all.",
        examples=["company_id,ticker"],
    )


class ListQuestion(RowsQuestion):
    """What a question for a list may say."""

    limit: int = Field(100, ge=1, le=MOST_ROWS, description="How many rows to give at most.")
    cursor: Annotated[str, Field(max_length=100)] | None = Field(
        None, description="Where to go on: `next` of the page before, with the same question."
    )

    def skip(self, run_id: int) -> int:
        """How many rows the pages before gave; RequestError for a cursor of another publication."""
        if self.cursor is None:
            return 0
        try:
            told = base64.urlsafe_b64decode(self.cursor.encode()).decode("ascii")
        except (binascii.Error, ValueError):
            told = ""
        found = _CURSOR.fullmatch(told)
        if found is None:
            raise RequestError(
                "cursor: it is none of ours; give `next` of the page before as it was"
            )
        if int(found[1]) != run_id:
            raise RequestError(
                f"cursor: it is of publication {found[1]}, and readers see {run_id} now; ask for "
                "the first page again"
            )
        return int(found[2])


def cursor(run_id: int, skip: int) -> str:
    """Where the next page begins, in this publication."""
    return base64.urlsafe_b64encode(f"{run_id}.{skip}".encode()).decode()


class CompaniesQuestion(ListQuestion):
    """Which companies to list."""

    segment: Text | None = Field(None, description="Companies of this segment alone.")
    search: Text | None = Field(
        None, description="A part of a name, or a ticker; former ones count too."
    )


class FinancialsQuestion(ListQuestion):
    """Which figures of a company to list."""

    line: Text | None = Field(None, description="One line, such as revenue; /v1/lines has all.")
    period_type: PeriodType | None = None
    from_: date | None = Field(None, alias="from", description="Periods that end then or later.")
    to: date | None = Field(None, description="Periods that end then or before.")
    status: Literal["ok", "blank"] | None = Field(
        None, description="Figures with a value, or those that are owed and have none."
    )
    known_at: Instant | None = Field(
        None,
        description="As they were known then: a day, which means its end in New York, or an"
        " instant with its time zone.",
        examples=["2024-03-01"],
    )
    loaded_before: Instant | None = Field(
        None,
        description="Beside known_at: of what was published before that instant, or before the"
        " end of that day in New York.",
    )
    vintages: Literal["all"] | None = Field(
        None, description="Every value and blank that a figure had, from known_from to known_to."
    )

    def as_of(self) -> AsOf | None:
        """When the figures are asked as of; raises RequestError for what does not fit."""
        if self.vintages is not None and (self.known_at or self.loaded_before):
            raise RequestError(
                "vintages: all of them are told; leave known_at and loaded_before out"
            )
        if self.known_at is None:
            if self.loaded_before is not None:
                raise RequestError("loaded_before: it goes with known_at; give that too")
            return None
        before = self.loaded_before
        if before is not None and not isinstance(before, datetime):
            before = datetime.combine(before, time(23, 59, 59), ZoneInfo("America/New_York"))
        return AsOf(self.known_at, before)


class ManyFinancialsQuestion(FinancialsQuestion):
    """Which figures of several companies to list."""

    company: Annotated[str, StringConstraints(min_length=1, max_length=2_000)] = Field(
        description="Tickers, CIKs or company_ids, with commas between; 50 at most.",
        examples=["DUOL,NVDA"],
    )

    def companies(self) -> list[str]:
        """Each company that is named, once; raises RequestError."""
        named = list(dict.fromkeys(name.strip() for name in self.company.split(",")))
        if len(named) > MOST_COMPANIES:
            raise RequestError(
                f"company: {len(named)} are named, and {MOST_COMPANIES} are the most; ask in parts"
            )
        if not all(_PLAIN.fullmatch(name) for name in named):
            raise RequestError("company: a name is empty or no text; give names, commas between")
        return named


class ScreenQuestion(ListQuestion):
    """Which companies to find."""

    where: Annotated[list[Text], Field(max_length=20)] = Field(
        default_factory=list,
        description="A column, one of >= <= != = > < and a value; several are all to be met.",
        examples=[["revenue_growth_pct>=0.2", "quarter.gross_margin_pct>0.5"]],
    )
    sort: Annotated[str, StringConstraints(max_length=1_000, pattern=_SORTED)] | None = Field(
        None,
        description="Columns with commas between; a minus sign before one is from high to low.",
        examples=["-revenue_growth_pct"],
    )


class SearchQuestion(ListQuestion):
    """Which sections of documents to find."""

    q: Text = Field(
        description='Words; "of a phrase" in quotes, -without one, one or another.',
        examples=['"net retention"'],
    )
    company: Text | None = Field(None, description="In documents of one company.")
    form: Text | None = Field(None, description="In documents of one type, such as 10-K.")
    section: Text | None = Field(None, description="In sections of one code, such as 1A.")
    limit: int = Field(10, ge=1, le=MOST_FOUND, description="How many sections to give at most.")


class QualityQuestion(ListQuestion):
    """Which checks to list."""

    check: Text | None = Field(None, description="Those of one check_name, such as held_back.")
    subject: Text | None = Field(None, description="Those of one subject, such as a company_id.")


class ExplainQuestion(JsonQuestion):
    """Which figure to explain."""

    line: Text | None = Field(None, description="A line of the statements, such as revenue.")
    measure: Text | None = Field(None, description="A measure instead, such as roe_pct.")
    period_type: PeriodType | None = Field(None, description="Of a line, beside period_end.")
    period_end: date | None = Field(None, description="Last day of the period; else the newest.")
    known_at: date | None = Field(
        None, description="What was known of a line on that day in New York; else what is now."
    )


class DictionaryQuestion(ListQuestion):
    """Which columns to describe."""

    mart: Text | None = Field(None, description="Those of one mart.")


class ChangesQuestion(ListQuestion):
    """Which moves of figures to list."""

    company: Text | None = Field(None, description="Those of one company.")
    run_id: int | None = Field(None, ge=1, le=2**31 - 1, description="Those of one publication.")
    line: Text | None = Field(None, description="Those of one line.")
