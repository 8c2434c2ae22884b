"""Guidance: what management expects of a metric in a period, as a range.

Read where a document looks ahead: its outlook, and sentences that expect. A single value is a
range of its own, "plus or minus" widens it; a scale said once for both ends holds for both.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from connectors.documents.amounts import Amount, counted, find_amounts
from connectors.documents.marks import END, A, M, Marked, P, mark
from connectors.documents.metrics import Named, metric_of_label
from connectors.documents.periods import Calendar, Mention, Period, find_periods
from connectors.documents.sections import Section
from connectors.documents.text import Text, sentences
from connectors.documents.vocabulary import Metric

_OUTLOOK: Final = frozenset({"guidance"})
_ALSO: Final = frozenset({"headline", "highlights", "prepared_remarks", "7", "I.2"})
_EXPECTS: Final = re.compile(
    r"\b(?:expect(?:s|ed|ing)?|forecast(?:s|ing)?|guidance|outlook|anticipate[sd]?|guid(?:e|ing))\b",
    re.I,
)
_LOOKS_BACK: Final = re.compile(
    r"\b(?:previous|prior|earlier|exceeded|above our|in line with)\b", re.I
)
_EXACT: Final = (
    r"(?:approximately\s|about\s|around\s|roughly\s|~\s?|a range of\s|the range of\s|between\s)*"
)
_VERB: Final = (
    r"(?:\sguidance|\soutlook)?(?:\s(?:is|are|to be|will be|of|at|in|for|from|to|between"
    r"|expected to be|expected to|in the range of|growth of)\b|:|\s[-–—])*\s?"
)
_PERIODS: Final = rf"(?:,?\s(?:for|in)?\s?(?:the\s)?{P}\d+{END},?)?"
_RANGE: Final = (
    rf"{_EXACT}{A}(?P<low>\d+){END}(?:\s?(?:to|and|[-–—])\s?{_EXACT}{A}(?P<high>\d+){END})?"
    rf"(?:,?\s(?:plus or minus|\+/-|±)\s{A}(?P<around>\d+){END})?"
)
_GIVEN: Final = re.compile(rf"{M}(?P<metric>\d+){END}{_PERIODS}{_VERB}{_PERIODS}\s?{_RANGE}", re.I)
_PAIR: Final = re.compile(
    rf"{M}(?P<metric>\d+){END}{_PERIODS}{_VERB}{_PERIODS}\s?{_EXACT}{A}(?P<first>\d+){END}\sand\s"
    rf"{_EXACT}{A}(?P<second>\d+){END},?\srespectively"
    rf"(?:,?\s(?:plus or minus|\+/-|±)\s{A}(?P<around>\d+){END})?",
    re.I,
)
_COMPARES: Final = re.compile(r"\b(?:over|compared|versus|from|than|against)\b", re.I)
# What stands beside an expectation: the one that it replaces.
_REPLACED: Final = re.compile(
    r"[,;(]?\s(?:which\s)?(?:compare[sd]?\s(?:to|with)|versus|vs\.?|up\sfrom|down\sfrom"
    r"|(?:from|in place of)\s(?:a|an|our|its|the)?\s?(?:prior|previous|earlier))\b.*",
    re.I | re.S,
)
_MOVES: Final = re.compile(r"\b(?:rais|lower|increas|updat|reduc|narrow|tighten|cut)\w*\b", re.I)
# "GAAP: $10.85 to $11.15"
_OF_BASIS: Final = re.compile(r"(?P<basis>(?:non-)?GAAP)\s?:?\s+(?=[$€£~(\d])", re.I)
_BASES: Final = re.compile(r"(?:non-)?GAAP(?: \(\w\))?", re.I)
_PER_SHARE: Final = re.compile(
    r"(?P<basis>(?:(?:non-)?GAAP|adjusted|core)\s)?(?:EPS|earnings(?: \(loss\))? per share)\d?",
    re.I,
)
_CENTS: Final = re.compile(r"\s?(?:cents|cps|¢)", re.I)
_LONGEST_TITLE: Final = 160
_SCALE: Final = re.compile(
    r"\bin (?P<word>thousands|millions|billions)\b|\(\$(?P<letter>[KMB])\)", re.I
)
_POWERS: Final = {"thousands": 3, "millions": 6, "billions": 9, "k": 3, "m": 6, "b": 9}


class Guidance(NamedTuple):
    """What is expected of a metric: from `low` to `high` in `unit`, for a period.

    Units and offsets are those of a KPI; `sentence` is the sentence or the row it stands in.
    """

    metric: str
    low: Decimal
    high: Decimal
    unit: str
    period: Period
    start: int
    end: int
    page: int | None
    sentence: str


def find_guidance(text: Text, sections: Sequence[Section], known: Calendar) -> list[Guidance]:
    """What a document expects; only what names its period."""
    found: list[Guidance] = []
    for section in sections:
        if section.code in _OUTLOOK:
            found += _of_outlook(text, section, known)
        elif section.code in _ALSO:
            found += _of_sentences(text, section, known)
    kept: dict[tuple[str, Period, Decimal, Decimal], Guidance] = {}
    for guidance in found:
        if _is_past(guidance.period, known):
            continue
        kept.setdefault((guidance.metric, guidance.period, guidance.low, guidance.high), guidance)
    told = [guidance for guidance in kept.values() if not _is_midpoint(guidance, kept.values())]
    return sorted(told, key=lambda guidance: (guidance.start, guidance.metric))


def _is_midpoint(guidance: Guidance, others: Iterable[Guidance]) -> bool:
    """Whether it is one value within a range that is told of the same metric and period."""
    return guidance.low == guidance.high and any(
        (other.metric, other.period, other.unit)
        == (guidance.metric, guidance.period, guidance.unit)
        and other.low < other.high
        and other.low <= guidance.low <= other.high
        for other in others
    )


def _is_past(period: Period, known: Calendar) -> bool:
    """Whether a period ended before the document's own did: nobody expects that any more."""
    if period.fiscal_year is None or known.fiscal_year is None or known.fiscal_quarter is None:
        return period.end is not None and known.end is not None and period.end <= known.end
    return (period.fiscal_year, period.fiscal_quarter or 4) <= (
        known.fiscal_year,
        known.fiscal_quarter,
    )


def _of_sentences(text: Text, section: Section, known: Calendar) -> Iterator[Guidance]:
    for place in range(section.first_block, section.end_block):
        block = text.blocks[place]
        if block.kind == "row":
            continue
        for offset, sentence in sentences(block.text):
            expected = _REPLACED.sub("", sentence)
            if _EXPECTS.search(expected) and not _LOOKS_BACK.search(expected):
                yield from _stated(text, place, offset, expected, known, None)


def _of_outlook(text: Text, section: Section, known: Calendar) -> Iterator[Guidance]:
    heading: Mention | None = None
    columns: list[Period | None] = []
    bases: list[str] = []
    scale: int | None = None
    for place in range(section.first_block, section.end_block):
        block = text.blocks[place]
        said = _SCALE.search(block.text)
        if said is not None and len(block.text) < _LONGEST_TITLE:
            scale = _POWERS[(said["word"] or said["letter"]).lower()]
        if block.kind == "row":
            cells = block.text.split(" | ")
            if not _names(cells[0]):
                bases = [cell for cell in cells if _BASES.fullmatch(cell)] or bases
                columns = _columns(cells, known) or columns
                continue
            periods = columns or ([heading.periods[0]] if heading and heading.periods else [])
            yield from _of_row(text, place, cells, periods, bases, scale)
            continue
        mentions = [m for m in find_periods(block.text, known) if m.periods]
        if mentions and len(block.text) < _LONGEST_TITLE and mark(block.text, known) is None:
            heading = mentions[0]
            columns, bases = [], []
        for offset, sentence in sentences(block.text):
            expected = _REPLACED.sub("", sentence)
            if not _LOOKS_BACK.search(expected):
                yield from _stated(text, place, offset, expected, known, heading)


def _columns(cells: Sequence[str], known: Calendar) -> list[Period | None]:
    """The periods of a table of guidance, from its head; empty for another row."""
    if any(find_amounts(cell) and "$" in cell for cell in cells):
        return []
    found = [find_periods(cell, known) for cell in cells]
    # "Prior outlook" beside "updated outlook" is what is expected no more.
    periods = [
        m[0].periods[0] if m and m[0].periods and not _LOOKS_BACK.search(cell) else None
        for m, cell in zip(found, cells, strict=True)
    ]
    return periods if any(periods) else []


def _names(label: str, basis: str = "") -> Named | None:
    """The metric of a row of guidance; earnings per share are expected diluted, said or not."""
    each = _PER_SHARE.fullmatch(re.sub(r"\s*\(\d\)$", "", label))
    if each is not None:
        label = f"{each['basis'] or ''}diluted earnings per share"
    own = re.match(r"(?:non-)?GAAP|adjusted|core", label, re.I)
    return metric_of_label(label if own or not basis else f"{basis.split(' (')[0]} {label}")


def _of_row(
    text: Text,
    place: int,
    said: Sequence[str],
    periods: Sequence[Period | None],
    bases: Sequence[str],
    scale: int | None,
) -> Iterator[Guidance]:
    label, *cells = said
    own = [_OF_BASIS.match(cell) for cell in cells]
    if any(own):
        bases = [found["basis"] if found is not None else "" for found in own]
        cells = [_OF_BASIS.sub("", cell, count=1) for cell in cells]
    if len(bases) == len(cells) and len(periods) == 1:
        periods = [periods[0]] * len(cells)
    if len(periods) == len(cells) + 1:
        periods = periods[1:]
    if len(periods) != len(cells):
        return
    bases = bases if len(bases) == len(cells) else [""] * len(cells)
    block = text.blocks[place]
    for cell, period, basis in zip(cells, periods, bases, strict=True):
        amounts = [*find_amounts(cell.replace("~", ""))]
        named = _names(label, basis)
        if named is None or period is None or not 1 <= len(amounts) <= 2 or named.basis == "both":
            continue
        if _CENTS.search(cell) or re.search(r"[a-z]{4,}", _without_scales(cell)):
            continue
        made = _range(named.metric, amounts[0], amounts[-1], None, scale)
        if made is not None:
            start = text.starts[place]
            yield Guidance(
                named.name, *made, period, start, start + len(block.text), block.page, block.text
            )


def _without_scales(cell: str) -> str:
    return re.sub(r"thousand|million|billion|approximately|about|between", "", cell, flags=re.I)


def _stated(
    text: Text,
    place: int,
    offset: int,
    sentence: str,
    known: Calendar,
    heading: Mention | None,
) -> Iterator[Guidance]:
    marked = mark(sentence, known)
    if marked is None:
        return
    start = text.starts[place] + offset
    page = text.blocks[place].page
    for name, metric, low, high, around, span in _ranges(marked):
        period = _period(marked, span, heading)
        if period is None or _CENTS.match(sentence[high.end :]):
            continue
        made = _range(metric, low, high, around, None)
        said = sentence[: low.start].lower()
        if made is not None and "loss" in said and "income" not in said and made[0] > 0:
            made = (-made[1], -made[0], made[2])
        if made is not None:
            yield Guidance(name, *made, period, start + low.start, start + high.end, page, sentence)


def _ranges(
    marked: Marked,
) -> Iterator[tuple[str, Metric, Amount, Amount, Amount | None, tuple[int, int]]]:
    """(name, metric, low, high, plus or minus, place in the marked sentence)."""
    taken: set[int] = set()
    for found in _PAIR.finditer(marked.marked):
        named = marked.metrics[int(found["metric"])]
        around = marked.amounts[int(found["around"])] if found["around"] else None
        taken |= {int(found["first"]), int(found["second"])}
        if named.basis == "both":
            for name, group in (
                (named.metric.name, "first"),
                (f"non_gaap_{named.metric.name}", "second"),
            ):
                amount = marked.amounts[int(found[group])]
                yield name, named.metric, amount, amount, around, found.span()
    for found in _GIVEN.finditer(marked.marked):
        named = marked.metrics[int(found["metric"])]
        if named.basis == "both" or int(found["low"]) in taken or not _is_own(marked, named):
            continue
        if re.search(r"\bfrom\b", found[0]) and _MOVES.search(marked.text):
            # "Raises guidance from" what was expected "to" what is: no range.
            continue
        low = marked.amounts[int(found["low"])]
        high = marked.amounts[int(found["high"] or found["low"])]
        around = marked.amounts[int(found["around"])] if found["around"] else None
        yield named.name, named.metric, low, high, around, found.span()


def _is_own(marked: Marked, named: Named) -> bool:
    """Whether the metric is expected as a whole: no part, no growth of it."""
    before = marked.text[: named.start].rstrip()
    word = re.search(r"[\w’'-]+$", before)
    return (
        word is None
        or word[0].lower() in _MAY_STAND_BEFORE
        or any(mention.end == len(before) for mention in marked.mentions)
    )


_MAY_STAND_BEFORE: Final = frozenset(
    [
        "total",
        "expect",
        "expects",
        "expecting",
        "anticipate",
        "anticipates",
        "forecasting",
        "for",
        "year",
        "quarter",
        "our",
        "the",
        "and",
        "of",
        "initiates",
        "reiterates",
        "raises",
        "lowers",
        "updates",
        "gaap",
        "full-year",
        "that",
        "in",
        "to",
        "net",
        "fiscal",
    ]
)


def _period(marked: Marked, span: tuple[int, int], heading: Mention | None) -> Period | None:
    """The period nearest to a range: in it, before it, or behind it; else that of the heading."""
    places = [
        (marked.places[P, number], mention)
        for number, mention in enumerate(marked.mentions)
        if (P, number) in marked.places and len(mention.periods) == 1
    ]
    within = [m for at, m in places if span[0] <= at[0] < span[1]]
    before = [m for at, m in places if at[0] < span[0]]
    after = [
        m
        for at, m in places
        if at[0] >= span[1] and not _COMPARES.search(marked.marked, span[1], at[0])
    ]
    for mentions in (within, before[-1:], after[:1]):
        if mentions:
            return mentions[0].periods[0]
    if heading is not None and len(heading.periods) == 1:
        return heading.periods[0]
    return None


def _range(
    metric: Metric, low: Amount, high: Amount, around: Amount | None, scale: int | None
) -> tuple[Decimal, Decimal, str] | None:
    """(low, high, unit) as they count; None where the amounts cannot be the metric's."""
    unit = high.unit if high.unit != "count" else low.unit
    if low.unit not in {unit, "count"}:
        return None
    first, last = low.value, high.value
    if high.scale and not low.scale:
        # "$73.0 to $75.0 million"
        first = first.scaleb(high.scale)
    elif scale is not None and not high.scale and metric.kind == "money":
        first, last = first.scaleb(scale), last.scaleb(scale)
    wanted = {"percent": {"percent"}, "count": {"count"}}.get(metric.kind)
    if wanted is not None and unit not in wanted:
        return None
    if wanted is None and unit in {"percent", "points", "count"}:
        return None
    if metric.kind == "money" and abs(last) < 1000:
        return None
    if around is not None:
        width = around.value
        if around.unit == "points":
            width = width / 100 if width >= 10 else width
        elif around.unit == "percent" and metric.kind != "percent":
            width = abs(last) * around.value / 100
        first, last = first - width, last + width
    return counted(min(first, last), unit), counted(max(first, last), unit), unit
