"""The accounts of the made-up company: quarters that add up, and the filings that tell them.

Amounts are in dollars. A quarter grows by a twenty-fifth on the one before; costs are shares of
revenue, cash is what the flows leave, and equity is what the year earned. Fiscal years end with
November.
"""

from calendar import monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from functools import cache
from typing import Any, Final

from connectors.sample import SAMPLE_AS_OF
from connectors.sample.made_up import CIK, NAME

_FIRST_YEAR: Final = 2022
_QUARTERS: Final = 18
_FIRST_REVENUE: Final = Decimal(60_000_000)
_GROWTH: Final = Decimal("1.04")
_ACCOUNTS_PAYABLE: Final = Decimal(8_000_000)
_DEBT: Final = Decimal(24_000_000)
_DEBT_DUE_WITHIN_A_YEAR: Final = Decimal(1_000_000)
_BUYBACKS: Final = Decimal(1_000_000)
_OTHER_INCOME: Final = Decimal(500_000)
_CASH_AT_START: Final = Decimal(90_000_000)
_PROPERTY_AT_START: Final = Decimal(200_000_000)
# What the restated quarter counts as selling and no longer as research.
_RECLASSIFIED: Final = Decimal(900_000)
_SHARES: Final = Decimal(40_000_000)
# Quarterly reports are due after 40 days, annual ones after 60.
_DAYS_TO_FILE: Final = {False: 40, True: 60}

REVENUE: Final = "RevenueFromContractWithCustomerExcludingAssessedTax"
OPERATING_INCOME: Final = "OperatingIncomeLoss"
# Flows that are told of the quarter and of the year so far, and those of the year so far alone.
_OF_INCOME: Final = (
    REVENUE,
    "CostOfRevenue",
    "GrossProfit",
    "ResearchAndDevelopmentExpense",
    "SellingAndMarketingExpense",
    "GeneralAndAdministrativeExpense",
    "OperatingExpenses",
    OPERATING_INCOME,
    "NonoperatingIncomeExpense",
    "IncomeLossFromContinuingOperationsBeforeIncomeTaxesExtraordinaryItemsNoncontrollingInterest",
    "IncomeTaxExpenseBenefit",
    "NetIncomeLoss",
)
_OF_CASH: Final = (
    "ShareBasedCompensation",
    "DepreciationDepletionAndAmortization",
    "NetCashProvidedByUsedInOperatingActivities",
    "PaymentsToAcquirePropertyPlantAndEquipment",
    "NetCashProvidedByUsedInInvestingActivities",
    "PaymentsForRepurchaseOfCommonStock",
    "NetCashProvidedByUsedInFinancingActivities",
    "CashCashEquivalentsRestrictedCashAndRestrictedCashEquivalentsPeriodIncreaseDecreaseIncluding"
    "ExchangeRateEffect",
)
_SHARE_COUNTS: Final = (
    "WeightedAverageNumberOfSharesOutstandingBasic",
    "WeightedAverageNumberOfDilutedSharesOutstanding",
)

Amounts = Mapping[str, Decimal]


@dataclass(frozen=True)
class Quarter:
    """A quarter's flows, and the balances at its end."""

    fiscal_year: int
    number: int
    start: date
    end: date
    flows: Amounts
    balances: Amounts


@dataclass(frozen=True)
class Report:
    """A quarterly or annual report: which quarter it ends in, and when it was filed."""

    accession: str
    quarter: Quarter
    filed: date

    @property
    def is_annual(self) -> bool:
        """Whether it tells a whole year."""
        return self.quarter.number == 4

    @property
    def form(self) -> str:
        """SEC's name of its form."""
        return "10-K" if self.is_annual else "10-Q"

    @property
    def document(self) -> str:
        """The file name of its main document."""
        return f"made-up-{self.quarter.end:%Y%m%d}.htm"


@cache
def quarters() -> tuple[Quarter, ...]:
    """All quarters, oldest first."""
    return tuple(_quarters())


@cache
def reports() -> tuple[Report, ...]:
    """All reports, oldest first; the last is filed on the sample's last day."""
    made = []
    for number, quarter in enumerate(quarters(), start=1):
        filed = _weekday(quarter.end + timedelta(days=_DAYS_TO_FILE[quarter.number == 4]))
        made.append(Report(accession(filed.year, number), quarter, filed))
    assert made[-1].filed == SAMPLE_AS_OF, f"the last report is filed on {made[-1].filed}"
    return tuple(made)


def accession(year: int, number: int) -> str:
    """An accession number of the company's own filings."""
    return f"{CIK:010d}-{year % 100:02d}-{number:06d}"


def company_facts(known_on: date) -> dict[str, Any]:
    """SEC's document of the company's facts as of a day."""
    facts: dict[str, dict[str, Any]] = {}
    for report in reports():
        if report.filed <= known_on:
            for concept, unit, fact in _facts(report):
                described = facts.setdefault(concept, {"units": {}})
                described["units"].setdefault(unit, []).append(fact)
    return {"cik": CIK, "entityName": NAME, "facts": {"us-gaap": facts}}


def _quarters() -> Iterator[Quarter]:
    cash, property_, equity = _CASH_AT_START, _PROPERTY_AT_START, None
    receivable = deferred = Decimal()
    for place in range(_QUARTERS):
        fiscal_year, number = _FIRST_YEAR + place // 4, place % 4 + 1
        revenue = _thousands(_FIRST_REVENUE * _GROWTH**place)
        cost, research = _share(revenue, "0.28"), _share(revenue, "0.24")
        selling, general = _share(revenue, "0.25"), _share(revenue, "0.11")
        expenses = research + selling + general
        operating = revenue - cost - expenses
        before_tax = operating + _OTHER_INCOME
        tax = _share(before_tax, "0.2")
        net = before_tax - tax
        stock_pay, depreciation = _share(revenue, "0.06"), _share(revenue, "0.04")
        spent = _share(revenue, "0.03")
        owed, prepaid = _share(revenue, "0.18"), _share(revenue, "0.4")
        grown = (prepaid - deferred) - (owed - receivable) if place else Decimal()
        from_operations = net + stock_pay + depreciation + grown
        cash += from_operations - spent - _BUYBACKS
        property_ += spent - depreciation
        receivable, deferred = owed, prepaid
        assets = cash + receivable + property_
        current = deferred + _ACCOUNTS_PAYABLE + _DEBT_DUE_WITHIN_A_YEAR
        if equity is None:
            equity = assets - current - _DEBT
        else:
            equity += net + stock_pay - _BUYBACKS
        flows = (
            *(revenue, cost, revenue - cost, research, selling, general, expenses, operating),
            *(_OTHER_INCOME, before_tax, tax, net),
            *(stock_pay, depreciation, from_operations, spent, -spent, _BUYBACKS, -_BUYBACKS),
            from_operations - spent - _BUYBACKS,
        )
        shares = _SHARES + 100_000 * place
        yield Quarter(
            fiscal_year,
            number,
            _start(fiscal_year, number),
            _end(fiscal_year, number),
            dict(zip((*_OF_INCOME, *_OF_CASH), flows, strict=True))
            | dict(zip(_SHARE_COUNTS, (shares, shares + 1_500_000), strict=True)),
            {
                "CashAndCashEquivalentsAtCarryingValue": cash,
                "AccountsReceivableNetCurrent": receivable,
                "AssetsCurrent": cash + receivable,
                "PropertyPlantAndEquipmentNet": property_,
                "Assets": assets,
                "AccountsPayableCurrent": _ACCOUNTS_PAYABLE,
                "ContractWithCustomerLiabilityCurrent": deferred,
                "DebtCurrent": _DEBT_DUE_WITHIN_A_YEAR,
                "LiabilitiesCurrent": current,
                "LongTermDebtNoncurrent": _DEBT,
                "Liabilities": current + _DEBT,
                "StockholdersEquity": equity,
                "LiabilitiesAndStockholdersEquity": assets,
            },
        )


def _facts(report: Report) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(concept, unit, fact) of what a report tells: its periods and those of the year before."""
    place = quarters().index(report.quarter)
    told = [place, place - 4, place - 8] if report.is_annual else [place, place - 4]
    for there in (there for there in told if there >= 0):
        quarter = quarters()[there]
        since = there - quarter.number + 1
        year = quarters()[since : there + 1]
        restated = there != place and report.filed == SAMPLE_AS_OF
        spans = [year] if report.is_annual or quarter.number == 1 else [(quarter,), year]
        for span in spans:
            flows = _summed(span, restated)
            names = [*_OF_INCOME, *(_OF_CASH if span is year else ())]
            for concept in names:
                yield concept, "USD", _fact(report, span[0].start, quarter.end, flows[concept])
            for concept in _SHARE_COUNTS:
                count = _mean([q.flows[concept] for q in span])
                yield concept, "shares", _fact(report, span[0].start, quarter.end, count)
                per_share = (flows["NetIncomeLoss"] / count).quantize(Decimal("0.01"))
                name = "Basic" if concept.endswith("Basic") else "Diluted"
                yield (
                    f"EarningsPerShare{name}",
                    "USD/shares",
                    _fact(report, span[0].start, quarter.end, per_share),
                )
    ends = [place] if place < 4 else [place, place - report.quarter.number]
    for there in ends:
        quarter = quarters()[there]
        for concept, amount in quarter.balances.items():
            yield concept, "USD", _fact(report, None, quarter.end, amount)


def _summed(span: tuple[Quarter, ...], restated: bool) -> dict[str, Decimal]:
    flows = {c: sum((q.flows[c] for q in span), Decimal()) for c in (*_OF_INCOME, *_OF_CASH)}
    if restated:
        flows["ResearchAndDevelopmentExpense"] -= _RECLASSIFIED
        flows["SellingAndMarketingExpense"] += _RECLASSIFIED
    return flows


def _fact(report: Report, start: date | None, end: date, value: Decimal) -> dict[str, Any]:
    told = {"start": start.isoformat()} if start else {}
    return told | {
        "end": end.isoformat(),
        "val": int(value) if value == value.to_integral_value() else float(value),
        "accn": report.accession,
        "fy": report.quarter.fiscal_year,
        "fp": "FY" if report.is_annual else f"Q{report.quarter.number}",
        "form": report.form,
        "filed": report.filed.isoformat(),
    }


def _start(fiscal_year: int, number: int) -> date:
    return date(fiscal_year - 1, 12, 1) if number == 1 else date(fiscal_year, 3 * number - 3, 1)


def _end(fiscal_year: int, number: int) -> date:
    month = 3 * number - 1
    return date(fiscal_year, month, monthrange(fiscal_year, month)[1])


def _weekday(day: date) -> date:
    while day.weekday() > 4:
        day += timedelta(days=1)
    return day


def _thousands(amount: Decimal) -> Decimal:
    return (amount / 1000).quantize(Decimal(1), ROUND_HALF_EVEN) * 1000


def _share(amount: Decimal, share: str) -> Decimal:
    return _thousands(amount * Decimal(share))


def _mean(counts: list[Decimal]) -> Decimal:
    return (sum(counts, Decimal()) / len(counts)).quantize(Decimal(1), ROUND_HALF_EVEN)
