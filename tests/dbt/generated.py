"""Made-up filers whose true figures are known, with one thing wrong in what they file."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from connectors.sec import SecFact

FIRST_YEAR = 2019
YEARS = 5
# What a filing of a quarter or a year comes after its end.
QUARTERLY_DELAY = timedelta(days=35)
ANNUAL_DELAY = timedelta(days=58)
CONCEPTS = {
    "revenue": "Revenues",
    "cost_of_revenue": "CostOfRevenue",
    "gross_profit": "GrossProfit",
    "operating_income": "OperatingIncomeLoss",
    "net_income": "NetIncomeLoss",
    "stock_compensation": "ShareBasedCompensation",
    "operating_cash_flow": "NetCashProvidedByUsedInOperatingActivities",
    "capital_expenditure": "PaymentsToAcquirePropertyPlantAndEquipment",
    "total_assets": "Assets",
    "total_liabilities": "Liabilities",
    "stockholders_equity": "StockholdersEquity",
    "cash_and_equivalents": "CashAndCashEquivalentsAtCarryingValue",
}
LINES = {concept: line for line, concept in CONCEPTS.items()}
BALANCES = ("total_assets", "total_liabilities", "stockholders_equity", "cash_and_equivalents")
# Statements of cash flows tell of the year to date alone.
TO_DATE_ONLY = ("stock_compensation", "operating_cash_flow", "capital_expenditure")
# A cell: line, period type and period end.
Cell = tuple[str, str, date]


@dataclass(frozen=True)
class Period:
    """Days of a flow with its length, or the day of a balance."""

    length: str
    start: date | None
    end: date


@dataclass
class Filer:
    """What a filer files, the true values of its cells, and how many of them may be blank."""

    cik: int
    trouble: str
    facts: list[SecFact]
    truth: dict[Cell, set[Decimal]]
    blank_share: float
    # Quarters that a filing has left on another basis than their year.
    left_quarters: set[date] = field(default_factory=set)


@dataclass
class Book:
    """The true figures of a filer, period by period, and the filings that tell them."""

    cik: int
    chance: random.Random
    ends: list[date] = field(default_factory=list)
    flows: list[dict[str, Decimal]] = field(default_factory=list)
    balances: list[dict[str, Decimal]] = field(default_factory=list)

    def __post_init__(self) -> None:
        month = self.chance.choice((1, 6, 9, 12))
        by_week = self.chance.random() < 0.5
        unit = self.chance.choice((1, 1_000, 1_000_000))
        self.ends = [
            _period_end(12 * FIRST_YEAR + month + 3 * (n - 4), by_week)
            for n in range(4 * YEARS + 1)
        ]
        size = self.chance.randint(2_000, 900_000) * max(unit, 1_000)
        for _ in self.ends[1:]:
            size = int(size * self.chance.uniform(0.93, 1.14))
            self.flows.append(self._flows(size, unit))
            self.balances.append(self._balance(size, unit))

    def _amount(self, size: float, unit: int) -> Decimal:
        return Decimal(round(size / unit) * unit)

    def _flows(self, size: int, unit: int) -> dict[str, Decimal]:
        revenue = self._amount(size, unit)
        cost = self._amount(size * self.chance.uniform(0.3, 0.7), unit)
        operating = self._amount(size * self.chance.uniform(0.05, 0.25), unit)
        return {
            "revenue": revenue,
            "cost_of_revenue": cost,
            "gross_profit": revenue - cost,
            "operating_income": operating,
            "net_income": self._amount(float(operating) * self.chance.uniform(0.5, 0.9), unit),
            "stock_compensation": self._amount(size * self.chance.uniform(0.01, 0.05), unit),
            "operating_cash_flow": self._amount(size * self.chance.uniform(0.1, 0.3), unit),
            "capital_expenditure": self._amount(size * self.chance.uniform(0.02, 0.09), unit),
        }

    def _balance(self, size: int, unit: int) -> dict[str, Decimal]:
        assets = self._amount(size * self.chance.uniform(4, 7), unit)
        cash = self._amount(float(assets) * self.chance.uniform(0.05, 0.2), unit)
        equity = self._amount(float(assets) * self.chance.uniform(0.3, 0.6), unit)
        return {
            "total_assets": assets,
            "total_liabilities": assets - equity,
            "stockholders_equity": equity,
            "cash_and_equivalents": cash,
        }

    def period(self, last: int, quarters: int) -> Period:
        """The period of so many quarters that ends with this one."""
        lengths = {1: "quarter", 2: "half_year", 3: "nine_months", 4: "annual"}
        start = self.ends[last + 1 - quarters] + timedelta(days=1)
        return Period(lengths[quarters], start, self.ends[last + 1])

    def flow(self, line: str, last: int, quarters: int) -> Decimal:
        """The sum of a line over so many quarters."""
        return sum((self.flows[n][line] for n in range(last + 1 - quarters, last + 1)), Decimal(0))

    def truth(self) -> dict[Cell, set[Decimal]]:
        """Every quarter, year and balance."""
        cells: dict[Cell, set[Decimal]] = {}
        for quarter, end in enumerate(self.ends[1:]):
            for line in self.flows[0]:
                cells[line, "quarter", end] = {self.flow(line, quarter, 1)}
                if quarter % 4 == 3:
                    cells[line, "annual", end] = {self.flow(line, quarter, 4)}
            for line in BALANCES:
                cells[line, "instant", end] = {self.balances[quarter][line]}
        return cells

    def filings(self) -> Iterator[list[SecFact]]:
        """A report after each quarter, with the same periods of the year before."""
        for quarter in range(4 * YEARS):
            to_date = quarter % 4 + 1
            form = "10-K" if to_date == 4 else "10-Q"
            filed = self.ends[quarter + 1] + (ANNUAL_DELAY if to_date == 4 else QUARTERLY_DELAY)
            yield [
                self.fact(line, period, value, quarter, form, filed)
                for line, period, value in self._told(quarter, to_date)
            ]

    def _told(self, quarter: int, to_date: int) -> Iterator[tuple[str, Period, Decimal]]:
        lengths = {to_date} if to_date == 4 else {1, to_date}
        for last in (quarter, quarter - 4):
            if last + 1 < to_date:
                continue
            for length in sorted(lengths):
                for line in self.flows[0]:
                    if length == to_date or line not in TO_DATE_ONLY:
                        yield line, self.period(last, length), self.flow(line, last, length)
        # The balance of the year's end stands beside each of the year after it.
        for last in {quarter, quarter - to_date}:
            if last >= 0:
                for line in BALANCES:
                    yield line, Period("instant", None, self.ends[last + 1]), (
                        self.balances[last][line]
                    )  # fmt: skip

    def fact(
        self, line: str, period: Period, value: Decimal, quarter: int, form: str, filed: date
    ) -> SecFact:
        """What a filing tells of a line."""
        return SecFact(
            self.cik, "us-gaap", CONCEPTS[line], "USD", period.start, period.end, value,
            f"{self.cik:010d}-{filed:%y}-{quarter:06d}", filed.year,
            "FY" if form.startswith("10-K") else f"Q{quarter % 4 + 1}", form, filed,
        )  # fmt: skip


def _period_end(months: int, by_week: bool) -> date:
    """The last day of the month that many months after year 0, or its last Saturday."""
    first_of_next = date(months // 12, months % 12 + 1, 1)
    last = first_of_next - timedelta(days=1)
    return last - timedelta(days=(last.weekday() - 5) % 7) if by_week else last


def _sound(book: Book) -> Filer:
    facts = [fact for filing in book.filings() for fact in filing]
    return Filer(book.cik, "nothing", facts, book.truth(), 0)


def _minus_signs(book: Book) -> Filer:
    """Costs and outlays of every second filing have a minus."""
    facts = [
        fact._replace(value=-fact.value)
        if number % 2 and LINES[fact.concept] in ("cost_of_revenue", "capital_expenditure")
        else fact
        for number, filing in enumerate(book.filings())
        for fact in filing
    ]
    return Filer(book.cik, "minus signs", facts, book.truth(), 0.1)


def _thousands(book: Book) -> Filer:
    """An amendment of a year gives every amount in thousands."""
    filings = list(book.filings())
    number = 4 * book.chance.randint(2, YEARS - 1) - 1
    amended = [
        fact._replace(
            value=Decimal(round(fact.value / 1000)),
            form="10-K/A",
            accession=f"{fact.accession[:-6]}9{fact.accession[-5:]}",
            filed_date=fact.filed_date + timedelta(days=20),
        )
        for fact in filings[number]
    ]
    facts = [fact for filing in filings for fact in filing] + amended
    return Filer(book.cik, "an amendment in thousands", facts, book.truth(), 0.02)


def _wrong_year(book: Book) -> Filer:
    """An annual report has the table of its four quarters under the days of the year before."""
    filings = list(book.filings())
    number = 4 * book.chance.randint(2, YEARS - 1) - 1
    filed = filings[number][0].filed_date
    for quarter in range(number - 3, number + 1):
        for line in ("revenue", "gross_profit", "operating_income", "net_income"):
            filings[number].append(
                book.fact(
                    line, book.period(quarter - 4, 1), book.flow(line, quarter, 1), number, "10-K",
                    filed,
                )
            )  # fmt: skip
    facts = [fact for filing in filings for fact in filing]
    return Filer(book.cik, "a table under the wrong year", facts, book.truth(), 0.02)


def _rounded(book: Book) -> Filer:
    """Annual reports repeat the year before to two digits, or in hundreds of millions."""
    facts = []
    for number, filing in enumerate(book.filings()):
        for fact in filing:
            if number % 4 == 3 and fact.end_date < book.ends[number + 1]:
                digits = len(str(abs(int(fact.value))))
                fact = fact._replace(value=Decimal(round(int(fact.value), -min(8, digits - 2))))
            facts.append(fact)
    return Filer(book.cik, "coarse repeats", facts, book.truth(), 0.02)


def _recast(book: Book) -> Filer:
    """An annual report restates revenue and costs of the year before, no report its quarters."""
    filings = list(book.filings())
    number = 4 * book.chance.randint(2, YEARS - 1) - 1
    truth = book.truth()
    year_end = book.ends[number - 3]
    recast = {}
    for line in ("revenue", "cost_of_revenue", "gross_profit"):
        recast[CONCEPTS[line]] = book.flow(line, number - 4, 4) * 3 // 4
    recast["GrossProfit"] = recast["Revenues"] - recast["CostOfRevenue"]
    filings[number] = [
        fact._replace(value=recast[fact.concept])
        if fact.end_date == year_end and fact.concept in recast
        else fact
        for fact in filings[number]
    ]
    for concept, value in recast.items():
        truth[LINES[concept], "annual", year_end] = {value}
    facts = [fact for filing in filings for fact in filing]
    # The fourth was a difference of the year and is blank.
    quarters = set(book.ends[number - 6 : number - 3])
    return Filer(book.cik, "a recast year", facts, truth, 0.02, quarters)


def _trailing(book: Book) -> Filer:
    """Every quarterly report has the twelve months to its end beside the quarter."""
    filings = list(book.filings())
    for number in range(4, len(filings)):
        if number % 4 != 3:
            filed = filings[number][0].filed_date
            filings[number] += [
                book.fact(line, book.period(number, 4), book.flow(line, number, 4), number, "10-Q",
                          filed)
                for line in TO_DATE_ONLY
            ]  # fmt: skip
    facts = [fact for filing in filings for fact in filing]
    return Filer(book.cik, "twelve months in every report", facts, book.truth(), 0)


def _moved_starts(book: Book) -> Filer:
    """One annual report has its year begin a week late."""
    filings = list(book.filings())
    number = 4 * book.chance.randint(2, YEARS - 1) - 1
    start = book.period(number, 4).start
    assert start is not None
    filings[number] = [
        fact._replace(start_date=start + timedelta(days=7)) if fact.start_date == start else fact
        for fact in filings[number]
    ]
    facts = [fact for filing in filings for fact in filing]
    # Without a year of the same start its fourth quarter cannot be had.
    return Filer(book.cik, "a start a week off", facts, book.truth(), 0.05)


def _twins(book: Book) -> Filer:
    """Annual reports give the year's totals twice, exact and rounded."""
    facts = []
    for number, filing in enumerate(book.filings()):
        for fact in filing:
            facts.append(fact)
            if number % 4 == 3 and fact.concept in ("Revenues", "Assets"):
                digits = len(str(int(fact.value)))
                facts.append(fact._replace(value=Decimal(round(int(fact.value), 3 - digits))))
    return Filer(book.cik, "twins", facts, book.truth(), 0)


TROUBLES: tuple[Callable[[Book], Filer], ...] = (
    _sound, _minus_signs, _thousands, _wrong_year, _rounded, _recast, _trailing, _moved_starts,
    _twins,
)  # fmt: skip


def generated_filers(of_each: int) -> list[Filer]:
    """So many filers of each trouble, the same in every run."""
    return [
        trouble(Book(7_000_000 + 100 * number + n, random.Random(f"{number} {n}")))
        for number, trouble in enumerate(TROUBLES)
        for n in range(of_each)
    ]
