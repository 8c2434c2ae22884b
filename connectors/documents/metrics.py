"""The metrics that are read from documents, found where a sentence or a row names them.

What each is called is data: the lists of `vocabulary`. A metric of the accounts that management
restates has a name of its own with "non_gaap_" before it: the two are never compared.
"""

import re
from collections.abc import Iterator
from typing import Final, Literal, NamedTuple

from connectors.documents.vocabulary import Metric, read_vocabulary

METRICS: Final = tuple(read_vocabulary())
_BY_NAME: Final = {metric.name: metric for metric in METRICS}
# "Net sales" are revenue, but where the company tells a total beside them.
_BY_NAME["net_sales"] = _BY_NAME["revenue"]._replace(name="net_sales")
_PAIR: Final = re.compile(r"\bGAAP and non-GAAP $", re.I)
_NON_GAAP: Final = re.compile(r"(?:\bnon-GAAP|\badjusted|\bcore) $", re.I)
_GAAP: Final = re.compile(r"(?<!non-)\bGAAP $", re.I)
_DILUTED: Final = re.compile(
    r"\W*(?:basic and )?(?:diluted|assuming dilution)(?: \((?:in )?(?:\$|US\$|dollars)\))?\W*", re.I
)
_PER_SHARE: Final = re.compile(
    r"^(?!.*(?:shares used|number of|average|continuing|pro forma))"
    r".*\b(?:earnings|income|loss)\b.*\bper\b.*\bshare\b",
    re.I,
)
_ADJUSTED: Final = re.compile(r"\b(?:non-GAAP|adjusted|core)\b", re.I)
# "Diluted Non-GAAP EPS"
_BASIS_WITHIN: Final = re.compile(r"^(diluted) ((?:non-)?GAAP)\b", re.I)
# "Reported diluted EPS, GAAP measure"
_MEASURE: Final = re.compile(
    r"(?:reported |core |adjusted )?(?P<name>.+), (?P<basis>(?:non-)?GAAP)(?: measure)?", re.I
)
_REVENUE: Final = re.compile(r"(?:net )?revenues?:?", re.I)
_SUBSCRIPTION: Final = re.compile(r"subscriptions?", re.I)
_OWN_BASIS: Final = re.compile(r"(?:non-)?GAAP(?: basis)?", re.I)
_CONTINUING: Final = re.compile(r" from continuing operations", re.I)
_OF_SHAREHOLDERS: Final = re.compile(
    r"(per (?:common |ordinary )?share) (?:attributable|applicable|available) to [^,–—]*[^,–— -]",
    re.I,
)
_NOTES: Final = re.compile(
    r"\s*(?:\(\d{1,2}\)|\([a-z]\)|\*+|\(at period end\)|:|(?<=[a-z]{3})\d)\s*$", re.I
)


def metric_named(name: str) -> Metric:
    """The metric of that name, or whose twin has it."""
    return _BY_NAME[name.removeprefix("non_gaap_")]


class Named(NamedTuple):
    """A metric where a text names it; `basis` is "gaap", "non_gaap", or "both" for a pair."""

    start: int
    end: int
    metric: Metric
    basis: Literal["gaap", "non_gaap", "both"]

    @property
    def name(self) -> str:
        """The metric's name, of its twin where the text says so."""
        return f"non_gaap_{self.metric.name}" if self.basis == "non_gaap" else self.metric.name


def find_metrics(text: str) -> list[Named]:
    """Each metric that a text names, from left to right; of overlapping names the longest."""
    found = sorted(_named(text), key=lambda named: (named.start, named.start - named.end))
    kept: list[Named] = []
    for named in found:
        if not kept or named.start >= kept[-1].end:
            kept.append(named)
    return kept


def _named(text: str) -> Iterator[Named]:
    for metric in METRICS:
        for found in metric.pattern.finditer(text):
            start = found.start()
            if not metric.can_be_adjusted:
                yield Named(start, found.end(), metric, "gaap")
                continue
            for pattern, basis in ((_PAIR, "both"), (_NON_GAAP, "non_gaap"), (_GAAP, "gaap")):
                before = pattern.search(text, max(start - 20, 0), start)
                if before is not None:
                    yield Named(before.start(), found.end(), metric, basis)  # type: ignore[arg-type]
                    break
            else:
                yield Named(start, found.end(), metric, "gaap")


def metric_of_label(label: str, group: str = "") -> Named | None:
    """The metric that a table's row is about; None unless the whole label names it.

    "Diluted" and "Non-GAAP" are rows of what the heading above them, their `group`, names.
    """
    if _DILUTED.fullmatch(label):
        own = _PER_SHARE.search(group)
        adjusted = "non-GAAP " if own is not None and _ADJUSTED.search(group) else ""
        label = f"{adjusted}diluted earnings per share" if own is not None else label
    elif _OWN_BASIS.fullmatch(label):
        label = f"{label} {_CONTINUING.sub('', group)}"
        if _CONTINUING.search(group) and label.lower().startswith("gaap"):
            return None
    elif group.strip(" :").lower() == "diluted" and _PER_SHARE.match(label):
        label = "diluted earnings per share"
    elif _REVENUE.fullmatch(group) and _SUBSCRIPTION.fullmatch(label):
        label = "subscription revenue"
    label = _BASIS_WITHIN.sub(r"\2 \1", label)
    measure = _MEASURE.fullmatch(label)
    if measure is not None:
        label = f"{measure['basis']} {measure['name']}"
    bare = _OF_SHAREHOLDERS.sub(r"\1", label)
    while True:
        shorter = _NOTES.sub("", bare)
        if shorter == bare:
            break
        bare = shorter
    bare = re.sub(
        r"\s*\((?:\$[BMK]|in (?:thousands|millions|billions)|unaudited)\)$", "", bare, flags=re.I
    )
    found = [named for named in find_metrics(bare) if named.start == 0 and named.end == len(bare)]
    return found[0] if found else None
