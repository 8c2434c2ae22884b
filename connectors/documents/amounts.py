"""Amounts as management writes them: "$209.6M", "9.5 million", "72.8%", "(2.5)%", "500,000"."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Final, NamedTuple

# The currency's code by its sign; a bare dollar is a U.S. one in what is filed there.
CURRENCIES: Final = {
    "$": "USD",
    "US$": "USD",
    "NT$": "TWD",
    "C$": "CAD",
    "A$": "AUD",
    "HK$": "HKD",
    "€": "EUR",
    "£": "GBP",
    "¥": "JPY",
    "RMB": "CNY",
}
_SCALES: Final = {
    "thousand": 3,
    "k": 3,
    "million": 6,
    "mm": 6,
    "m": 6,
    "billion": 9,
    "bn": 9,
    "b": 9,
    "trillion": 12,
}
_AMOUNT: Final = re.compile(
    r"""
    (?<![\w.,/])
    (?P<open>\()?
    (?P<minus>[-−–](?=[$€£¥\d]))?
    (?:(?P<sign>US\$|NT\$|HK\$|C\$|A\$|RMB|[$€£¥])\s?)?
    (?P<inner>\()?
    (?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)
    (?:\)(?=\s?(?:%|thousand|million|billion|trillion)))?
    (?:
        \s?(?P<unit>%|percent(?!age)\b|per\ cent\b
            |percentage\ points?\b|basis\ points?\b|bps\b|p?pts?\b)
        |
        [\s-]?(?P<scale>thousand|million|billion|trillion|bn|mm)\b
        |
        (?P<letter>[KMB])(?![\w])
    )?
    """,
    re.I | re.X,
)
_PERCENT: Final = frozenset({"%", "percent", "per cent"})


class Amount(NamedTuple):
    """A number in a text from `start` to `end`: its value as it counts, and what it is.

    `unit` is a currency code, "percent" (as printed, 72.8 for 72.8 %; `counted` makes a share of
    it), "points" or "count"; `step` is the distance of the last printed digit, so that 9.5 million
    has a step of 100,000. `scale` is the power of ten that the text says: 6 for million, 0 for
    none.
    """

    start: int
    end: int
    value: Decimal
    unit: str
    step: Decimal
    scale: int


def counted(number: Decimal, unit: str) -> Decimal:
    """A printed number as it counts: what is said in per cent is a share, 0.728 for 72.8 %."""
    return number.scaleb(-2) if unit == "percent" else number


def find_amounts(text: str) -> Iterator[Amount]:
    """Every amount of a text, from left to right."""
    for found in _AMOUNT.finditer(text):
        made = _amount(text, found)
        if made is not None:
            yield made


def _amount(text: str, found: re.Match[str]) -> Amount | None:
    digits = found["digits"].replace(",", "")
    if len(digits) > 18:
        return None
    after = text[found.end() : found.end() + 1]
    unit = (found["unit"] or "").lower()
    word = (found["scale"] or found["letter"] or "").lower()
    if after.isalnum() and not unit and not word:
        # "1A", "10b5-1", "4th"
        return None
    if found["letter"] and found["letter"].islower() and not found["sign"]:
        return None
    scale = _SCALES.get(word, 0)
    value = Decimal(digits).scaleb(scale)
    decimals = len(digits.partition(".")[2])
    closes = (found["open"] or found["inner"]) and _closes(text, found)
    if found["minus"] or closes:
        value = -value
    if unit in _PERCENT:
        kind = "percent"
    elif unit:
        kind = "points"
    elif found["sign"]:
        kind = CURRENCIES[found["sign"].upper()]
    else:
        kind = "count"
    return Amount(
        found.start(),
        found.end(),
        value,
        kind,
        Decimal(1).scaleb(scale - decimals),
        scale,
    )


def _closes(text: str, found: re.Match[str]) -> bool:
    """Whether the bracket before the digits ends behind them: a negative amount."""
    # "$(0.62)", "(12.5)%" and "($5.0 million)" are negative; "(72.8% in 2024)" is an aside.
    behind = text[found.end("digits") :][:1] == ")"
    return behind or (bool(found["sign"]) and text[found.end() :][:1] == ")")
