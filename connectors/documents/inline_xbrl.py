"""Inline XBRL: the numeric facts that a filing tags in its own pages, with their dimensions.

Read as a stream by expat and not into a tree: a filing of 2 MB has a hundred thousand elements,
of which two thousand matter, and depth costs nothing. See Inline XBRL 1.1 and the SEC's
transformations.
"""

import re
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Final, NamedTuple
from xml.parsers import expat

from connectors.errors import BadBodyError

_IX: Final = "http://www.xbrl.org/2013/inlineXBRL"
_XBRLI: Final = "http://www.xbrl.org/2003/instance"
_XBRLDI: Final = "http://xbrl.org/2006/xbrldi"
_COVER: Final = (
    "dei:DocumentPeriodEndDate", "dei:DocumentFiscalYearFocus", "dei:DocumentFiscalPeriodFocus",
)  # fmt: skip
_NIL: Final = "http://www.w3.org/2001/XMLSchema-instance nil"
_MOST_DIGITS: Final = 40
# What decimal arithmetic keeps.
_EXACT_DIGITS: Final = 28
_CONCEPT: Final = re.compile(r"[^:\s]+:[^:\s]+")
_FIRST_YEAR, _LAST_YEAR = 1980, 2099
_ZERO: Final = frozenset({"fixed-zero", "zerodash", "fixedzero", "numdash", "nocontent"})
_DOT: Final = frozenset({"num-dot-decimal", "numdotdecimal", "numdotdecimalin", ""})
_COMMA: Final = frozenset({"num-comma-decimal", "numcommadecimal"})
_SPACES: Final = re.compile(r"[\s  ]+")
_ONES: Final = {
    word: number
    for number, word in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
        ]
    )
} | {"no": 0, "none": 0}
_TENS: Final = {
    word: 10 * number
    for number, word in enumerate(
        ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], start=2
    )
}
_POWERS: Final = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}


class InlineFact(NamedTuple):
    """One tagged number.

    `value` is as it counts, scaled and signed, in `unit` (USD, shares, USD/shares, pure, …);
    `decimals` says how exact it is (None for exact). `start_date` is None for an instant.
    `dimensions` are (axis, member) pairs in the order of their axes, none for the whole company.
    `offset` is the byte at which the tag begins.
    """

    concept: str
    unit: str
    start_date: date | None
    end_date: date
    value: Decimal
    decimals: int | None
    dimensions: tuple[tuple[str, str], ...]
    offset: int


class RefusedFact(NamedTuple):
    """A tag that says no number; `reason` says why."""

    concept: str
    text: str
    reason: str
    offset: int


class Cover(NamedTuple):
    """What a filing's cover tags of its period, as it is printed; "" for what is not tagged.

    `end` is the last day, `fiscal_period` "FY" or "Q1" to "Q3".
    """

    end: str = ""
    fiscal_year: str = ""
    fiscal_period: str = ""


@dataclass(frozen=True)
class InlineDocument:
    """What a filing tags: the registrant's identifier, its facts, and the tags that said none."""

    entity: str | None
    facts: list[InlineFact]
    refused: list[RefusedFact]
    cover: Cover


@dataclass
class _Context:
    entity: str | None = None
    start: date | None = None
    end: date | None = None
    dimensions: dict[str, str] = field(default_factory=dict)
    is_open_ended: bool = False


@dataclass
class _Unit:
    numerator: list[str] = field(default_factory=list)
    denominator: list[str] = field(default_factory=list)

    def name(self) -> str:
        above = "*".join(self.numerator)
        return f"{above}/{'*'.join(self.denominator)}" if self.denominator else above


@dataclass
class _Tag:
    attributes: dict[str, str]
    offset: int
    text: list[str] = field(default_factory=list)


def parse_inline_facts(body: bytes) -> InlineDocument:
    """Read the numeric facts of an Inline XBRL filing; BadBodyError for what is not well-formed.

    A document without any tag gives no facts. The same fact is tagged wherever it is printed: it is
    told once for each place.
    """
    reader = _Reader()
    try:
        reader.parser.Parse(body, True)
    except expat.ExpatError as error:
        raise BadBodyError(
            "documents", f"not well-formed XML ({error})", "", "read its text without its tags"
        ) from None
    return reader.document()


class _Reader:
    """Collects tags, contexts and units; a fact may stand before the context that it names."""

    def __init__(self) -> None:
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.EntityDeclHandler = _refuse_entity
        self._contexts: dict[str, _Context] = {}
        self._units: dict[str, _Unit] = {}
        self._tags: list[_Tag] = []
        self._open: list[_Tag] = []
        self._cover: dict[str, list[str]] = {}
        self._covered: list[str | None] = []
        self._excluded = 0
        self._context: _Context | None = None
        self._unit: _Unit | None = None
        self._is_below = False
        self._dimension: str | None = None
        self._leaf: list[str] | None = None

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        space, _, local = name.rpartition(" ")
        if space == _IX:
            if local == "nonFraction":
                tag = _Tag(attributes, self.parser.CurrentByteIndex)
                self._tags.append(tag)
                self._open.append(tag)
            elif local == "nonNumeric":
                named = attributes.get("name", "")
                # The registrant's own comes first; others of the filing follow it.
                is_new = named in _COVER and named not in self._cover
                self._covered.append(named if is_new else None)
                if is_new:
                    self._cover[named] = []
            elif local == "exclude":
                self._excluded += 1
        elif space == _XBRLI:
            self._start_xbrli(local, attributes)
        elif space == _XBRLDI:
            self._dimension = attributes.get("dimension")
            self._leaf = []
        elif self._dimension is not None:
            # The element of a typed member, whose text is the member.
            self._leaf = []

    def _start_xbrli(self, local: str, attributes: dict[str, str]) -> None:
        if local == "context":
            self._context = self._contexts.setdefault(attributes.get("id", ""), _Context())
        elif local == "unit":
            self._unit = self._units.setdefault(attributes.get("id", ""), _Unit())
        elif local == "unitDenominator":
            self._is_below = True
        elif local == "forever" and self._context is not None:
            self._context.is_open_ended = True
        elif local in {"identifier", "startDate", "endDate", "instant", "measure"}:
            self._leaf = []

    def _end(self, name: str) -> None:
        space, _, local = name.rpartition(" ")
        if space == _IX:
            if local == "nonFraction":
                self._open.pop()
            elif local == "nonNumeric":
                self._covered.pop()
            elif local == "exclude":
                self._excluded -= 1
        elif space == _XBRLI:
            self._end_xbrli(local)
        elif space == _XBRLDI:
            if self._context is not None and self._dimension is not None:
                self._context.dimensions[self._dimension] = "".join(self._leaf or []).strip()
            self._dimension = None
            self._leaf = None

    def _end_xbrli(self, local: str) -> None:
        text = "".join(self._leaf or []).strip()
        context = self._context
        if local == "context":
            self._context = None
        elif local == "unit":
            self._unit = None
        elif local == "unitDenominator":
            self._is_below = False
        elif local == "measure" and self._unit is not None:
            measures = self._unit.denominator if self._is_below else self._unit.numerator
            measures.append(text.rpartition(":")[2])
            self._leaf = None
        elif context is not None and local in {"identifier", "startDate", "endDate", "instant"}:
            if local == "identifier":
                context.entity = text
            elif local == "startDate":
                context.start = _date(text)
            else:
                context.end = _date(text)
            self._leaf = None

    def _text(self, text: str) -> None:
        if self._leaf is not None:
            self._leaf.append(text)
        if not self._excluded:
            for tag in self._open:
                tag.text.append(text)
            for named in self._covered:
                if named is not None:
                    self._cover[named].append(text)

    def document(self) -> InlineDocument:
        """All tags with their contexts and units."""
        facts: list[InlineFact] = []
        refused: list[RefusedFact] = []
        for tag in self._tags:
            made = self._fact(tag)
            if isinstance(made, InlineFact):
                facts.append(made)
            elif made is not None:
                refused.append(made)
        entities = {context.entity for context in self._contexts.values() if context.entity}
        cover = (" ".join("".join(self._cover.get(name, ())).split()) for name in _COVER)
        return InlineDocument(
            entities.pop() if len(entities) == 1 else None, facts, refused, Cover(*cover)
        )

    def _fact(self, tag: _Tag) -> InlineFact | RefusedFact | None:
        given = tag.attributes
        if given.get(_NIL) in {"true", "1"}:
            return None
        text = "".join(tag.text).strip()
        concept = given.get("name", "")

        def refuse(reason: str) -> RefusedFact:
            return RefusedFact(concept, text[:200], reason, tag.offset)

        context = self._contexts.get(given.get("contextRef", ""))
        unit = self._units.get(given.get("unitRef", ""))
        if context is None or unit is None:
            return refuse("its context or unit is not in the document")
        if context.end is None:
            return refuse("its context has no readable period")
        try:
            value = _number(text, given.get("format", ""))
            scale = int(given.get("scale") or 0)
            decimals = given.get("decimals", "INF")
            exactness = None if decimals == "INF" else int(decimals)
        except ValueError as error:
            return refuse(str(error))
        if abs(scale) > _MOST_DIGITS or abs(exactness or 0) > _MOST_DIGITS:
            return refuse(f"a scale of {scale}, exact to {decimals}")
        if not _CONCEPT.fullmatch(concept) or not unit.name():
            return refuse("its concept or unit has no name")
        if not _FIRST_YEAR <= context.end.year <= _LAST_YEAR or (
            context.start is not None and context.start > context.end
        ):
            return refuse("its period is none of a report")
        if len(value.as_tuple().digits) > _EXACT_DIGITS:
            return refuse("it has more digits than any figure")
        value = value.scaleb(scale)
        return InlineFact(
            concept,
            unit.name(),
            context.start,
            context.end,
            -value if given.get("sign") == "-" else value,
            exactness,
            tuple(sorted(context.dimensions.items())),
            tag.offset,
        )


def _refuse_entity(*_: object) -> None:
    raise BadBodyError(
        "documents", "declares entities", "", "no filing does; look at where it came from"
    )


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def _number(text: str, transformation: str) -> Decimal:
    """The number that the printed text says; ValueError where it says none."""
    form = transformation.rpartition(":")[2]
    if form in _ZERO:
        return Decimal(0)
    if form == "numwordsen":
        return Decimal(_in_words(text))
    plain = _SPACES.sub("", text)
    if form in _DOT:
        plain = plain.replace(",", "")
    elif form in _COMMA:
        plain = plain.replace(".", "").replace(",", ".")
    else:
        raise ValueError(f"the transformation {transformation} is not known")
    if not re.fullmatch(r"[0-9]*\.?[0-9]+|[0-9]+\.", plain) or len(plain) > _MOST_DIGITS:
        raise ValueError("no number")
    try:
        return Decimal(plain)
    except InvalidOperation:
        raise ValueError("no number") from None


def _in_words(text: str) -> int:
    """A whole number in English words, such as "one hundred and twenty-five thousand"."""
    words = re.findall(r"[a-z]+|[0-9]+", text.lower().replace(",", ""))
    total = group = 0
    if not words:
        raise ValueError("no number")
    for word in words:
        if word == "and" or (word == "a" and group == 0):
            continue
        if word in _ONES:
            group += _ONES[word]
        elif word in _TENS:
            group += _TENS[word]
        elif word.isdigit() and len(word) <= _MOST_DIGITS:
            group += int(word)
        elif word == "hundred":
            group = (group or 1) * 100
        elif word in _POWERS:
            total += (group or 1) * _POWERS[word]
            group = 0
        else:
            raise ValueError(f"{word!r} is no number word")
    return total + group
