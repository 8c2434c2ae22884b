"""Tone: how many of a section's words are hopeful, worried or unsure, by lists that one can read.

The lists in `words/` are this project's own, of words that have one sense in reports; longer
lists are under licences that forbid to ship them. A word counts in each of its listed forms,
once for each use. "Not", "no" or "without" up to three words before a positive word makes it
count for nothing.
"""

import re
from importlib.resources import files
from typing import Final, NamedTuple

_WORD: Final = re.compile(r"[a-z]+(?:['’][a-z]+)?", re.I)
_NEGATIONS: Final = frozenset(
    {
        "no",
        "not",
        "never",
        "without",
        "neither",
        "nor",
        "cannot",
        "isn't",
        "wasn't",
        "don't",
        "didn't",
    }
)
_REACH: Final = 3


def _words(name: str) -> frozenset[str]:
    text = files("connectors.documents").joinpath(f"words/{name}.txt").read_text("utf-8")
    return frozenset(text.split())


POSITIVE: Final = _words("positive")
NEGATIVE: Final = _words("negative")
UNCERTAIN: Final = _words("uncertain")


class Tone(NamedTuple):
    """How many words a text has, and how many of them are on each list."""

    words: int
    positive: int
    negative: int
    uncertain: int


def measure_tone(text: str) -> Tone:
    """Count a text's words by list."""
    words = [word.lower().replace("’", "'") for word in _WORD.findall(text)]
    positive = sum(
        word in POSITIVE and _NEGATIONS.isdisjoint(words[max(place - _REACH, 0) : place])
        for place, word in enumerate(words)
    )
    return Tone(
        len(words),
        positive,
        sum(word in NEGATIVE for word in words),
        sum(word in UNCERTAIN for word in words),
    )
