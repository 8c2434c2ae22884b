"""Numbers as the site shows them: text for people, the exact value beside it, and its kind."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from html import escape
from typing import Final, NewType

from reports.page import BLANK, decimal
from warehouse.read.explain import NEW_YORK
from warehouse.read.reasons import reason_of

# Text that is HTML already, made of escaped words. A page has thousands of cells, over which a
# library's markup type takes as long as all else together.
Html = NewType("Html", str)

# How a value is shown, by the nature of a line or the unit of a measure.
_MILLION: Final = Decimal(1_000_000)
KIND_OF_NATURE: Final[Mapping[str, str]] = {
    "flow": "money",
    "stock": "money",
    "per_share": "per_share",
    "shares": "money",
}


_SHORT: Final[Mapping[str, str]] = {
    "eps": "EPS", "roe": "ROE", "roic": "ROIC", "ebitda": "EBITDA", "ebitda,": "EBITDA,",
    "rpo": "RPO", "fcf": "FCF", "cagr": "CAGR", "pe": "P/E", "ps": "P/S", "ev": "EV",
    "3y": "3 years",
}  # fmt: skip


@dataclass(frozen=True)
class Shown:
    """A number of the site: its text, its exact value, and the words of a blank."""

    text: str | None
    exact: str = ""
    blank: str = ""


def text_of(value: Decimal, kind: str) -> str:
    """A value as people read it.

    money and shares come in millions, a share of one as per cent, a ratio or a length of time with
    one decimal, an amount per share with two.
    """
    if kind in ("money", "shares"):
        return decimal(value / _MILLION)
    if kind == "share":
        return f"{decimal(value * 100)}\u00a0%"
    return decimal(value, 2 if kind == "per_share" else 1)


def shown(value: Decimal | None, kind: str, blank_reason: str | None = None) -> Shown:
    """A value of a mart, or its blank in words."""
    if value is None:
        return Shown(None, blank="" if blank_reason is None else reason_of(blank_reason).words)
    return Shown(text_of(Decimal(value), kind), exact=exact(value))


def exact(value: Decimal) -> str:
    """All digits of a value, without an exponent."""
    return f"{Decimal(value).normalize():f}"


def label_of(name: str) -> str:
    """A line or a measure in words: revenue_ttm is Revenue, 12 months."""
    words = name.removesuffix("_pct")
    for end, said in (("_ttm", ", 12 months"), ("_4q", ", 4 quarters"), ("_8q", ", 8 quarters")):
        if words.endswith(end):
            words = words.removesuffix(end) + said
    words = words.replace("_usd", ", $").replace("_", " ")
    words = " ".join(_SHORT.get(word, word) for word in words.split(" "))
    return words[:1].upper() + words[1:]


def number(one: Shown, key: str = "", mark: str = "") -> Html:
    """The inside of a table cell or a card: a button that explains it, or a blank that does.

    `key` is what the button asks about: line|period type|period end, or measure|period end.
    `mark` says why the number is marked as restated.
    """
    asked = f' data-k="{escaped(key)}"' if key else ""
    if one.text is None:
        if not one.blank:
            return Html("")
        return Html(
            f'<button class="n blank" data-why="{escaped(one.blank)}"{asked}>{BLANK}</button>'
        )
    negative = " neg" if one.text.startswith("−") else ""
    tag = "button" if key else "span"
    marked = f' <abbr class="mark" title="{escaped(mark)}">R</abbr>' if mark else ""
    return Html(
        f'<{tag} class="n{negative}"{asked} data-x="{one.exact}">{one.text}</{tag}>{marked}'
    )


@lru_cache(maxsize=10_000)
def escaped(words: str) -> Html:
    """Text as HTML; a page repeats the same few thousand."""
    return Html(escape(words))


def day_filed(known_from: datetime) -> str:
    """The day from which something is known, in New York, where filings are dated."""
    return known_from.astimezone(NEW_YORK).date().isoformat()


def file_name(name: str) -> str:
    """The name of a company's or segment's files: its id, with what no file may hold spelt out."""
    return re.sub(r"[^a-z0-9_-]", lambda found: f".{ord(found[0]):x}.", name)


def text(value: object | None) -> str:
    """Text; a dash where there is none."""
    return BLANK if value in (None, "") else str(value)
