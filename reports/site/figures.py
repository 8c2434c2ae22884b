"""Numbers as the site shows them: text for people, the exact value beside it, and its kind."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from markupsafe import Markup

from reports.page import BLANK, decimal
from warehouse.read.reasons import reason_of

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
    "fcf": "FCF", "cagr": "CAGR", "pe": "P/E", "ps": "P/S", "ev": "EV", "3y": "3 years",
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


def number(one: Shown, key: str = "", mark: str = "") -> Markup:
    """The inside of a table cell or a card: a button that explains it, or a blank that does.

    `key` is what the button asks about: line|period type|period end, or measure|period end.
    `mark` is shown after the number, such as that it was restated.
    """
    if one.text is None:
        if not one.blank:
            return Markup("")
        return Markup('<button class="n blank" data-why="{}"{}>{}</button>').format(
            one.blank, Markup(' data-k="{}"').format(key) if key else "", BLANK
        )
    negative = " neg" if one.text.startswith("−") else ""
    if not key:
        return Markup('<span class="n{}" data-x="{}">{}</span>{}').format(
            negative, one.exact, one.text, mark
        )
    return Markup('<button class="n{}" data-k="{}" data-x="{}">{}</button>{}').format(
        negative, key, one.exact, one.text, mark
    )


def file_name(name: str) -> str:
    """The name of a company's or segment's files: its id, with what no file may hold spelt out."""
    return re.sub(r"[^a-z0-9_-]", lambda found: f".{ord(found[0]):x}.", name)


def text(value: object | None) -> str:
    """Text; a dash where there is none."""
    return BLANK if value in (None, "") else str(value)
