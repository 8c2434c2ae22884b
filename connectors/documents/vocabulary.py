"""The names of metrics, as `words/` lists them: data that one can read, with where each was met.

`metrics.csv` has a row for each metric, `names.csv` one for each of its names, of which the first
that fits is taken. A name is written as it stands in documents; `[so]` may be absent, one of
`{a|b}` or `[a|b]` stands there, `#` is a digit, and a word in `<>` stands for what `_MARKS` says.
Capital letters count for nothing.
"""

import csv
import re
from collections.abc import Iterator
from importlib.resources import files
from typing import Any, Final, Literal, NamedTuple

Kind = Literal["count", "money", "per_share", "percent"]

_PIECE: Final = re.compile(r"<([a-z ]+)>|(.)", re.S)
_SIGNS: Final = {"[": "(?:", "]": ")?", "{": "(?:", "}": ")", "|": "|", "#": r"\d"}
_MARKS: Final = {
    # A company's own name: up to five words that begin with a capital letter.
    "company": (
        r"(?!Non|Redeemable)(?-i:[A-Z])[\w&’'.]*(?:,? (?:& )?(?-i:[A-Z])[\w&’'.]*){0,4}"
    ),
    "word": r"[A-Z][\w.]*",
    # What management adjusts is diluted, and it does not always say so.
    "adjusted": r"(?:(?<=non-gaap )|(?<=adjusted )|(?<=core ))",
    "share of revenue": (
        r"(?:,? \(?as an? (?:percentage|percent|%) of (?:total |net )*(?:revenues?|sales)\)?| %)"
    ),
}  # fmt: skip


class Metric(NamedTuple):
    """A metric: its name in the marts, its kind, and the pattern of its names.

    The kind says which amounts may be its value: "count" (people, orders), "money", "per_share"
    (money without a scale), "percent". `can_be_adjusted` where a non-GAAP twin exists, `is_stock`
    where it is counted at a day's end, `is_of_accounts` where it stands in the accounts themselves.
    """

    name: str
    kind: Kind
    pattern: re.Pattern[str]
    can_be_adjusted: bool
    is_stock: bool
    is_of_accounts: bool


def listed(name: str) -> list[dict[str, Any]]:
    """The rows of a list of `words/`, by column."""
    text = files("connectors.documents").joinpath(f"words/{name}.csv").read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))


def read_vocabulary() -> Iterator[Metric]:
    """Each metric with its names, in the order of `metrics.csv`."""
    names: dict[str, list[str]] = {}
    for row in listed("names"):
        names.setdefault(row["metric"], []).append(pattern_of(row["name"]))
    for row in listed("metrics"):
        patterns = "|".join(names[row["metric"]])
        pattern = re.compile(rf"(?<![\w-])(?:{patterns})(?!\w)", re.I)
        # What management adjusts stands in the accounts as well.
        is_adjusted = row["can_be_adjusted"] == "true"
        is_of_accounts = is_adjusted or row["is_of_accounts"] == "true"
        is_stock = row["is_stock"] == "true"
        yield Metric(row["metric"], row["kind"], pattern, is_adjusted, is_stock, is_of_accounts)


def pattern_of(name: str) -> str:
    """The regular expression of a name of the list; ValueError where its brackets do not close."""
    open_: list[str] = []
    pattern = ""
    for mark, sign in _PIECE.findall(name):
        if mark:
            if mark not in _MARKS:
                raise ValueError(f"{name!r}: <{mark}> is none of {', '.join(sorted(_MARKS))}")
            pattern += _MARKS[mark]
            continue
        if sign in "[{":
            open_.append(sign)
        elif sign in "]}" and (not open_ or open_.pop() + sign not in {"[]", "{}"}):
            raise ValueError(f"{name!r}: {sign!r} closes nothing that is open")
        pattern += _SIGNS.get(sign) or re.escape(sign)
    if open_:
        raise ValueError(f"{name!r}: {open_[-1]!r} is not closed")
    return pattern
