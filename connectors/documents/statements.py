"""Statements: the values of metrics that a sentence tells, and for which period each.

Only the few ways in which values are stated count. A bound ("more than"), a change ("an increase
of"), a part ("Data Center revenue"), an expectation and what others do are none of them.
"""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from connectors.documents.amounts import Amount
from connectors.documents.marks import END, A, M, Marked, P, mark
from connectors.documents.metrics import Named, metric_named
from connectors.documents.periods import Calendar, Period
from connectors.documents.vocabulary import Metric

_EXPECTS: Final = re.compile(
    r"\b(?:expect(?:s|ed|ing|ation)?|forecast(?:s|ing)?|guid(?:ance|ing)|outlook|anticipat\w+"
    r"|target(?:s|ed|ing)?|will|would|could|may|plans? to|intends?|estimates? that|aims?|goal"
    r"|assum\w+|hypothetical|projected)\b",
    re.I,
)
_OTHERS: Final = re.compile(
    r"\b(?:industry|the market|competitors?|worldwide population|estimated market)\b", re.I
)
_m: Final = rf"{M}(\d+){END}"
_a: Final = rf"{A}(\d+){END}"
_p: Final = rf"{P}\d+{END}"
# Anything within a clause but another metric or amount.
_FILL: Final = r"[^.;\ue001\ue002]"
_EXACT: Final = (
    r"(?:(?:a|an|our|the)\s)?(?:(?:new\s)?(?:all-time\s)?record\s(?:of\s)?|record,?\s)?"
    r"(?:approximately\s|about\s|roughly\s|~\s?|c\.\s)?"
)
# What may stand between a metric and its verb.
_ASIDE: Final = (
    r"(?:\s?\([^()\ue002]{0,60}\)"
    r"|\s(?:from|[-–—])\scontinuing operations"
    rf"|,?\s(?:for|in|during|as of|at)?\s?(?:the\s)?(?:full\s|fiscal\s|entire\s)?{_p}"
    r"(?:[^\w\ue001-\ue003]{0,2}fiscal (?:period|quarter|year))?,?"
    r"|,?\s(?:on average|worldwide|globally|attributable to [A-Z]\w+(?: \w+)?))*"
)
_IS: Final = (
    r"\s?(?:\s(?:was|were|is|are|of|at|reached|totall?ed|came in at|amounted to|stood at|hit"
    rf"|ended(?:\s(?:the\s)?{_p})?\sat|grew to|increased to|rose to|decreased to|declined to"
    r"|fell to|improved to|to)|:|\s[-–—])\s(?:a\s(?:net\s)?loss\sof\s)?"
)
_CHANGED: Final = (
    r",?\s(?:was\s|were\s)?(?:up|down|increased|grew|rose|decreased|declined|fell|climbed|improved"
    r"|jumped|dropped)"
)
_STATED: Final = re.compile(rf"{_m}{_ASIDE}{_IS}{_EXACT}{_a}")
_MOVED: Final = re.compile(
    rf"{_m}{_ASIDE}{_CHANGED}(?:\sby)?,?\s{_EXACT}{A}\d+{END}(?:,?\sor\s{A}\d+{END},?)?"
    rf"{_FILL}{{0,60}}(?<!due),?\sto\s{_EXACT}{_a}"
)
_COUNTED: Final = re.compile(
    rf"{_a}\s(?:(?:total|global|worldwide|active|of our|of)\s)?{_m}"
    r"(?!\s(?:with|who|that|whose|using|under|aged|outside|on|participat\w+|enrolled)\b)"
    rf"(?!\sin\s(?!(?:over\s|more than\s|approximately\s)?{A}))"
)
_EARNED: Final = re.compile(rf"{_a}\s(?:of|in)\s(?:(?:total|our|quarterly|record|GAAP)\s)*{_m}")
_GROWN: Final = re.compile(
    rf"(?:grew|increased|expanded)\s(?:our\s)?(?:total\s)?{_m}(?:\sby)?\s{_EXACT}{A}\d+{END}"
    rf"{_FILL}{{0,40}}\sto\s{_EXACT}{_a}"
)
_list: Final = rf"((?:{_EXACT}{A}\d+{END}(?:,\s|,?\sand\s))+{_EXACT}{A}\d+{END})"
# Several values for as many periods, told in the same order.
_LISTED: Final = (
    re.compile(rf"{_list}\s(?:of\s|in\s)?(?:total\s)?{_m}{_FILL}*respectively"),
    re.compile(rf"{_m}{_ASIDE}{_IS}{_list}{_FILL}*respectively"),
    re.compile(
        rf"{_m}{_ASIDE}{_CHANGED}\sto\s({_EXACT}{A}\d+{END}\sfrom\s{_EXACT}{A}\d+{END})"
        rf"(?={_FILL}*{P})"
    ),
)
_PAIR: Final = re.compile(rf"{_m}{_ASIDE}{_IS}{_EXACT}{_a}\sand\s{_EXACT}{_a},?\srespectively")
# ", or 16.8% of net sales," and ", $3.07 per diluted share," after a value.
_ALSO: Final = rf"(?:,?\s(?:or\s)?{A}\d+{END}(?:\sof\s{M}\d+{END}|\sper\s(?:diluted\s)?share),?)?"
_EACH_SHARE: Final = re.compile(
    rf",?\s(?:or\s|and\s)?{_a}\s(?:per\sdiluted\s(?:common\s)?share|per\sshare,?\sdiluted)"
)
_COMPARED: Final = re.compile(
    rf"^{_ALSO}{_FILL}{{0,30}}?"
    rf"(?:\b(?:up|down|increase of|decrease of)\s{A}\d+{END}{_FILL}{{0,20}}?)?"
    r"(?:compared\s(?:to|with)|versus|vs\.?|up from|down from|from)\s"
    rf"(?:{_m}\s(?:of\s)?)?{_EXACT}{_a}(?P<after>{_ALSO}[^.;\ue002]{{0,60}})"
)
_COMPARED_BY_NAME: Final = re.compile(
    rf"^[^.;\ue001]{{0,120}}?compared\s(?:to|with)\s{_m}\s(?:of\s)?{_EXACT}{_a}"
    r"(?P<after>[^.;]{0,120})"
)
# A figure of the company's own is earned by it, and not by one of its products.
_EARNER: Final = re.compile(
    r"(?:^\W*|\b(?:we|company|and|it)\s)(?:also\s)?(?:generated|delivered|reported|achieved|had"
    r"|recorded|produced|posted|earned)\s"
    rf"(?:{_EXACT})?(?:{A}\d+{END}\s(?:of|in)\s{M}\d+{END}(?:,|\sand)\s)*{_EXACT}$",
    re.I,
)
_SAME_PERIOD: Final = re.compile(r"\b(?:same|comparable|corresponding)\s(?:period|quarter)", re.I)
_CONTRASTED: Final = re.compile(r"\b(?:compared (?:to|with)|versus|from|than)\s(?:the\s)?$", re.I)
_CONTRAST_AT: Final = re.compile(
    r"\b(?:compared (?:to|with)|versus|from|than)\s[^.;]{0,400}$", re.I
)
_MONTHS: Final = (
    "January|February|March|April|May|June|July|August|September|October|November|December"
)
# Times that no period is made of.
_UNTOLD: Final = re.compile(
    r"\b(?:year[- ]to[- ]date|ytd|(?:three|six|nine|twelve)[- ]months?|trailing|ltm|ttm"
    r"|three quarters|(?:first|second) half|half[- ]year|annual(?:ly|ized)?"
    r"|(?:the|this|each|per) year|calendar|today"
    rf"|to date|since|currently|now|(?:on|during|in) (?:{_MONTHS}))\b",
    re.I,
)
_COMPARISON: Final = re.compile(
    r"\b(?:compared|versus|from|than|increase|decrease|up|down)\b.*$", re.I
)
# What stands behind a value that is none: a difference, one end of a range, another currency.
_NO_LEVEL: Final = re.compile(
    r"\s?(?:higher|lower|better|worse|above|below|ahead|less|more than|from our|attributable"
    rf"|(?:increase|decrease|decline|reduction|improvement|benefit|charge)s?\b"
    rf"|loss\b|CAD|AUD|EUR|GBP|(?:to|and|[-–—])\s?{_EXACT}{A})",
    re.I,
)
# What stands before a metric that is told on another basis, by others, or of a place.
_OTHER_BASIS: Final = re.compile(
    r"constant[- ]currency|excluding|pro forma|consensus|\bstreet\b|midpoint|\brange\b|analysts",
    re.I,
)
_OF_A_PART: Final = re.compile(
    r"(?:^|[.;:]\s)\W*(?:In|Within|For|Across)\s(?:our\s|the\s)?[A-Z][a-z]", re.M
)
_LABELLED: Final = re.compile(r"^\W*(?P<label>[A-Z][\w&]+(?:\s[A-Z][\w&]+){0,3})\s?:\s")
_GENERAL: Final = re.compile(
    r"cash|flow|earnings|share|result|financial|revenue|profit|margin|tax|balance|highlight|summary"
    r"|metric|total|gaap|company|quarter|year|operat|user|growth",
    re.I,
)
# Who counts, and what is counted of others.
_COUNTER: Final = re.compile(
    rf"(?:^\W*|\b(?:had|have|has|serves?|served|reach(?:ed|ing)?|with|totall?ed|of|to)\s){_EXACT}$",
    re.I,
)
_OF_OTHERS: Final = re.compile(
    r"\b(?:laid off|layoffs?|reduc\w+|survey\w*|stud(?:y|ies|ied)|sampled?|acqui\w+|partners?"
    r"|sale of|hired|terminat\w+|trained)\b",
    re.I,
)
# What makes of a metric's name something else when it stands before it.
_CHANGE_BEFORE: Final = re.compile(
    r"\b(?:(?:increase|decrease|growth|change|decline|improvement|reduction)s? in|percentage of"
    r"|% of|impact(?:ed)?(?: on)?|share of|portion of|excluding|less|driven by|per|costs? of"
    r"|deferred"
    r"|unearned|million of|expansion of|definition of|margin on|basis points of)"
    r" (?:total |our |net |the )*$",
    re.I,
)
_MAY_STAND_BEFORE: Final = frozenset(
    {
        "total", "net", "our", "the", "its", "consolidated", "gaap", "quarterly", "annual",
        "record", "global", "worldwide", "company's", "company’s", "and", "of", "in", "to", "by",
        "with", "had", "have", "has", "generated", "delivered", "reported", "achieved", "or",
        "fiscal", "full", "year", "quarter", "first", "second", "third", "fourth", "half",
        "full-year", "reaching", "while", "for", "a", "an", "we", "surpassed", "reached",
        "served", "added", "us", "from", "that", "this", "as", "grew", "increased", "where",
        "their", "are", "were", "was", "is", "group", "today", "strong",
    }
)  # fmt: skip
_BOUND_BEFORE: Final = re.compile(
    r"\b(?:more than|less than|over|under|nearly|almost|up to|at least|fewer than"
    r"|exceed(?:s|ed|ing)?|surpass(?:ed|ing)?|by|between|top(?:ped)?|additional|another|every|each"
    r"|per|next|above|below)\s(?:an?\s)?$",
    re.I,
)
_CHANGE_OF: Final = re.compile(
    r"\b(?:increase|decrease|decline|impact|benefit|reduction|charge) of $", re.I
)
# Of these the part without what was given up is another figure.
_WHOLE: Final = frozenset({"net_income", "net_income_attributable", "eps_diluted"})
_CONTINUING: Final = re.compile(r"\s(?:from|[-–—]) continuing operations", re.I)
_SIGNED: Final = frozenset(
    {"net_income", "net_income_attributable", "operating_income", "eps_diluted"}
)
_LEAST_COUNT: Final = 100
# There are no more people.
_MOST_COUNT: Final = 8_000_000_000


class Statement(NamedTuple):
    """A value of a metric within a sentence: name, amount, and the period that is told of it.

    `is_comparison` where it stands beside another, `is_said` where the sentence names its period,
    or periods of which nobody can say whose they are.
    """

    name: str
    metric: Metric
    amount: Amount
    period: Period | None
    is_comparison: bool
    is_said: bool


def read_sentence(
    sentence: str, known: Calendar, default: Period | None = None
) -> Iterator[Statement]:
    """The values of metrics that one sentence states.

    `default` is the period of a sentence that names none, from which "a year ago" counts.
    """
    if _EXPECTS.search(sentence):
        return
    marked = mark(sentence, known)
    if marked is not None:
        yield from _SentenceReader(marked, known, default).read()


class _SentenceReader:
    """The ways in which a sentence states a value, tried from the most to the least telling."""

    def __init__(self, sentence: Marked, known: Calendar, default: Period | None) -> None:
        self.sentence = sentence.text
        self.marked = sentence.marked
        self.places = sentence.places
        self.metrics = sentence.metrics
        self.amounts = sentence.amounts
        self.mentions = sentence.mentions
        self.known = known
        self.default = default
        self.used: set[int] = set()

    def read(self) -> Iterator[Statement]:
        for found in _PAIR.finditer(self.marked):
            yield from self._pair(found)
        for form, pattern in enumerate(_LISTED):
            for found in pattern.finditer(self.marked):
                yield from self._listed(found, form)
        for pattern in (_MOVED, _GROWN, _STATED, _EARNED, _COUNTED):
            for found in pattern.finditer(self.marked):
                first, second = found.groups()
                is_counted = pattern in (_COUNTED, _EARNED)
                number, which = (
                    (int(first), int(second)) if is_counted else (int(second), int(first))
                )
                yield from self._stated(number, which, found.start(), found.end(), is_counted)

    def _pair(self, found: re.Match[str]) -> Iterator[Statement]:
        """ "GAAP and non-GAAP gross margin were 78.4% and 78.9%, respectively"."""
        named = self.metrics[int(found[1])]
        if named.basis != "both":
            return
        period, is_said = self._period(found.start(), found.end())
        names = (named.metric.name, f"non_gaap_{named.metric.name}")
        for name, number in zip(names, (int(found[2]), int(found[3])), strict=True):
            yield from self._value(name, named.metric, number, period, False, is_said)

    def _listed(self, found: re.Match[str], form: int) -> Iterator[Statement]:
        """ "133.1 million and 116.7 million MAUs for the three months ended … 2025 and 2024"."""
        listed, which = found.groups() if form == 0 else reversed(found.groups())
        numbers = [int(number) for number in re.findall(rf"{A}(\d+){END}", listed)]
        named = self.metrics[int(which)]
        mentions = [m for n, m in enumerate(self.mentions) if self._is_near(n, found)]
        periods = [period for mention in mentions for period in mention.periods]
        is_told = len(periods) == len(numbers) and len(set(periods)) == len(periods)
        if named.basis == "both" or not self._is_own(named, form == 0) or not is_told:
            # Nobody may take one of them for the only one; "from A to B" says which is which.
            if form < 2:
                self.used.update(numbers)
            return
        if (
            form == 0
            and named.metric.kind == "money"
            and not _EARNER.search(self.marked[: found.start()])
        ):
            self.used.update(numbers)
            return
        for number, period in zip(numbers, periods, strict=True):
            yield from self._value(named.name, named.metric, number, period, False, True)

    def _is_near(self, number: int, found: re.Match[str]) -> bool:
        """Whether a period stands before a match's end, or behind it and no value between."""
        at = self.places.get((P, number))
        if at is None:
            return False
        return at[0] < found.end() or not re.search(
            r"[\ue001\ue002]", self.marked[found.end() : at[0]]
        )

    def _stated(
        self, number: int, which: int, start: int, end: int, is_counted: bool
    ) -> Iterator[Statement]:
        named = self.metrics[which]
        if number in self.used or named.basis == "both" or not self._is_own(named, is_counted):
            return
        if is_counted and _OTHERS.search(self.sentence):
            return
        if not is_counted and _CONTRASTED.search(self.sentence[: named.start]):
            return
        if _NO_LEVEL.match(self.marked, end) or not self._is_whole(named, number, start):
            return
        if is_counted and named.metric.kind == "money" and not _EARNER.search(self.marked[:start]):
            return
        is_continuing = _CONTINUING.match(self.sentence[named.end :]) is not None
        if named.metric.name in _WHOLE and is_continuing and named.basis != "non_gaap":
            return
        if _BOUND_BEFORE.search(self.sentence[: self.amounts[number].start]) and is_counted:
            return
        period, is_said = self._period(start, end)
        made = [*self._value(named.name, named.metric, number, period, False, is_said)]
        yield from made
        if made:
            yield from self._compared(named, end, period)
            if named.metric.name in _WHOLE - {"eps_diluted"}:
                yield from self._each_share(named, end, period, is_said)

    def _each_share(
        self, named: Named, end: int, period: Period | None, is_said: bool
    ) -> Iterator[Statement]:
        """ ", or $1.03 per diluted share" behind a net income."""
        found = _EACH_SHARE.match(self.marked, end)
        if found is not None:
            metric = metric_named("eps_diluted")
            name = metric.name if named.basis == "gaap" else f"non_gaap_{metric.name}"
            yield from self._value(name, metric, int(found[1]), period, False, is_said)

    def _is_whole(self, named: Named, number: int, start: int) -> bool:
        """Whether the sentence tells of the company, on the basis of its accounts."""
        first = min(named.start, self.amounts[number].start)
        before = self.sentence[:first]
        label = _LABELLED.match(self.marked)
        if _OTHER_BASIS.search(before) or (label and not _GENERAL.search(label["label"])):
            return False
        if _OF_A_PART.search(self.marked, 0, start):
            return False
        if named.metric.kind != "count":
            return True
        is_first = self.amounts[number].end <= named.start
        return not _OF_OTHERS.search(self.sentence) and (
            not is_first or _COUNTER.search(self.marked[:start]) is not None
        )

    def _compared(self, named: Named, end: int, period: Period | None) -> Iterator[Statement]:
        """ ", compared with net income of $51.8 million for the third quarter of fiscal 2023"."""
        found = _COMPARED_BY_NAME.match(self.marked[end:]) or _COMPARED.match(self.marked[end:])
        if found is None or (
            found[1] is not None and self.metrics[int(found[1])].name != named.name
        ):
            return
        after = re.search(rf"{P}(\d+){END}", found["after"])
        if after is None:
            return
        mention = self.mentions[int(after[1])]
        base = period or self.default or self.known.current()
        said = self.sentence[mention.start : mention.end].lower()
        if base is not None and base.kind == "annual" and period is None and "quarter" in said:
            base = self.known.current_quarter()
        other: Period | None = None
        if mention.periods:
            other = mention.periods[0]
        elif base is not None and mention.shift:
            other = self.known.shifted(base, mention.shift)
        if other is not None and base is not None and other.kind not in {base.kind, "instant"}:
            # "the same period in 2023" is no year; of "in 2023" beside a quarter nobody knows.
            between = self.marked[end:]
            is_alike = other.kind == "annual" and _SAME_PERIOD.search(between)
            years = (base.fiscal_year or 0) - (other.fiscal_year or 0)
            other = self.known.shifted(base, -4 * years) if is_alike and 0 < years < 5 else None
        if other is None or other == period:
            return
        yield from self._value(named.name, named.metric, int(found[2]), other, True, True)

    def _value(
        self,
        name: str,
        metric: Metric,
        number: int,
        period: Period | None,
        is_comparison: bool,
        is_said: bool,
    ) -> Iterator[Statement]:
        amount = self.amounts[number]
        if number in self.used or not fits(metric, amount.value, amount.unit):
            return
        if _is_loss(self.sentence, name, amount, self.metrics):
            amount = amount._replace(value=-amount.value)
        self.used.add(number)
        yield Statement(name, metric, amount, period, is_comparison, is_said)

    def _is_own(self, named: Named, is_counted: bool = False) -> bool:
        """Whether the metric is the company's: no part of it, no change, no share."""
        before = self.sentence[: named.start]
        if is_counted:
            # Its amount stands before it: what stands before that decides.
            amounts = [a for a in self.amounts if a.end <= named.start]
            before = self.sentence[: amounts[-1].start] if amounts else before
            return _CHANGE_OF.search(before) is None
        if _CHANGE_BEFORE.search(before):
            return False
        words = re.findall(r"[\w’'-]+$", before.rstrip())
        ends_clause = not before.strip() or before.rstrip()[-1:] in '.,;:–—-•●▪“"(|'
        if ends_clause or any(m.end == len(before.rstrip()) for m in self.mentions):
            return True
        word = words[0].lower() if words else ""
        # A year before a metric that is no period's name: nobody knows whose the figure is.
        return word in _MAY_STAND_BEFORE

    def _period(self, start: int, end: int) -> tuple[Period | None, bool]:
        """The period of a value that is stated between two places of the marked sentence."""
        within, after, before = [], [], []
        for number, mention in enumerate(self.mentions):
            at = self.places.get((P, number))
            if at is None:
                continue
            if start <= at[0] < end:
                within.append(mention)
            elif at[0] >= end:
                if not re.search(
                    r"[\ue001\ue002;]|compared|versus|from ", self.marked[end : at[0]]
                ):
                    after.append(mention)
            else:
                before.append(mention)
        for mentions in (within, after[:1], before[-1:]):
            absolute = [m for m in mentions if m.periods]
            if absolute:
                periods = absolute[0].periods
                # Two periods and one value belong together only where they are told apart.
                return (periods[0], True) if len(periods) == 1 else (None, True)
        if _UNTOLD.search(_without_comparison(self.marked)) or any(
            not mention.periods and self._is_main(number)
            for number, mention in enumerate(self.mentions)
        ):
            # A time that is said and not understood: nobody may take another for it.
            return None, True
        others = {period for number in range(len(self.mentions)) for period in self._own(number)}
        # One period said for several values is each one's; of several nobody can say whose.
        return (others.pop(), True) if len(others) == 1 else (None, bool(others))

    def _is_main(self, number: int) -> bool:
        """Whether a mention stands where no comparison does."""
        at = self.places.get((P, number))
        return at is not None and not _CONTRAST_AT.search(self.marked, 0, at[0])

    def _own(self, number: int) -> tuple[Period, ...]:
        """The periods of a mention that is no comparison's."""
        return self.mentions[number].periods if self._is_main(number) else ()


def _is_loss(sentence: str, name: str, amount: Amount, metrics: Sequence[Named]) -> bool:
    """Whether a positive number is a loss: "net loss of $5 million"."""
    if metric_named(name).name not in _SIGNED or amount.value <= 0:
        return False
    own = [named for named in metrics if named.metric == metric_named(name)]
    before = [named for named in own if named.end <= amount.start] or own[:1]
    said = sentence[before[-1].start : amount.start].lower() if before else ""
    return "loss" in said and "income" not in said and "(loss)" not in said


def _without_comparison(marked: str) -> str:
    """The sentence up to what it compares with."""
    return _COMPARISON.sub("", marked)


def fits(metric: Metric, value: Decimal, unit: str) -> bool:
    """Whether an amount can be the metric's value at all."""
    if metric.kind == "percent":
        return unit == "percent" and abs(value) <= 1000
    if metric.kind == "count":
        is_possible = _LEAST_COUNT <= value <= _MOST_COUNT and not _looks_like_year(value)
        return unit == "count" and is_possible
    if unit in {"percent", "points", "count"}:
        return False
    return abs(value) >= 1000 if metric.kind == "money" else abs(value) < 100_000


def _looks_like_year(value: Decimal) -> bool:
    return value == value.to_integral_value() and 1990 <= value <= 2060
