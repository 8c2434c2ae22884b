"""The overview of all companies, a page per segment, the comparison, and what search finds.

Sparklines and bars are SVG written by hand: a page of hundreds needs no script to show them.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise
from typing import Any

from reports.page import (
    Cell,
    amount_cell,
    decimal,
    millions,
    multiple_cell,
    percent,
    percent_cell,
    render,
    text_cell,
)
from reports.site.figures import file_name, label_of
from reports.site.tables import Table, plain
from warehouse.read.companies import (
    CompanyCounts,
    CompanyFigures,
    QuarterRevenue,
    SegmentFigures,
    quarterly_revenues,
)
from warehouse.read.connection import Reader
from warehouse.read.marts import MartRow, mart_rows, statement
from warehouse.read.publications import Published
from warehouse.read.quality import HeldBack, held_back
from warehouse.read.reasons import reason_of

SPARK_QUARTERS = 20
SPARK_WIDTH = 76.0
SPARK_HEIGHT = 24.0
SPARK_MARGIN = 2.5
# Quarters of 13 weeks end 91 days apart, of calendar months 90 to 92; a 14-week one 98.
LONGEST_QUARTER_DAYS = 105

LEFT_OUT = {
    "vendor_only": "vendor figures only",
    "stale": "stale figures",
    "no_rate": "no exchange rate to the dollar",
    "no_figures": "no figures loaded",
}
TRANSLATIONS = {
    "ecb_average": "translated at the mean ECB rate of the period",
    "ecb_close": "translated at the ECB rate of the last day",
    "filer": "translated by the filer in the same filing",
}
HEALTH = {"healthy": "healthy", "watch": "watch", "at_risk": "at risk", "unknown": "unknown"}


@dataclass(frozen=True)
class Column:
    """A column of the company table; `key` is also its name in the address, #sort=key."""

    key: str
    label: str
    kind: str
    hint: str = ""


COLUMNS = (
    Column("ticker", "Ticker", "text"),
    Column("rank", "Rank", "number", "by 12-month revenue in dollars, among ranked companies"),
    Column("name", "Company", "text"),
    Column("segment", "Segment", "text"),
    Column(
        "revenue",
        "Revenue, m",
        "number",
        "12 months, in millions of the company's currency; sorts by dollars",
    ),
    Column("revenue_usd", "Revenue, $ m", "number", "12 months, in millions of US dollars"),
    Column("period_end", "12 months to", "text"),
    Column("trend", "Quarters", "none", "revenue by quarter, up to five years, from zero"),
    Column("growth", "Growth", "number", "of 12-month revenue against a year before"),
    Column("gross", "Gross margin", "number"),
    Column("operating", "Oper. margin", "number"),
    Column("net", "Net margin", "number"),
    Column("fcf", "FCF margin", "number", "free cash flow to revenue"),
    Column("rule_of_40", "Rule of 40", "number", "growth plus free cash flow margin"),
    Column("market_value", "Market value, $ m", "number", "last price times diluted shares"),
    Column("pe", "P/E", "number", "market value to 12-month net income"),
    Column("ps", "P/S", "number", "market value to 12-month revenue"),
    Column("health", "Health", "text"),
)


@dataclass(frozen=True)
class Spark:
    """A sparkline in pixels: unbroken runs of quarters, the zero line and the last point."""

    lines: list[str]
    zero: float
    last: tuple[float, float]
    label: str


# A page of many thousands is read by nobody: the first ones are shown, the others counted.
MOST_COMPANIES = 150
MOST_NAMED = 30


@dataclass(frozen=True)
class CompanyRow:
    """A company as the table shows it."""

    company_id: str
    ticker: str
    is_ranked: bool
    tag: str
    cells: dict[str, Cell]
    health: str
    health_reason: str
    spark: Spark | None


@dataclass(frozen=True)
class Bar:
    """A company in its segment's chart; `width_pct` is of the longest bar, None without one."""

    company_id: str
    label: str
    name: str
    width_pct: float | None
    amount: str
    growth: str
    note: str
    is_ranked: bool


@dataclass(frozen=True)
class SegmentCard:
    """A segment: its chart, its numbers and who is left out of them."""

    segment: str
    label: str
    bars: list[Bar]
    numbers: list[tuple[str, Cell]]
    lists: list[tuple[str, str]]
    left_out: list[tuple[str, str]]


def overview_page(
    connection: Reader,
    publication: Published,
    everyone: Sequence[CompanyFigures],
    of_segments: Sequence[SegmentFigures],
    counts: CompanyCounts,
    chrome: Mapping[str, Any],
) -> str:
    """The page of the companies, the first of many, and of the segments."""
    shown = everyone[:MOST_COMPANIES]
    return render_overview(
        publication,
        shown,
        of_segments,
        quarterly_revenues(connection, [row.cik for row in shown if row.cik is not None]),
        chrome,
        held_back(connection),
        counts,
        everyone,
        opportunities(connection),
        anomalies(connection),
    )


def opportunities(connection: Reader) -> dict[str, MartRow]:
    """Each segment's score, or why it has none."""
    rows = mart_rows(
        connection,
        "mart_segment_opportunity",
        ("segment", "opportunity_score", "opportunity_blank_reason"),
    )
    return {row["segment"]: row for row in rows}


def anomalies(connection: Reader) -> Table:
    """What stands out among peers, the farthest first."""
    columns = ("company_id", "ticker", "measure", "value", "peers_median", "score", "reason")
    rows = mart_rows(connection, "mart_anomalies", columns)
    rows.sort(key=lambda row: -abs(row["score"]))
    return plain(
        "anomalies",
        "What stands out among peers, by robust z-score",
        [
            {
                **row,
                "who": row["ticker"] or row["company_id"],
                "what": label_of(row["measure"]),
            }
            for row in rows[:MOST_NAMED]
        ],
        (
            ("who", "Company", "text"),
            ("what", "Measure", "text"),
            ("value", "Value", "share"),
            ("peers_median", "Median of peers", "share"),
            ("score", "Score", "number"),
            ("reason", "Where it lies", "text"),
        ),
        statement("mart_anomalies", "order by abs(score) desc"),
    )


def render_overview(
    publication: Published,
    shown: Sequence[CompanyFigures],
    of_segments: Sequence[SegmentFigures],
    quarters: Sequence[QuarterRevenue],
    chrome: Mapping[str, Any],
    held: Sequence[HeldBack] = (),
    counts: CompanyCounts | None = None,
    everyone: Sequence[CompanyFigures] = (),
    scores: Mapping[str, MartRow] | None = None,
    outstanding: Table | None = None,
) -> str:
    """The page's HTML from rows of the marts, the companies `shown` in that order.

    `counts` are of all companies; without them those shown are all.
    """
    if counts is None:
        counts = CompanyCounts(
            len(shown),
            sum(row.revenue_ttm is not None for row in shown),
            sum(row.is_ranked for row in shown),
        )
    return render(
        "site/overview.html.j2",
        **chrome,
        publication=publication,
        held=held[:MOST_NAMED],
        held_count=len(held),
        outstanding=outstanding,
        counts=counts,
        **_table(shown, quarters),
        cards=[
            segment_card(
                segment,
                [row for row in everyone or shown if row.segment == segment.segment],
                (scores or {}).get(segment.segment),
            )
            for segment in of_segments
        ],
    )


def segment_page(
    connection: Reader,
    segment: SegmentFigures,
    members: Sequence[CompanyFigures],
    chrome: Mapping[str, Any],
) -> str:
    """A segment's numbers and all of its companies, the first of very many."""
    shown = members[:MOST_COMPANIES]
    quarters = quarterly_revenues(connection, [row.cik for row in shown if row.cik is not None])
    return render(
        "site/segment.html.j2",
        **chrome,
        card=segment_card(segment, members, opportunities(connection).get(segment.segment)),
        counts=CompanyCounts(
            len(members),
            sum(row.revenue_ttm is not None for row in members),
            sum(row.is_ranked for row in members),
        ),
        **_table(shown, quarters),
    )


def compare_page(chrome: Mapping[str, Any]) -> str:
    """The page on which up to six companies are put side by side, by their series."""
    return render("site/compare.html.j2", **chrome)


def search_entries(connection: Reader, everyone: Sequence[CompanyFigures]) -> str:
    """The script of what search finds: file name, label, name, segment and former tickers."""
    former: dict[str, list[str]] = {}
    for row in mart_rows(
        connection,
        "dim_company_history",
        ("company_id", "value"),
        equal={"attribute": ["ticker"]},
        order_by=("company_id", "entry_number"),
    ):
        former.setdefault(row["company_id"], []).append(row["value"])
    entries = [
        [
            file_name(row.company_id),
            row.ticker or "",
            row.name,
            row.segment_label,
            " ".join(name for name in former.get(row.company_id, []) if name != row.ticker),
        ]
        for row in everyone
    ]
    return f"site.search({json.dumps(entries, separators=(',', ':'), ensure_ascii=False)});\n"


def _table(shown: Sequence[CompanyFigures], quarters: Sequence[QuarterRevenue]) -> dict[str, Any]:
    """What the table of companies is filled with."""
    by_filer: dict[int, list[QuarterRevenue]] = {}
    for quarter in quarters:
        by_filer.setdefault(quarter.cik, []).append(quarter)
    rows = [company_row(row, [] if row.cik is None else by_filer.get(row.cik, [])) for row in shown]
    return {
        "columns": COLUMNS,
        "groups": [
            (title, group)
            for title, group in (
                ("Ranked", [row for row in rows if row.is_ranked]),
                ("Not ranked", [row for row in rows if not row.is_ranked]),
            )
            if group
        ],
        "rows": rows,
        "spark_width": SPARK_WIDTH,
        "spark_height": SPARK_HEIGHT,
    }


def left_out_text(reason: str | None) -> str:
    """Why a company is not ranked, in words; an unknown code is shown as it is."""
    return "" if reason is None else LEFT_OUT.get(reason, reason.replace("_", " "))


def company_row(row: CompanyFigures, quarters: Sequence[QuarterRevenue]) -> CompanyRow:
    """A company's cells, each blank with its reason."""
    left_out = left_out_text(row.left_out_reason)
    accession = row.revenue_ttm_accession

    def why(measure: str) -> str:
        reason = row.blank_reason(measure)
        return "" if reason is None else reason_of(reason).words

    cells = {
        "ticker": text_cell(row.ticker, "no ticker is in use"),
        "rank": Cell(None, note=left_out)
        if row.rank_overall is None
        else Cell(str(row.rank_overall), sort=str(row.rank_overall)),
        "name": text_cell(row.name, "no name is known"),
        "segment": text_cell(row.segment_label, "no segment"),
        "revenue": amount_cell(
            row.revenue_ttm,
            why("revenue_ttm"),
            note=f"filing {accession}" if accession else "",
            unit=row.currency or "",
        ),
        "revenue_usd": amount_cell(
            row.revenue_ttm_usd,
            why("revenue_ttm_usd"),
            note=TRANSLATIONS.get(row.fx_kind or "", ""),
        ),
        "period_end": text_cell(row.ttm_end, why("revenue_ttm")),
        "trend": Cell(None, note="no quarterly revenue from filings"),
        "growth": percent_cell(
            row.revenue_growth_pct, why("revenue_growth_pct"), note=_growth_note(row), plus=True
        ),
        "gross": percent_cell(row.gross_margin_pct, why("gross_margin_pct")),
        "operating": percent_cell(row.operating_margin_pct, why("operating_margin_pct")),
        "net": percent_cell(row.net_margin_pct, why("net_margin_pct")),
        "fcf": percent_cell(row.fcf_margin_pct, why("fcf_margin_pct")),
        "rule_of_40": percent_cell(row.rule_of_40_pct, why("rule_of_40_pct")),
        "market_value": amount_cell(row.market_value_usd, why("market_value_usd")),
        "pe": multiple_cell(row.pe_ratio, why("pe_ratio")),
        "ps": multiple_cell(row.ps_ratio, why("ps_ratio")),
        "health": text_cell(HEALTH.get(row.health_status, row.health_status), left_out),
    }
    # Amounts in different currencies have no order; their dollar twins have.
    cells["revenue"] = replace(cells["revenue"], sort=cells["revenue_usd"].sort)
    return CompanyRow(
        company_id=row.company_id,
        ticker=row.ticker or row.company_id,
        is_ranked=row.is_ranked,
        tag=_tag(row),
        cells=cells,
        health=row.health_status,
        health_reason=left_out or row.health_reason,
        spark=sparkline(quarters),
    )


def _tag(row: CompanyFigures) -> str:
    tags = []
    if row.figures_source == "vendor":
        tags.append("vendor")
    if row.is_stale:
        tags.append(f"stale {row.days_since_ttm_end:,} days")
    if row.listing_status not in ("listed", "unknown"):
        tags.append(row.listing_status)
    return " · ".join(tags)


def _growth_note(row: CompanyFigures) -> str:
    if row.figures_source == "vendor":
        return f"of the fiscal year to {row.fiscal_year_end} against the one before"
    return ""


def sparkline(quarters: Sequence[QuarterRevenue]) -> Spark | None:
    """Lines over the last quarters by date, broken where one is missing; None without any.

    The scale begins at zero, or at the lowest value when one is negative.
    """
    known = [(row, row.revenue) for row in quarters if row.revenue is not None][-SPARK_QUARTERS:]
    if len(known) < 2:
        return None
    values = [revenue for _, revenue in known]
    days = [row.period_end.toordinal() for row, _ in known]
    low, high = min(Decimal(0), *values), max(Decimal(0), *values)
    height, width = SPARK_HEIGHT - 2 * SPARK_MARGIN, SPARK_WIDTH - 2 * SPARK_MARGIN

    def across(day: int) -> float:
        return round(SPARK_MARGIN + width * ((day - days[0]) / (days[-1] - days[0])), 1)

    def down(value: Decimal) -> float:
        share = (high - value) / (high - low) if high > low else Decimal(1)
        return round(SPARK_MARGIN + height * float(share), 1)

    points = [(across(day), down(value)) for day, value in zip(days, values, strict=True)]
    runs = [[points[0]]]
    for (before, now), point in zip(pairwise(days), points[1:], strict=True):
        if now - before > LONGEST_QUARTER_DAYS:
            runs.append([])
        runs[-1].append(point)
    first, last = known[0][0], known[-1][0]
    return Spark(
        lines=[" ".join(f"{x},{y}" for x, y in run) for run in runs],
        zero=down(Decimal(0)),
        last=points[-1],
        label=(
            f"Revenue of {len(known)} quarters, from {millions(values[0])} m "
            f"({first.period_end}) to {millions(values[-1])} m {last.currency} "
            f"({last.period_end})"
        ),
    )


def segment_card(
    segment: SegmentFigures,
    members: Sequence[CompanyFigures],
    opportunity: MartRow | None = None,
) -> SegmentCard:
    """A segment's numbers, and a bar for each of its companies, in the order given."""
    known = [row.revenue_ttm_usd for row in members if row.revenue_ttm_usd is not None]
    longest = max(known, default=Decimal(0))
    why = "no company of this segment is ranked"
    few = reason_of("few_companies").words
    numbers = [
        ("Companies", Cell(str(segment.companies_count))),
        ("Ranked", Cell(str(segment.ranked_count))),
        ("Revenue, $ m", amount_cell(segment.revenue_ttm_usd, why)),
        ("HHI", Cell(None, note=few) if segment.hhi is None else _whole(segment.hhi)),
        ("Top-3 share", percent_cell(segment.top3_share_pct, few)),
        ("Median growth", percent_cell(segment.revenue_growth_median_pct, why, plus=True)),
        ("Median gross margin", percent_cell(segment.gross_margin_median_pct, why)),
        ("Median oper. margin", percent_cell(segment.operating_margin_median_pct, why)),
        ("Median net margin", percent_cell(segment.net_margin_median_pct, why)),
        ("Growth spread", percent_cell(segment.revenue_growth_spread_pct, few)),
        ("Stage", text_cell(segment.lifecycle_stage, why)),
    ]
    if opportunity is not None:
        score = opportunity["opportunity_score"]
        reason = opportunity["opportunity_blank_reason"]
        cell = Cell(None, note=reason_of(reason).words) if score is None else _whole(score)
        numbers.append(("Opportunity, 0 to 100", cell))
    named = (
        ("Leaders", segment.leaders),
        ("Fastest growers", segment.fastest_growers),
        ("At risk", segment.at_risk),
    )
    return SegmentCard(
        segment=segment.segment,
        label=segment.segment_label,
        bars=[_bar(row, longest) for row in members[:MOST_NAMED]],
        numbers=numbers,
        lists=[(title, ", ".join(str(t) for t in tickers)) for title, tickers in named if tickers],
        left_out=_left_out(segment.left_out),
    )


def _whole(value: Decimal) -> Cell:
    return Cell(decimal(value, 0), sort=str(value))


def _left_out(entries: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Reasons with the tickers they hold for, in the order in which they first occur."""
    grouped: dict[str, list[str]] = {}
    for entry in entries:
        reason = left_out_text(entry["reason"])
        grouped.setdefault(reason, []).append(entry["ticker"] or "a company without ticker")
    return [(reason, _named(tickers)) for reason, tickers in grouped.items()]


def _named(names: Sequence[str]) -> str:
    """The first names, and how many more there are."""
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {more:,} more" if more > 0 else "")


def _bar(row: CompanyFigures, longest: Decimal) -> Bar:
    revenue = row.revenue_ttm_usd
    growth = row.revenue_growth_pct
    width = None
    if revenue is not None and longest > 0:
        width = round(float(max(revenue, Decimal(0)) / longest) * 100, 2)
    notes = []
    if row.figures_source == "vendor":
        notes.append("vendor")
    if row.is_stale and row.ttm_end is not None:
        notes.append(f"to {row.ttm_end:%b %Y}")
    return Bar(
        company_id=row.company_id,
        label=row.ticker or row.name,
        name=row.name,
        width_pct=width,
        amount="no dollar figure" if revenue is None else f"${millions(revenue)} m",
        growth="growth –" if growth is None else percent(growth, plus=True),
        note=", ".join(notes),
        is_ranked=row.is_ranked,
    )
