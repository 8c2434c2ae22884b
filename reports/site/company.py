"""A company's page: where it stands, its series and statements, and what stands behind them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from reports.page import millions, render
from reports.site import evidence as evidence_of
from reports.site.figures import (
    KIND_OF_NATURE,
    Shown,
    day_filed,
    file_name,
    label_of,
    number,
    shown,
)
from reports.site.tables import Described, Table, periods, plain
from warehouse.read.connection import Reader
from warehouse.read.marts import MartRow, literal, mart_rows, statement
from warehouse.read.reasons import reason_of

MOST_QUARTERS: Final = 12
# Of which the last is compared with three years before it.
QUARTERS_BEHIND: Final = MOST_QUARTERS * 2 + 1
MOST_YEARS: Final = 10
MOST_LISTED: Final = 20
MOST_KPIS: Final = 60
# Periods of series, of which only the blank ones are shown.
MOST_GAPS: Final = 1_000
ONLY: Final[Mapping[str, Mapping[str, Sequence[str]]]] = {
    # The source whose closes mart_price_performance states, so that the chart ends in its price.
    "fct_prices": {"source": ["yahoo"]},
    # What is stated is told with its sentence; here are the gaps.
    "mart_kpi_history": {"status": ["blank"]},
    # One that is over is told once, on the page of what changed.
    "mart_alerts": {"state": ["new", "still"]},
}
# All closes that a page draws: three years are 750, and a longer history is no reason to cut it.
MOST_PRICES: Final = 100_000
_MEASURE_KINDS: Final = {"share": "share", "money": "money", "days": "number", "months": "number"}
_WIDE: Final = ("period_end", "fiscal_year", "currency", "blank_reasons")

# The headline: measure, kind, and the column with the reason of its blank.
HEADLINE: Final = (
    ("revenue_ttm", "money", "revenue_ttm_blank_reason"),
    ("revenue_growth_pct", "share", "revenue_growth_blank_reason"),
    ("gross_margin_pct", "share", "gross_margin_blank_reason"),
    ("operating_margin_pct", "share", "operating_margin_blank_reason"),
    ("net_margin_pct", "share", "net_margin_blank_reason"),
    ("fcf_margin_pct", "share", "fcf_margin_blank_reason"),
    ("rule_of_40_pct", "share", "rule_of_40_blank_reason"),
    ("market_value_usd", "money", "market_value_blank_reason"),
    ("enterprise_value_usd", "money", None),
    ("pe_ratio", "ratio", "pe_ratio_blank_reason"),
    ("ev_to_sales_ratio", "ratio", None),
    ("roic_pct", "share", None),
)
# Those that are no measures of a series: the column's description explains them.
PRICED: Final = ("market_value_usd", "enterprise_value_usd", "pe_ratio", "ev_to_sales_ratio")
# What a page shows of mart_company_performance: nothing that others' figures move.
FIGURE_COLUMNS: Final = (
    "company_id", "cik", "ticker", "name", "segment", "segment_label", "delivery_model",
    "listing_status", "figures_source", "currency", "ttm_end", "fiscal_year_end",
    "is_stale", "price", "price_currency", "price_date", "health_status", "health_reason",
    "left_out_reason", "completeness_pct", "blank_reasons",
    *(name for name, _, _ in HEADLINE), *(reason for _, _, reason in HEADLINE if reason),
)  # fmt: skip
# Nothing of an alert that differs from night to night while it stands: its page stays as it is.
ALERT_COLUMNS: Final = (
    "company_id", "alert", "since", "measure", "line", "period_length", "period_end", "value",
    "condition", "threshold", "what_to_do",
)  # fmt: skip
# What a page asks of a mart by company: its columns, the order, and how many rows it shows.
QUESTIONS: Final[Mapping[str, tuple[tuple[str, ...], tuple[str, ...], int]]] = {
    "mart_alerts": (ALERT_COLUMNS, ("alert",), MOST_LISTED),
    "mart_company_kpis": (
        ("metric", "unit", "period_type", "period", "period_end", "value", "blank_reason",
         "change_pct", "confidence", "sentence", "url"),
        ("metric", "-period_end"), MOST_KPIS,
    ),
    "mart_kpi_history": (
        ("metric", "period_type", "period", "status", "blank_reason"),
        ("metric", "period_type", "fiscal_year", "fiscal_quarter"), MOST_GAPS,
    ),
    "mart_segment_series": (
        ("name", "breakdown", "period_type", "period_end", "currency", "revenue", "growth_pct",
         "growth_blank_reason", "share_pct", "adds_up"),
        ("-period_end", "breakdown", "-revenue"), MOST_KPIS,
    ),
    "mart_segments": (
        ("line", "breakdown", "member", "name", "period_type", "period_end", "currency", "value",
         "share_pct", "url"),
        ("-period_end", "line", "breakdown", "-value"), MOST_KPIS,
    ),
    "mart_guidance_outcomes": (
        ("metric", "unit", "period", "period_end", "first_low", "first_high", "last_low",
         "last_high", "outcome", "verdict", "outcome_blank_reason"),
        ("-period_end", "metric"), MOST_LISTED,
    ),
    "mart_price_performance": (
        ("currency", "price", "price_date", "return_1m_pct", "return_3m_pct", "return_ytd_pct",
         "return_1y_pct", "return_3y_pct", "low_1y", "high_1y", "volatility_1y_pct"),
        (), 1,
    ),
    "mart_restatements": (
        ("line", "period_length", "period_end", "known_from", "restatement_class", "currency",
         "previous_value", "restated_value", "change_pct", "form", "accession"),
        ("-known_from", "line"), 400,
    ),
    "mart_news": (
        ("title", "publisher", "published_at", "url"), ("-published_at",), MOST_LISTED,
    ),
    "mart_filings": (
        ("accession", "form", "filed_date", "period_end", "fact_count", "url"),
        ("-filed_date",), MOST_LISTED,
    ),
    "mart_documents": (
        ("title", "document_type", "filed_date", "verdict", "detail", "url"),
        ("-filed_date",), MOST_LISTED,
    ),
    "mart_risk_factors": (
        ("change", "period_end", "body", "similarity", "url"),
        ("-period_end", "change", "risk_position"), MOST_LISTED,
    ),
    "mart_developer_activity": (
        ("login", "repositories_count", "stars", "commits_12w", "releases_1y", "last_pushed_at"),
        (), 1,
    ),
    "mart_funding": (
        ("announced_date", "investment_type", "money_raised_usd", "investors"),
        ("-announced_date",), MOST_LISTED,
    ),
    "dim_company_history": (
        ("attribute", "value", "valid_from", "valid_to"), ("attribute", "entry_number"), 40,
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Words:
    """What all pages share: the lines and measures of the warehouse, in their order."""

    lines: Sequence[MartRow]
    measures: Sequence[MartRow]

    @property
    def of_statements(self) -> list[Described]:
        """The lines as a table wants them."""
        return [
            Described(
                row["line"],
                KIND_OF_NATURE[row["nature"]],
                label_of(row["line"]),
                row["description"],
            )
            for row in self.lines
        ]

    def kind_of(self, line: str) -> str:
        """How values of a line are shown; a line that is not described is money."""
        natures = {row["line"]: row["nature"] for row in self.lines}
        return KIND_OF_NATURE.get(natures.get(line, ""), "money")

    @property
    def of_measures(self) -> list[Described]:
        """The measures as a table wants them."""
        return [
            Described(
                row["measure"],
                _MEASURE_KINDS[row["unit"]],
                label_of(row["measure"]),
                row["description"],
            )
            for row in self.measures
        ]


@dataclass(frozen=True)
class CompanyPage:
    """The files of one company: its page, the series that charts read, and the evidence."""

    html: str
    series: str
    evidence: str


Gathered = Mapping[str, Mapping[str, list[MartRow]]]


def gather(connection: Reader, words: Words, company_ids: Sequence[str]) -> Gathered:
    """All rows of these companies that their pages show, by mart and company."""
    lines = [row["line"] for row in words.lines]
    asked: dict[str, tuple[tuple[str, ...], tuple[str, ...], int]] = {
        **QUESTIONS,
        "mart_company_quarters": (
            ("period_end", "calendar_quarter", "currency", "revenue_quarter", "revenue_ttm",
             "blank_reasons", *(row["measure"] for row in words.measures)),
            ("-period_end",), MOST_QUARTERS,
        ),
        "mart_financials_annual": ((*_WIDE, *lines), ("-period_end",), MOST_YEARS),
        "mart_financials_quarterly": (
            (*_WIDE, "fiscal_quarter", *lines), ("-period_end",), QUARTERS_BEHIND,
        ),
        "mart_financials_ttm": (
            (*_WIDE, "fiscal_quarter", *lines), ("-period_end",), QUARTERS_BEHIND,
        ),
        "fct_prices": (
            ("price_date", "close_split_adjusted", "currency"), ("price_date",), MOST_PRICES,
        ),
    }  # fmt: skip
    found: dict[str, dict[str, list[MartRow]]] = {}
    for mart, (columns, order, most) in asked.items():
        by_company: dict[str, list[MartRow]] = {}
        wanted = tuple(dict.fromkeys(("company_id", *columns)))
        for row in mart_rows(
            connection,
            mart,
            wanted,
            company_ids=company_ids,
            equal=ONLY.get(mart),
            order_by=("company_id", *order),
        ):
            rows = by_company.setdefault(row["company_id"], [])
            if len(rows) < most:
                rows.append(row)
        found[mart] = by_company
    ends = [
        row["period_end"]
        for mart in ("annual", "quarterly", "ttm")
        for rows in found[f"mart_financials_{mart}"].values()
        for row in rows
    ]
    for mart, columns in (
        ("fct_financial_vintages", evidence_of.VINTAGE_COLUMNS),
        ("fct_financial_inputs", evidence_of.INPUT_COLUMNS),
    ):
        found[mart] = {}
        for row in mart_rows(
            connection,
            mart,
            columns,
            company_ids=company_ids,
            at_least={"period_end": min(ends)} if ends else None,
            order_by=("company_id", "line", "period_type", "-period_end", "-known_from"),
        ):
            found[mart].setdefault(row["company_id"], []).append(row)
    return found


def company_page(
    words: Words, figures: MartRow, gathered: Gathered, chrome: Mapping[str, Any]
) -> CompanyPage:
    """The page of the company with these `figures`, a row of mart_company_performance."""
    company_id = figures["company_id"]
    rows = {mart: by_company.get(company_id, []) for mart, by_company in gathered.items()}
    quarters = rows["mart_company_quarters"]
    marks = _marks(rows["mart_restatements"])
    statements = [
        _statement(words, figures, _shown(rows, kind), kind, marks)
        for kind in ("quarterly", "ttm", "annual")
    ]
    series = _series(figures, quarters, rows["fct_prices"])
    return CompanyPage(
        html=render(
            "site/company.html.j2",
            **chrome,
            company=figures,
            label=figures["ticker"] or figures["name"],
            cards=_cards(figures),
            number=number,
            measures=_measures(words, figures, quarters, _shown(rows, "quarterly")),
            statements=[table for table in statements if table.lines],
            lists=[table for table in _lists(words, figures, rows) if table.lines],
            has_prices=bool(rows["fct_prices"]),
            chart_words=_chart_words(quarters),
        ),
        series=series,
        evidence=evidence_of.evidence(
            figures["cik"] or 0,
            _wanted(words, rows),
            rows["fct_financial_vintages"],
            rows["fct_financial_inputs"],
        ),
    )


def _cards(figures: MartRow) -> list[tuple[str, Shown, str, str]]:
    """Label, value, what it asks about and a unit, of each headline measure."""
    reasons = figures["blank_reasons"] or {}
    # All of them are of twelve months, whose end may lie before the newest quarter's.
    end = figures["ttm_end"]
    cards = []
    for name, kind, reason in HEADLINE:
        why = figures[reason] if reason else reasons.get(name)
        key = ""
        if figures["figures_source"] == "filing" and end is not None:
            key = f"revenue|ttm|{end}" if name == "revenue_ttm" else f"{name}|{end}"
        if name in PRICED and figures["price_date"] is not None:
            key = f"{name}|{figures['price_date']}"
        unit = ""
        if kind == "money":
            unit = "$ m" if name.endswith("_usd") else f"{figures['currency'] or ''} m"
        cards.append((label_of(name), shown(figures[name], kind, why), key, unit))
    return cards


def _measures(
    words: Words, figures: MartRow, quarters: Sequence[MartRow], stated: Sequence[MartRow]
) -> Table:
    # The series says why a measure is blank; why the quarter's revenue is, its statement.
    why = {row["period_end"]: (row["blank_reasons"] or {}).get("revenue") for row in stated}
    rows = [
        {
            **row,
            "blank_reasons": {
                **(row["blank_reasons"] or {}),
                "revenue_quarter": why.get(row["period_end"]),
            },
        }
        for row in quarters
    ]
    return periods(
        "quarters",
        "Measures at the newest twelve period ends; amounts in millions",
        rows,
        [
            Described(
                "revenue_quarter",
                "money",
                "Revenue of the quarter",
                "Revenue of the fiscal quarter.",
            ),
            *words.of_measures,
        ],
        lambda name, row: (
            f"revenue|quarter|{row['period_end']}"
            if name == "revenue_quarter"
            else f"{name}|{row['period_end']}"
        ),
        _sql("mart_company_quarters", figures, "period_end desc"),
    )


_PERIOD_TYPES: Final = {"annual": "annual", "quarterly": "quarter", "ttm": "ttm"}
_CAPTIONS: Final = {
    "quarterly": "Quarters",
    "ttm": "Twelve months to each quarter's end",
    "annual": "Fiscal years",
}


def _statement(
    words: Words,
    figures: MartRow,
    rows: Sequence[MartRow],
    kind: str,
    marks: Mapping[tuple[str, str], Mapping[Any, str]],
) -> Table:
    period_type = _PERIOD_TYPES[kind]
    balances = {row["line"] for row in words.lines if row["nature"] == "stock"}
    marked = {
        (line, end): why
        for (line, length), ends in marks.items()
        if length == ("instant" if line in balances else period_type)
        for end, why in ends.items()
    }
    currencies = ", ".join(sorted({row["currency"] for row in rows if row["currency"]}))
    return periods(
        f"financials_{kind}",
        f"{_CAPTIONS[kind]}, in millions of {currencies}; per share in {currencies}",
        rows,
        words.of_statements,
        lambda line, row: (
            f"{line}|{'instant' if line in balances else period_type}|{row['period_end']}"
        ),
        _sql(f"mart_financials_{kind}", figures, "period_end desc"),
        marked,
    )


def _marks(restatements: Sequence[MartRow]) -> dict[tuple[str, str], dict[Any, str]]:
    """Why a number is marked as restated, by line, length and end; a split restates nothing."""
    marks: dict[tuple[str, str], dict[Any, str]] = {}
    for row in restatements:
        if row["restatement_class"] != "split":
            ends = marks.setdefault((row["line"], row["period_length"]), {})
            ends.setdefault(
                row["period_end"],
                f"restated on {day_filed(row['known_from'])}: "
                f"{row['restatement_class'].replace('_', ' ')}",
            )
    return marks


def _lists(words: Words, figures: MartRow, rows: Mapping[str, list[MartRow]]) -> list[Table]:
    """The tables of what was read beside the statements."""

    def listed(mart: str, caption: str, order: str, *columns: tuple[str, str, str]) -> Table:
        return plain(mart, caption, rows[mart][:MOST_KPIS], columns, _sql(mart, figures, order))

    kpis = [
        {**row, "value": _with_unit(row["value"], row["unit"], row["blank_reason"])}
        for row in rows["mart_company_kpis"]
    ]
    guidance = [
        {
            **row,
            "first": _range(row["first_low"], row["first_high"], row["unit"]),
            "last": _range(row["last_low"], row["last_high"], row["unit"]),
            "came": _with_unit(row["outcome"], row["unit"], row["outcome_blank_reason"]),
        }
        for row in rows["mart_guidance_outcomes"]
    ]
    restated = [
        {**row, "kind": words.kind_of(row["line"])}
        for row in rows["mart_restatements"]
        if row["restatement_class"] != "split"
    ]
    return [
        plain(
            "alerts", "Alerts that stand on its figures", alert_rows(rows["mart_alerts"]),
            (("alert", "Alert", "text"), ("since", "Since", "text"),
             ("measure", "Measure", "text"), ("value", "Is", "text"),
             ("limit", "Raised by", "text"), ("what_to_do", "What to do", "text")),
            _sql("mart_alerts", figures, "alert"),
        ),
        plain(
            "kpis", "Figures read in documents, with the sentence they stand in", kpis,
            (("metric", "Metric", "text"), ("period", "Period", "text"),
             ("value", "Value", "text"), ("change_pct", "Change", "share"),
             ("sentence", "Where it stands", "text"), ("url", "Document", "url")),
            _sql("mart_company_kpis", figures, "metric, period_end desc"),
        ),
        plain(
            "kpi_gaps", "Periods between that no figure is told of", _gaps(rows),
            (("metric", "Metric", "text"), ("periods", "Periods", "text"),
             ("why", "Why", "text")),
            _sql("mart_kpi_history", figures, "metric, fiscal_year, fiscal_quarter"),
        ),
        plain(
            "mart_segment_series", "Revenue by segment against the year before, in millions",
            [
                {
                    **row,
                    "note": ", ".join(
                        [
                            *([reason_of(row["growth_blank_reason"]).words]
                              if row["growth_blank_reason"] else []),
                            *(["the parts do not make up the company's revenue"]
                              if row["adds_up"] is False else []),
                        ]
                    ),
                }
                for row in rows["mart_segment_series"]
            ],
            (("name", "Part", "text"), ("breakdown", "By", "text"),
             ("period_type", "Period", "text"), ("period_end", "To", "text"),
             ("currency", "Currency", "text"), ("revenue", "Revenue", "money"),
             ("growth_pct", "Growth", "share"), ("share_pct", "Share", "share"),
             ("note", "Note", "text")),
            _sql("mart_segment_series", figures, "period_end desc, breakdown, revenue desc"),
        ),
        listed(
            "mart_segments", "Revenue and other lines by segment, in millions",
            "period_end desc, line, value desc",
            ("name", "Part", "text"), ("breakdown", "By", "text"), ("line", "Line", "text"),
            ("period_type", "Period", "text"), ("period_end", "To", "text"),
            ("currency", "Currency", "text"), ("value", "Value", "money"),
            ("share_pct", "Share", "share"), ("url", "Filing", "url"),
        ),
        plain(
            "guidance_outcomes", "Guidance, and what came", guidance,
            (("metric", "Metric", "text"), ("period", "Period", "text"),
             ("first", "First said", "text"), ("last", "Last said", "text"),
             ("came", "Came", "text"), ("verdict", "Verdict", "text")),
            _sql("mart_guidance_outcomes", figures, "period_end desc"),
        ),
        listed(
            "mart_price_performance", "Price and its returns", "price_date desc",
            ("price_date", "Day", "text"), ("currency", "Currency", "text"),
            ("price", "Price", "per_share"), ("return_1m_pct", "1 month", "share"),
            ("return_3m_pct", "3 months", "share"), ("return_ytd_pct", "This year", "share"),
            ("return_1y_pct", "1 year", "share"), ("return_3y_pct", "3 years", "share"),
            ("low_1y", "Low, 1 year", "per_share"), ("high_1y", "High, 1 year", "per_share"),
            ("volatility_1y_pct", "Volatility", "share"),
        ),
        plain(
            "restatements", "Newest restatements, amounts in millions", restated[:MOST_LISTED],
            (("line", "Line", "text"), ("period_length", "Period", "text"),
             ("period_end", "To", "text"), ("restatement_class", "Kind", "text"),
             ("previous_value", "Was", "of_line"), ("restated_value", "Is", "of_line"),
             ("change_pct", "Change", "share"), ("form", "Form", "text"),
             ("accession", "Accession", "text")),
            _sql("mart_restatements", figures, "known_from desc"),
        ),
        listed(
            "mart_risk_factors", "Risk factors, with the change since the year before",
            "period_end desc, risk_position",
            ("change", "Change", "text"), ("period_end", "Report to", "text"),
            ("body", "Risk", "text"), ("url", "Document", "url"),
        ),
        listed(
            "mart_news", "News", "published_at desc",
            ("title", "Title", "text"), ("publisher", "Publisher", "text"),
            ("published_at", "Published", "text"), ("url", "Link", "url"),
        ),
        listed(
            "mart_filings", "Newest filings", "filed_date desc",
            ("form", "Form", "text"), ("filed_date", "Filed", "text"),
            ("period_end", "Period to", "text"), ("accession", "Accession", "text"),
            ("fact_count", "Facts", "count"), ("url", "Filing", "url"),
        ),
        listed(
            "mart_documents", "Documents that were read, or why not", "filed_date desc",
            ("document_type", "Kind", "text"), ("filed_date", "Filed", "text"),
            ("verdict", "Read", "text"), ("detail", "Why not", "text"), ("url", "Link", "url"),
        ),
        listed(
            "mart_developer_activity", "Developer activity", "login",
            ("login", "Account", "text"), ("repositories_count", "Repositories", "count"),
            ("stars", "Stars", "count"), ("commits_12w", "Commits, 12 weeks", "count"),
            ("releases_1y", "Releases, 1 year", "count"),
        ),
        listed(
            "mart_funding", "Funding rounds", "announced_date desc",
            ("announced_date", "Announced", "text"), ("investment_type", "Kind", "text"),
            ("money_raised_usd", "Raised, $ m", "money"), ("investors", "Investors", "count"),
        ),
        listed(
            "dim_company_history", "Names and numbers, with their dates", "attribute, entry_number",
            ("attribute", "What", "text"), ("value", "Value", "text"),
            ("valid_from", "From", "text"), ("valid_to", "To", "text"),
        ),
    ]  # fmt: skip


def alert_rows(rows: Sequence[MartRow]) -> list[MartRow]:
    """Alerts as tables show them: named in words, with what raises them, in the measure's unit.

    One on a restated line says which and of what period, since its measure is the share of change.
    """
    words = {"at_least": "at least", "at_most": "at most"}
    return [
        {
            **row,
            "alert": label_of(row["alert"]),
            "measure": row["measure"]
            if row["line"] is None
            else f"{label_of(row['line'])}, {row['period_length']} to {row['period_end']}",
            "limit": f"{words[row['condition']]} {row['threshold']:g}",
        }
        for row in rows
    ]


def _gaps(rows: Mapping[str, list[MartRow]]) -> list[MartRow]:
    """The blank periods of each metric in one row per reason."""
    gaps: dict[tuple[str, str], list[str]] = {}
    for row in rows["mart_kpi_history"]:
        gaps.setdefault((row["metric"], row["blank_reason"]), []).append(row["period"])
    return [
        {"metric": metric, "periods": ", ".join(periods), "why": reason_of(why).words}
        for (metric, why), periods in gaps.items()
    ]


def _with_unit(value: Decimal | None, unit: str | None, blank_reason: str | None) -> str:
    if value is None:
        return f"– ({(blank_reason or '').replace('_', ' ')})"
    return f"{Decimal(value):,f} {unit or ''}".strip()


def _range(low: Decimal | None, high: Decimal | None, unit: str | None) -> str:
    if low is None or high is None:
        return "–"
    if low == high:
        return _with_unit(low, unit, None)
    return f"{Decimal(low):,f} to {_with_unit(high, unit, None)}"


def _sql(mart: str, figures: MartRow, order: str) -> str:
    return statement(
        mart, f"where company_id = {literal(figures['company_id'])}", f"order by {order}"
    )


def _series(figures: MartRow, quarters: Sequence[MartRow], prices: Sequence[MartRow]) -> str:
    """The script with what the charts of this page, and of the comparison, read."""
    known = sorted(quarters, key=lambda row: row["period_end"])
    told = {
        "file": file_name(figures["company_id"]),
        "id": figures["company_id"],
        "label": figures["ticker"] or figures["name"],
        "name": figures["name"],
        "currency": figures["currency"],
        "quarters": {
            name: [_plain(row[name]) for row in known]
            for name in (known[0] if known else {})
            if name not in ("company_id", "blank_reasons")
        },
        "prices": {
            "days": [row["price_date"].isoformat() for row in prices],
            "close": [_plain(row["close_split_adjusted"]) for row in prices],
            "currency": prices[-1]["currency"] if prices else None,
        },
    }
    return f"site.series({json.dumps(told, separators=(',', ':'), ensure_ascii=False)});\n"


def _plain(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else value and str(value)


def _chart_words(quarters: Sequence[MartRow]) -> str:
    """The chart in a sentence, for those who cannot see it."""
    known = [row for row in quarters if row["revenue_quarter"] is not None]
    if not known:
        return "No revenue by quarter is known."
    first, last = known[-1], known[0]
    return (
        f"Revenue by quarter from {millions(first['revenue_quarter'])} m {first['currency']} "
        f"({first['period_end']}) to {millions(last['revenue_quarter'])} m {last['currency']} "
        f"({last['period_end']}); the table below has every number."
    )


def _shown(rows: Mapping[str, list[MartRow]], kind: str) -> list[MartRow]:
    """The periods of a statement that the page has in a table; measures look further back."""
    return rows[f"mart_financials_{kind}"][: MOST_YEARS if kind == "annual" else MOST_QUARTERS]


def _wanted(words: Words, rows: Mapping[str, list[MartRow]]) -> set[evidence_of.CellKey]:
    """The cells that the page shows, and those before them that its measures are made of."""
    compared = {part["line"] for measure in words.measures for part in measure["parts"]}
    wanted: set[evidence_of.CellKey] = set()
    for kind, period_type in _PERIOD_TYPES.items():
        for place, row in enumerate(rows[f"mart_financials_{kind}"]):
            end = row["period_end"].isoformat()
            is_shown = place < len(_shown(rows, kind))
            for line in words.lines:
                if not is_shown and line["line"] not in compared:
                    continue
                is_balance = line["nature"] == "stock"
                wanted.add((line["line"], "instant" if is_balance else period_type, end))
    return wanted
