"""Fiscal periods as documents name them, from the document's own calendar.

A document says once which quarter or year it is about and on which day that ended; from there "Q3
2024" and "the prior year period" have a place. A day that cannot be told from it stays unknown.
"""

import calendar
import re
from collections.abc import Iterator
from datetime import date
from typing import Final, Literal, NamedTuple

Kind = Literal["quarter", "half_year", "nine_months", "annual", "instant"]

_MONTHS: Final = {name.lower(): number for number, name in enumerate(calendar.month_abbr) if name}
MONTH: Final = (
    r"(?:Jan(?:uary|\.)?|Feb(?:ruary|\.)?|Mar(?:ch|\.)?|Apr(?:il|\.)?|May|June?\.?|July?\.?"
    r"|Aug(?:ust|\.)?|Sept?(?:ember|\.)?|Oct(?:ober|\.)?|Nov(?:ember|\.)?|Dec(?:ember|\.)?)"
)
_SLASHED: Final = r"\d{1,2}/\d{1,2}/(?:19|20)\d\d"
DATE: Final = rf"(?:{MONTH}\s\d{{1,2}},?\s(?:19|20)\d\d|{_SLASHED})"
_ORDINALS: Final = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "1st": 1, "2nd": 2, "3rd": 3, "4th": 4,
}  # fmt: skip
_ORDINAL: Final = r"(?:first|second|third|fourth|1st|2nd|3rd|4th)"
_SPANS: Final[dict[str, Kind]] = {
    "three months": "quarter",
    "six months": "half_year",
    "nine months": "nine_months",
    "twelve months": "annual",
    "twelve weeks": "quarter",
    "16 weeks": "quarter",
    "17 weeks": "quarter",
    "24 weeks": "half_year",
    "36 weeks": "nine_months",
    "13 weeks": "quarter",
    "14 weeks": "quarter",
    "26 weeks": "half_year",
    "39 weeks": "nine_months",
    "52 weeks": "annual",
    "53 weeks": "annual",
    "quarter": "quarter",
    "year": "annual",
}
_WORDS: Final = {
    "3": "three", "6": "six", "9": "nine", "12": "twelve", "thirteen": "13", "fourteen": "14",
    "twenty-six": "26", "thirty-nine": "39", "fifty-two": "52", "fifty-three": "53",
}  # fmt: skip
YEAR: Final = r"(?:19|20)\d\d"
# Where documents say what they are about, in characters; and the first paragraphs.
_HEAD: Final = 30_000
# How far the end of a fiscal quarter lies from that of its month.
_DAYS_OFF: Final = 20
_TOP: Final = 6_000
_ENDED: Final = re.compile(
    rf"(?:(?P<count>three|six|nine|twelve|3|6|9|12|13|14|16|17|24|26|36|39|52|53|thirteen|fourteen|twenty-six"
    rf"|thirty-nine|fifty-two|fifty-three)[\s-](?P<unit>months?|weeks?)"
    rf"(?:\s(?:fiscal\s)?(?:quarter|period|year))?(?:\s?\([^)]{{1,30}}\))?"
    rf"|(?P<name>quarter|year)s?)(?:,)?\s(?:periods?\s)?(?:ended|ending)(?:\son|:)?\s"
    rf"(?P<date>{DATE})(?P<more>(?:(?:,\sand\s|,\s|\sand\s)(?:{DATE}|{YEAR}))*)",
    re.I,
)
_QUARTER: Final = re.compile(
    rf"\b(?P<ordinal>{_ORDINAL})[\s-](?:fiscal\s)?quarter"
    rf"(?:(?:\s(?:and|&)\s(?:full|fiscal)[\s-](?:fiscal[\s-])?year)?"
    rf"(?:\sof)?(?:\sthe)?(?:\sfiscal)?(?:\syear)?(?:\s|,\s)(?:FY\s?)?(?P<year>{YEAR}|\d\d(?=\b)(?<=FY\d\d)))?",
    re.I,
)
# Two digits are a year behind "FY" or an apostrophe; "Q3 39%" is none.
_SHORT_QUARTER: Final = re.compile(
    rf"\bQ(?P<quarter>[1-4])(?:[\s-]?(?:of\s)?(?:FY\s?[’']?(?P<fy>{YEAR}|\d\d)"
    rf"|(?:fiscal(?:\syear)?\s)?(?P<year>{YEAR})|[’'](?P<short>\d\d))(?![\d.,]*\d|\s?%))?",
)
# The first months of a year, said by their number.
_PART_OF_YEAR: Final = re.compile(
    rf"\b(?:first\s)?(?P<part>six\smonths|nine\smonths|half|three\squarters)\s(?:(?:of|in)\s)?"
    rf"(?:fiscal\s(?:year\s)?)?(?P<year>{YEAR})\b",
    re.I,
)
_PARTS: Final[dict[str, tuple[Kind, int]]] = {
    "six months": ("half_year", 2),
    "half": ("half_year", 2),
    "nine months": ("nine_months", 3),
    "three quarters": ("nine_months", 3),
}
# "the three and nine months ended": two periods, of which the words before name the other.
_TWO_SPANS: Final = re.compile(
    r"\b(?:three|six|nine|quarter|13|26|39)(?:\s(?:and|or)\s)(?:the\s)?$", re.I
)
_MONTH_QUARTER: Final = re.compile(rf"\b(?P<month>{MONTH})\s(?:(?P<year>{YEAR})\s)?quarter\b", re.I)
_FISCAL_YEAR: Final = re.compile(
    rf"\b(?:(?:full[\s-])?fiscal(?:[\s-]year)?\s|(?:full[\s-])(?:year|fiscal)\s|FY\s?[’']?)"
    rf"(?:FY\s?)?(?P<year>{YEAR}|\d\d\b)(?P<more>(?:(?:,\sand\s|,\s|\sand\s){YEAR})*)",
    re.I,
)
# A headline: "Announces Full Year 2024 Results".
_YEAR_OF_RESULTS: Final = re.compile(
    rf"\b(?:full|fiscal)[\s-](?:fiscal\s)?(?:year\s)?(?P<year>{YEAR})\s(?:\w+\s)?results\b", re.I
)
_AT: Final = re.compile(
    rf"\b(?:as\sof|at)\s(?:the\send\sof\s)?(?P<date>{DATE})"
    rf"(?P<more>(?:(?:,\sand\s|,\s|\sand\s)(?:{DATE}|{YEAR}))*)",
    re.I,
)
_LABELLED_END: Final = re.compile(
    rf"(?:{_ORDINAL})\s(?:fiscal\s)?quarter[^.]{{0,60}}?\bended\s({DATE})", re.I
)
_TABLE_END: Final = re.compile(
    rf"(?:three\smonths|quarter|1[34]\sweeks)\sended\b[^\d]{{0,80}}?"
    rf"(?P<day>{MONTH}\s\d{{1,2}}),?(?:\s(?P<year>{YEAR})|[^\n]{{0,60}}\n\D{{0,40}}(?P<below>{YEAR}))",
    re.I,
)
# A quarterly report's cover.
_COVER_END: Final = re.compile(rf"\bquarterly\speriod\sended:?\s(?P<date>{DATE})", re.I)
_FOCUSES: Final = {"FY": 4, "Q4": 4, "Q3": 3, "Q2": 2, "Q1": 1}
_FISCAL: Final = re.compile(rf"fiscal(?:\s+year)?\s+{YEAR}", re.I)
_OTHER_QUARTER: Final = re.compile(
    r"\b(?:compared|from|versus|vs|than|outlook|guidance|raises|initiates|expect(?:s|ing)?"
    r"|forecast(?:s|ing)?|anticipat(?:es|ing)|project(?:s|ing)|sees)\b[^.;]*$",
    re.I,
)
_LOOKS_AHEAD: Final = re.compile(r"\s(?:\w+\s)?(?:outlook|guidance|expectations)", re.I)
_PLAIN_YEAR: Final = re.compile(
    rf"\b(?:in|for|during|of)\s(?P<year>{YEAR})\b(?!\s?[-–/]\s?\d)", re.I
)
_THIS_QUARTER: Final = re.compile(r"\b(?:the|this)\squarter\b", re.I)
_CURRENT_QUARTER: Final = re.compile(r"\b(?:the\s)?current[\s-]quarter\b", re.I)
_FULL_YEAR: Final = re.compile(
    r"\b(?:the\s)?(?:(?:full|fiscal)[\s-]year\b(?!\s\d)|current[\s-](?:fiscal[\s-])?year\b)", re.I
)
_YEAR_AGO: Final = re.compile(
    r"\b(?:a\syear\s(?:ago|earlier)|(?:the\s)?(?:year[\s-]ago|prior[\s-]year)(?:\s(?:period|quarter))?"
    r"|(?:the\s)?(?:same|comparable|corresponding)\s(?:period|quarter)\s(?:(?:of|in)\s)?(?:the\s)?(?:prior|last|previous)"
    r"(?:\s(?:fiscal\s)?year)?|last\syear|(?:the\s)?previous\syear)(?!\w)",
    re.I,
)
_QUARTER_AGO: Final = re.compile(
    r"\b(?:a\squarter\sago|(?:the\s)?(?:prior|previous|preceding)[\s-]quarter|last\squarter)\b",
    re.I,
)


class Period(NamedTuple):
    """A fiscal period: its last day and its fiscal label, each None where it cannot be told."""

    kind: Kind
    end: date | None
    fiscal_year: int | None
    fiscal_quarter: int | None

    @property
    def label(self) -> str:
        """ "FY2025", "Q4 2025", "6M Q2 2025"; a day that ends no period of ours is itself."""
        if self.fiscal_year is None:
            return f"{self.kind} to {self.end}" if self.end else ""
        if self.kind == "annual":
            return f"FY{self.fiscal_year}"
        prefix = {"half_year": "6M ", "nine_months": "9M "}.get(self.kind, "")
        return f"{prefix}Q{self.fiscal_quarter} {self.fiscal_year}"


class Mention(NamedTuple):
    """A period's name in a text; several where it lists them ("2025 and 2024")."""

    start: int
    end: int
    periods: tuple[Period, ...]
    # -4 and -1: quarters from the period that the sentence is about.
    shift: int = 0


class Calendar(NamedTuple):
    """What a document is about: its period and, from there, its fiscal quarters and years."""

    kind: Literal["quarter", "annual"] | None
    end: date | None
    fiscal_year: int | None
    fiscal_quarter: int | None

    def quarter(self, year: int, quarter: int) -> Period:
        """That fiscal quarter."""
        return Period("quarter", self._end_of(year, quarter), year, quarter)

    def year(self, year: int) -> Period:
        """That fiscal year."""
        return Period("annual", self._end_of(year, 4), year, None)

    def ended(self, kind: Kind, end: date) -> Period:
        """The period of that kind that ended on a day."""
        steps = self._steps_to(end)
        if steps is None or self.fiscal_year is None or self.fiscal_quarter is None:
            return Period(kind, end, None, None)
        year, quarter = divmod(self.fiscal_year * 4 + self.fiscal_quarter - 1 + steps, 4)
        if kind == "annual" and quarter != 3:
            return Period(kind, end, None, None)
        return Period(kind, end, year, None if kind == "annual" else quarter + 1)

    def current(self) -> Period | None:
        """The period that the document is about; None where it is not told."""
        if self.kind is None or self.end is None:
            return None
        quarter = None if self.kind == "annual" else self.fiscal_quarter
        return Period(self.kind, self.end, self.fiscal_year, quarter)

    def current_quarter(self) -> Period | None:
        """The quarter that the document is about, be it the last of the year that it tells of."""
        if self.fiscal_year is None or self.fiscal_quarter is None:
            return self.current()
        return self.quarter(self.fiscal_year, self.fiscal_quarter)

    def shifted(self, period: Period, quarters: int) -> Period | None:
        """The period that lies so many quarters from another; None where it cannot be told."""
        if period.fiscal_year is not None:
            if period.kind == "annual":
                return self.year(period.fiscal_year + quarters // 4) if quarters % 4 == 0 else None
            if period.fiscal_quarter is not None:
                year, quarter = divmod(
                    period.fiscal_year * 4 + period.fiscal_quarter - 1 + quarters, 4
                )
                return Period(period.kind, self._end_of(year, quarter + 1), year, quarter + 1)
        if period.end is None or not _is_month_end(period.end):
            return None
        return Period(period.kind, _add_months(period.end, 3 * quarters), None, None)

    def _end_of(self, year: int, quarter: int) -> date | None:
        if self.end is None or self.fiscal_year is None or self.fiscal_quarter is None:
            return None
        steps = (year - self.fiscal_year) * 4 + quarter - self.fiscal_quarter
        if steps == 0:
            return self.end
        # The days of a 52-week calendar move: only the document itself can say them.
        return _add_months(self.end, 3 * steps) if _is_month_end(self.end) else None

    def _steps_to(self, end: date) -> int | None:
        if self.end is None:
            return None
        days = (end - self.end).days
        steps = round(days / 91.31)
        return steps if abs(days - steps * 91.31) < 20 else None


def tagged_calendar(end: str, fiscal_year: str, fiscal_period: str) -> Calendar | None:
    """What a filing's cover tags of its period; None where the day, year or period is unclear."""
    day = read_date(end)
    quarter = _FOCUSES.get(fiscal_period.upper())
    if day is None or quarter is None or not re.fullmatch(YEAR, fiscal_year):
        return None
    return Calendar("annual" if quarter == 4 else "quarter", day, int(fiscal_year), quarter)


def find_calendar(text: str, form: str = "") -> Calendar:
    """The period that a document is about: by its cover, else from its first pages."""
    head = text[:_HEAD]
    is_annual = form.upper().startswith(("10-K", "20-F", "40-F"))
    cover = None if is_annual else _COVER_END.search(head[:_TOP])
    day = read_date(cover["date"]) if cover else None
    ends: list[tuple[Kind, date]] = [("quarter", day)] if day is not None else []
    if not ends and not is_annual:
        ends = _ends_by_label(head)
    ends = ends or _ends_in(head[:_TOP], is_annual) or _ends_in(head, is_annual)
    ends = ends or _ends_of_tables(text)
    if not ends:
        whole = _YEAR_OF_RESULTS.search(head[:_TOP])
        label = _label(head, None) or ((_full_year(whole["year"]), 4) if whole else None)
        return Calendar(None, None, *(label or (None, None)))
    # Comparisons lie before the period that a document is about.
    end = max(end for _, end in ends)
    is_quarter = not is_annual and ("quarter", end) in ends
    label = None if is_annual else _label(head, end)
    if label is None:
        year = _fiscal_year_of(head, end) if is_annual or not is_quarter else None
        if year is not None:
            label = (year, 4)
        elif is_quarter and _is_month_end(end) and end.month % 3 == 0 and not _FISCAL.search(head):
            # A registrant with a calendar year says no "fiscal 2024".
            label = (end.year, end.month // 3)
    kind: Literal["quarter", "annual"] = "quarter" if is_quarter else "annual"
    return Calendar(kind, end, *(label or (None, None)))


def _ends_in(text: str, is_annual: bool) -> list[tuple[Kind, date]]:
    return [
        (kind, end)
        for found in _ENDED.finditer(text)
        for kind, end in _ended_parts(found)
        if kind == "annual" or (kind == "quarter" and not is_annual)
    ]


def find_periods(text: str, known: Calendar) -> list[Mention]:
    """Each period that a text names, from left to right, none within another."""
    found = sorted(_mentions(text, known), key=lambda m: (m.start, m.start - m.end))
    kept: list[Mention] = []
    for mention in found:
        if not kept or mention.start >= kept[-1].end:
            kept.append(mention)
    return kept


def _mentions(text: str, known: Calendar) -> Iterator[Mention]:
    for found in _ENDED.finditer(text):
        periods = tuple(known.ended(kind, end) for kind, end in _ended_parts(found))
        if _TWO_SPANS.search(text, max(found.start() - 20, 0), found.start()):
            periods = ()
        yield Mention(found.start(), found.end(), periods)
    for found in _AT.finditer(text):
        periods = tuple(known.ended("instant", end) for end in _dates(found["date"], found["more"]))
        yield Mention(found.start(), found.end(), periods)
    for found in _QUARTER.finditer(text):
        period = _quarter(known, _ORDINALS[found["ordinal"].lower()], found["year"])
        if period is not None:
            yield Mention(found.start(), found.end(), (period,))
    for found in _SHORT_QUARTER.finditer(text):
        year = found["fy"] or found["year"] or found["short"]
        period = _quarter(known, int(found["quarter"]), year)
        if period is not None:
            yield Mention(found.start(), found.end(), (period,))
    for found in _PART_OF_YEAR.finditer(text):
        kind, last = _PARTS[re.sub(r"\s", " ", found["part"].lower())]
        quarter = known.quarter(int(found["year"]), last)
        yield Mention(found.start(), found.end(), (quarter._replace(kind=kind),))
    for found in _MONTH_QUARTER.finditer(text):
        period = _month_quarter(known, _MONTHS[found["month"][:3].lower()], found["year"])
        yield Mention(found.start(), found.end(), () if period is None else (period,))
    for found in _FISCAL_YEAR.finditer(text):
        years = [found["year"], *re.findall(YEAR, found["more"])]
        yield Mention(
            found.start(), found.end(), tuple(known.year(_full_year(year)) for year in years)
        )
    for found in _PLAIN_YEAR.finditer(text):
        yield Mention(found.start("year"), found.end(), (known.year(int(found["year"])),))
    if known.fiscal_year is not None and known.fiscal_quarter is not None:
        this = known.quarter(known.fiscal_year, known.fiscal_quarter)
        own = _THIS_QUARTER.finditer(text) if known.kind == "quarter" else ()
        for found in (*own, *_CURRENT_QUARTER.finditer(text)):
            yield Mention(found.start(), found.end(), (this,))
        if known.fiscal_quarter == 4:
            for found in _FULL_YEAR.finditer(text):
                yield Mention(found.start(), found.end(), (known.year(known.fiscal_year),))
    for found in _YEAR_AGO.finditer(text):
        yield Mention(found.start(), found.end(), (), -4)
    for found in _QUARTER_AGO.finditer(text):
        yield Mention(found.start(), found.end(), (), -1)


def read_date(text: str) -> date | None:
    """A day written as "April 28, 2024" or "4/28/2024"; None for anything else."""
    if re.fullmatch(_SLASHED, text.strip()):
        month, day, year = map(int, text.split("/"))
        try:
            return date(year, month, day)
        except ValueError:
            return None
    found = re.fullmatch(rf"({MONTH})\s+(\d{{1,2}}),?\s+({YEAR})", text.strip(), re.I)
    if found is None:
        return None
    try:
        return date(int(found[3]), _MONTHS[found[1][:3].lower()], int(found[2]))
    except ValueError:
        return None


def _quarter(known: Calendar, quarter: int, year: str | None) -> Period | None:
    if year is not None:
        return known.quarter(_full_year(year), quarter)
    if known.fiscal_year is None or known.fiscal_quarter is None:
        return None
    # Without a year it is the newest of that number that the document can know.
    back = 0 if quarter <= known.fiscal_quarter else 1
    return known.quarter(known.fiscal_year - back, quarter)


def _month_quarter(known: Calendar, month: int, said: str | None) -> Period | None:
    """The quarter that ends with a month, the newest that the document can know."""
    if said is None and known.end is None:
        # Without any day the registrant's year is taken to be the calendar's.
        is_calendar = known.fiscal_year is not None and month % 3 == 0
        return known.quarter(known.fiscal_year or 0, month // 3) if is_calendar else None
    year = int(said) if said else known.end.year if known.end is not None else 0
    end = date(year, month, calendar.monthrange(year, month)[1])
    if said is None and known.end is not None and (end - known.end).days > _DAYS_OFF:
        end = date(year - 1, month, calendar.monthrange(year - 1, month)[1])
    return known.ended("quarter", end)


def _ended_parts(found: re.Match[str]) -> list[tuple[Kind, date]]:
    if found["name"]:
        span = found["name"].lower()
    else:
        count = found["count"].lower()
        unit = "weeks" if found["unit"].lower().startswith("week") else "months"
        span = f"{_WORDS.get(count, count)} {unit}"
    kind = _SPANS.get(span)
    if kind is None:
        return []
    return [(kind, end) for end in _dates(found["date"], found["more"])]


def _dates(first: str, more: str) -> list[date]:
    """A day, and those that follow it as days or as other years of the same one."""
    start = read_date(first)
    if start is None:
        return []
    days = [start]
    for text in re.findall(rf"{DATE}|{YEAR}", more, re.I):
        if len(text) == 4:
            last = calendar.monthrange(int(text), start.month)[1]
            day = last if _is_month_end(start) else min(start.day, last)
            days.append(date(int(text), start.month, day))
        else:
            other = read_date(text)
            if other is not None:
                days.append(other)
    return days


def _label(head: str, end: date | None) -> tuple[int, int] | None:
    """(fiscal year, quarter) of the quarter that ended on a day, as the first pages name it.

    What is compared or expected is another quarter, and so is one whose year cannot end that day.
    """
    top = head[:_TOP]
    found = [
        (match.start(), _full_year(year), number)
        for match, year, number in (
            *((m, m["year"], _ORDINALS[m["ordinal"].lower()]) for m in _QUARTER.finditer(top)),
            *(
                (m, m["fy"] or m["year"] or m["short"], int(m["quarter"]))
                for m in _SHORT_QUARTER.finditer(top)
            ),
        )
        if year
        and not _OTHER_QUARTER.search(top, max(match.start() - 40, 0), match.start())
        and not _LOOKS_AHEAD.match(top, match.end())
        and (end is None or _may_end(_full_year(year), end))
    ]
    if not found:
        return None
    _, year, quarter = min(found)
    is_calendar = end is not None and not _FISCAL.search(head)
    if is_calendar and end is not None and _is_month_end(end) and end.month % 3 == 0:
        # A registrant with a calendar year has one label for a day.
        return end.year, end.month // 3
    return year, quarter


def _may_end(year: int, end: date) -> bool:
    """Whether a quarter of that fiscal year may end on a day."""
    return year in {end.year, end.year + 1} or (year == end.year - 1 and end.month <= 2)


def _ends_by_label(head: str) -> list[tuple[Kind, date]]:
    """The end in "first quarter (twelve weeks) of fiscal 2023, ended November 20, 2022"."""
    found = _LABELLED_END.search(head)
    end = read_date(found[1]) if found else None
    return [("quarter", end)] if end else []


def _ends_of_tables(text: str) -> list[tuple[Kind, date]]:
    """The end in a head of columns: "Three Months Ended", and below it days, or days over years."""
    found = _TABLE_END.search(text)
    if found is None:
        return []
    year = found["year"] or found["below"]
    end = read_date(f"{found['day']} {year}")
    return [("quarter", end)] if end else []


def _fiscal_year_of(head: str, end: date) -> int | None:
    """The number of the fiscal year that ended on a day."""
    # Nobody calls a year that ends in its second half by another one's number.
    if end.month > 6:
        return end.year
    said = re.findall(rf"fiscal(?:\s+year)?\s+({YEAR})", head, re.I)
    near = [int(year) for year in said if end.year - 1 <= int(year) <= end.year + 1]
    return max(set(near), key=near.count) if near else None


def _full_year(text: str) -> int:
    return int(text) if len(text) == 4 else 2000 + int(text)


def _is_month_end(day: date) -> bool:
    return day.day == calendar.monthrange(day.year, day.month)[1]


def _add_months(end: date, months: int) -> date:
    year, month = divmod(end.year * 12 + end.month - 1 + months, 12)
    return date(year, month + 1, calendar.monthrange(year, month + 1)[1])
