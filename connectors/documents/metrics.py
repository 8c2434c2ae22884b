"""The metrics that are read from documents: what each is called in prose and in tables.

Kinds say which amounts may be a metric's value: "count" (people, orders), "money", "per_share"
(money without a scale), "percent". A metric of the accounts that management restates has a name
of its own with "non_gaap_" before it: the two are never compared.
"""

import re
from collections.abc import Iterator
from typing import Final, Literal, NamedTuple

Kind = Literal["count", "money", "per_share", "percent"]


class Metric(NamedTuple):
    """A metric: its name in the marts, its kind, and the pattern of its names.

    `can_be_adjusted` where a non-GAAP twin exists, `is_stock` where it is counted at a day's end,
    `is_of_accounts` where it stands in the accounts themselves.
    """

    name: str
    kind: Kind
    pattern: re.Pattern[str]
    can_be_adjusted: bool = False
    is_stock: bool = False
    is_of_accounts: bool = False


def _metric(
    name: str,
    kind: Kind,
    pattern: str,
    *,
    adjusted: bool = False,
    stock: bool = False,
    accounts: bool = False,
) -> Metric:
    # What management adjusts stands in the accounts as well.
    names = re.compile(rf"(?<![\w-])(?:{pattern})(?![\w])", re.I)
    return Metric(name, kind, names, adjusted, stock, adjusted or accounts)


_AS_SHARE: Final = (
    r"(?:,? \(?as an? (?:percentage|percent|%) of (?:total |net )*(?:revenues?|sales)\)?| %)"
)

METRICS: Final = (
    _metric("daily_active_users", "count", r"daily active users?(?: \(DAUs?\))?|DAUs?"),
    _metric("monthly_active_users", "count", r"monthly active users?(?: \(MAUs?\))?|MAUs?"),
    _metric("daily_active_people", "count", r"daily active people(?: \(DAPs?\))?|DAPs?"),
    _metric("paid_subscribers", "count", r"(?:paid|paying) subscribers", stock=True),
    _metric("subscribers", "count", r"subscribers", stock=True),
    _metric("registered_learners", "count", r"registered learners", stock=True),
    _metric("learners", "count", r"learners", stock=True),
    _metric("new_enrollments", "count", r"new (?:student )?enrol?lments?"),
    _metric("enrollments", "count", r"(?:student )?enrol?lments?", stock=True),
    _metric("students", "count", r"students", stock=True),
    _metric(
        "large_customers",
        "count",
        r"customers (?:with|generating) (?:an? )?(?:ARR|annual (?:run-rate|recurring) revenue)"
        r" (?:\(ARR\) )?of \$?1\d\d,\d{3} or more",
        stock=True,
    ),
    _metric(
        "paid_customers", "count", r"paid (?:enterprise )?customers|paying customers", stock=True
    ),
    _metric("customers", "count", r"customers", stock=True),
    _metric("active_buyers", "count", r"active buyers", stock=True),
    _metric("employees", "count", r"(?:full[- ]time )?employees|headcount", stock=True),
    _metric("arpu", "per_share", r"ARPU|average revenue per (?:paying |paid )?(?:user|subscriber)"),
    _metric("arpp", "per_share", r"ARPP|average revenue per person(?: \(ARPP\))?"),
    _metric("subscription_bookings", "money", r"subscription bookings"),
    _metric("total_bookings", "money", r"total bookings"),
    _metric("bookings", "money", r"bookings"),
    _metric("billings", "money", r"(?:calculated )?billings"),
    _metric(
        "annual_recurring_revenue", "money", r"ARR|annual(?:ized)? recurring revenue", stock=True
    ),
    _metric(
        "current_remaining_performance_obligation",
        "money",
        r"current remaining performance obligations?(?: \(cRPO\))?|cRPO",
        stock=True,
    ),
    _metric(
        "remaining_performance_obligation",
        "money",
        r"(?:total )?remaining performance obligations?(?: \(RPO\))?|RPO",
        stock=True,
    ),
    _metric(
        "gross_merchandise_volume",
        "money",
        r"(?:total )?gross merchandise volume(?: \(GMV\))?|GMV",
    ),
    _metric("subscription_revenue", "money", r"subscription revenues?", accounts=True),
    _metric("revenue", "money", r"(?:total )?(?:net )?(?:revenues?|net sales)", accounts=True),
    _metric("gross_profit", "money", r"gross profit", adjusted=True),
    _metric(
        "operating_income",
        "money",
        r"operating income(?: \(loss\))?|income from operations|operating loss"
        r"|operating profit(?:/?\s?\(loss\))?"
        r"|loss from operations",
        adjusted=True,
    ),
    _metric(
        "net_income",
        "money",
        r"(?:consolidated )?net (?:income|earnings)(?: \(loss\))?|net loss",
        adjusted=True,
    ),
    # What is left for the company's own holders: another line than the whole one above it.
    _metric(
        "net_income_attributable",
        "money",
        r"(?:consolidated )?net (?:(?:income|earnings)(?: \(loss\))?|loss)"
        r" (?:attributable|available) to (?:(?:common )?(?:share|stock)holders|the company"
        r"|(?!Non|Redeemable)(?-i:[A-Z])[\w&’'.]*(?:,? (?-i:[A-Z])[\w&’'.]*){0,4})",
        adjusted=True,
    ),
    _metric("adjusted_ebitda", "money", r"adjusted ebitda"),
    _metric("adjusted_free_cash_flow", "money", r"adjusted free cash flow"),
    _metric("free_cash_flow", "money", r"free cash flow"),
    _metric(
        "operating_cash_flow",
        "money",
        r"(?:net |total )?cash (?:and cash equivalents )?"
        r"(?:provided by|used (?:in|for)|generated (?:by|from)|flows? (?:from|provided by))"
        r" (?:\(used (?:in|for)\) )?(?:operating activities|operations)|operating cash flow"
        r"|cash (?:generated )?from operations",
        accounts=True,
    ),
    _metric(
        "eps_diluted",
        "per_share",
        r"(?:basic and )?diluted (?:net )?(?:earnings|income|loss)(?: \(loss\))?"
        r" per (?:common |ordinary )?share"
        r"(?: \([“\"]?EPS[”\"]?\))?|diluted EPS|earnings per diluted share|EPS \(diluted\)"
        r"|net income per diluted share"
        r"|(?:net )?(?:income|earnings|loss)(?: \(loss\))? per (?:common )?share"
        r"(?: attributable to [A-Z][\w.]*)? ?[-–—,] ?diluted"
        # Management adjusts what is diluted, and does not always say so.
        r"|(?:(?<=non-gaap )|(?<=adjusted )|(?<=core ))(?:EPS|earnings per share)",
        adjusted=True,
    ),
    _metric(
        "gross_margin",
        "percent",
        rf"gross margins?(?: percentage)?|gross (?:profit|margin){_AS_SHARE}",
        adjusted=True,
    ),
    _metric(
        "operating_margin",
        "percent",
        r"operating margins?(?: \(loss\))?"
        rf"|operating (?:income|profit|margin)(?: \(loss\))?{_AS_SHARE}",
        adjusted=True,
    ),
    _metric("adjusted_ebitda_margin", "percent", r"adjusted ebitda margin"),
    _metric("free_cash_flow_margin", "percent", r"free cash flow margin"),
    _metric(
        "net_revenue_retention",
        "percent",
        r"(?:trailing 12-month )?(?:dollar-based )?net (?:revenue |dollar )?retention(?: rate)?"
        r"|(?:trailing 12-month )?dollar-based net retention(?: rate)?|NRR",
        stock=True,
    ),
    _metric(
        "gross_revenue_retention",
        "percent",
        r"(?:dollar-based )?gross (?:revenue )?retention(?: rate)?",
        stock=True,
    ),
    _metric("completion_rate", "percent", r"(?:course )?completion rate"),
)  # fmt: skip
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
