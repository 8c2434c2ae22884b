"""What documents tell in figures and no metric reads: rows of tables and sentences, by their words.

A report for whoever keeps the vocabulary: what many companies tell under one name, and nobody
here reads, is the next metric, or another name of one. It stands outside of the reader's package,
whose digest it would change: what is only counted is no reason to read the archive again.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final, Literal, NamedTuple

from connectors.documents.amounts import find_amounts
from connectors.documents.metrics import find_metrics, metric_of_label
from connectors.documents.text import sentences

Place = Literal["row", "sentence"]

_BAR: Final = " | "
_NOTE: Final = re.compile(r"\s*(?:\(\d{1,2}\)|\([a-z]\)|[*†:]+)\s*$")
_VERB: Final = re.compile(
    r"\b(?:was|were|is|are|totall?ed|reached|increased|decreased|grew|rose|fell|declined|of|to)\b",
    re.I,
)
# What begins a clause: the words that matter stand behind it.
_CLAUSE: Final = re.compile(
    r"[,;:(—–]|\b(?:and|that|while|with|as|by|which|had|we|our|the|a|an)\b", re.I
)
_LONGEST: Final = 6
# "Total", "there": one word alone names no figure.
_SHORTEST: Final = 2
_TAGGED: Final = frozenset(
    {"8", "I.1", "17", "18", "income_statement", "balance_sheet", "cash_flow"}
)


class Told(NamedTuple):
    """Figures under some words: `words` in lower case, and the first text that says them."""

    place: Place
    words: str
    passage: str


class Unread(NamedTuple):
    """Words with figures that no metric reads: how often, in how many documents, and an example."""

    place: Place
    words: str
    times: int
    documents: int
    passage: str


def count_unread_words(sections: Iterable[tuple[str, str, str]]) -> list[Unread]:
    """What no metric reads in (document, section's code, its text), the most widespread first.

    Statements and notes are left out: their figures are tagged, and read as facts.
    """
    times: defaultdict[tuple[Place, str], int] = defaultdict(int)
    found_in: defaultdict[tuple[Place, str], set[str]] = defaultdict(set)
    passages: dict[tuple[Place, str], str] = {}
    for document, code, text in sections:
        if code in _TAGGED:
            continue
        for told in find_unread(text):
            times[told[:2]] += 1
            found_in[told[:2]].add(document)
            passages.setdefault(told[:2], told.passage)
    unread = (
        Unread(*words, count, len(found_in[words]), passages[words])
        for words, count in times.items()
    )
    return sorted(unread, key=lambda one: (-one.documents, -one.times, one.place, one.words))


def find_unread(text: str) -> Iterator[Told]:
    """Each row and sentence of a section's text that tells a figure of what no metric names."""
    group = ""
    for line in text.split("\n"):
        label, *cells = line.split(_BAR)
        if not cells:
            group = line
            yield from _of_prose(line)
        elif any(any(find_amounts(cell)) for cell in cells):
            words = _NOTE.sub("", label).strip().lower()
            is_named = any(map(str.isalpha, words)) and not any(find_amounts(words))
            if is_named and metric_of_label(label, group) is None:
                yield Told("row", words, line)
        else:
            group = label


def _of_prose(line: str) -> Iterator[Told]:
    for _, sentence in sentences(line):
        amounts = [one for one in find_amounts(sentence) if one.unit != "count" or one.scale]
        if not amounts or find_metrics(sentence):
            continue
        words = _subject(sentence[: amounts[0].start])
        if words:
            yield Told("sentence", words, sentence)


def _subject(before: str) -> str:
    """The words that a figure is said of: those before the last verb, back to their clause."""
    verbs = [*_VERB.finditer(before)]
    if not verbs:
        return ""
    clause = _CLAUSE.split(before[: verbs[-1].start()])[-1]
    words = clause.lower().split()[-_LONGEST:]
    is_named = len(words) >= _SHORTEST and not words[-1].isdigit()
    return " ".join(words) if is_named else ""
