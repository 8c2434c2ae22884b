"""Small hand-made rows of the marts, for pages that need no database."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from warehouse.read.companies import (
    BLANK_REASON_COLUMNS,
    CompanyFigures,
    QuarterRevenue,
    SegmentFigures,
)
from warehouse.read.publications import Published
from warehouse.read.runs import Run

PUBLICATION = Published(
    run_id=7,
    published_at=datetime(2026, 7, 11, 2, 5, tzinfo=UTC),
    as_of=date(2026, 7, 10),
    content_hash="ab" * 32,
    dbt_manifest_hash="cd" * 32,
    data_kind="sample",
    rows_changed=3,
    is_current=True,
    forced_reason=None,
)


def company(ticker: str, **changes: Any) -> CompanyFigures:
    """A ranked filer with 250.0 m of revenue, no gross profit and no price."""
    row: dict[str, Any] = {
        "company_id": ticker.lower(),
        "cik": 1,
        "ticker": ticker,
        "name": f"{ticker} Inc.",
        "segment": "k12",
        "segment_label": "K-12",
        "listing_status": "listed",
        "figures_source": "filing",
        "currency": "USD",
        "revenue_ttm": Decimal("250000000"),
        "revenue_ttm_blank_reason": None,
        "revenue_ttm_usd": Decimal("250000000"),
        "revenue_ttm_usd_blank_reason": None,
        "fx_kind": "none",
        "revenue_ttm_accession": "0000000001-26-000001",
        "ttm_end": date(2026, 3, 31),
        "days_since_ttm_end": 101,
        "is_stale": False,
        "fiscal_year_end": date(2025, 12, 31),
        "revenue_growth_pct": Decimal("0.1"),
        "revenue_growth_blank_reason": None,
        "gross_margin_pct": None,
        "gross_margin_blank_reason": "not_reported",
        "operating_margin_pct": Decimal("-0.02"),
        "operating_margin_blank_reason": None,
        "net_margin_pct": Decimal("-0.02"),
        "net_margin_blank_reason": None,
        "fcf_margin_pct": Decimal("0.05"),
        "fcf_margin_blank_reason": None,
        "rule_of_40_pct": Decimal("0.15"),
        "rule_of_40_blank_reason": None,
        "market_value_usd": None,
        "market_value_blank_reason": "no_price",
        "pe_ratio": None,
        "pe_ratio_blank_reason": "no_price",
        "ps_ratio": None,
        "ps_ratio_blank_reason": "no_price",
        "is_ranked": True,
        "left_out_reason": None,
        "rank_overall": 1,
        "health_status": "watch",
        "health_reason": "net loss over twelve months",
    }
    return CompanyFigures(**(row | changes))


def left_out_company(ticker: str, reason: str, **changes: Any) -> CompanyFigures:
    """A company without a rank, whose health nobody judged."""
    left_out = {
        "is_ranked": False,
        "rank_overall": None,
        "left_out_reason": reason,
        "cik": None,
        "health_status": "unknown",
        "health_reason": reason,
    }
    return company(ticker, **(left_out | changes))


def bare_company(ticker: str) -> CompanyFigures:
    """A company of which nothing is loaded."""
    measures = dict.fromkeys(BLANK_REASON_COLUMNS)
    reasons = dict.fromkeys(BLANK_REASON_COLUMNS.values(), "no_figures")
    unknown = (
        "ticker", "figures_source", "currency", "fx_kind", "revenue_ttm_accession", "ttm_end",
        "days_since_ttm_end", "is_stale", "fiscal_year_end",
    )  # fmt: skip
    changes: dict[str, Any] = {**measures, **reasons, **dict.fromkeys(unknown)}
    return replace(left_out_company(ticker, "no_figures"), **changes)


def segment(**changes: Any) -> SegmentFigures:
    """The numbers of segment k12 with two companies, one of them ranked."""
    row: dict[str, Any] = {
        "segment": "k12",
        "segment_label": "K-12",
        "companies_count": 2,
        "ranked_count": 1,
        "revenue_ttm_usd": Decimal("250000000"),
        "revenue_growth_median_pct": Decimal("0.1"),
        "gross_margin_median_pct": None,
        "operating_margin_median_pct": Decimal("-0.02"),
        "net_margin_median_pct": Decimal("-0.02"),
        "hhi": Decimal("10000.00"),
        "top3_share_pct": Decimal("1"),
        "leaders": ["AAA"],
        "fastest_growers": ["AAA"],
        "at_risk": [],
        "left_out": [{"ticker": "OLD", "reason": "vendor_only"}],
        "revenue_growth_spread_pct": Decimal("0"),
        "lifecycle_stage": "forming",
    }
    return SegmentFigures(**(row | changes))


def quarters(cik: int, *revenues: int | None) -> list[QuarterRevenue]:
    """Calendar quarters from 2024 on, amounts in millions."""
    ends = [date(2024 + n // 4, (3, 6, 9, 12)[n % 4], (31, 30, 30, 31)[n % 4]) for n in range(12)]
    return [
        QuarterRevenue(
            cik=cik,
            period_end=end,
            revenue=None if millions is None else Decimal(millions * 1_000_000),
            currency="USD",
        )
        for end, millions in zip(ends, revenues, strict=False)
    ]


RUN = Run(
    run_id=7,
    data_kind="sample",
    as_of=date(2026, 7, 10),
    status="published",
    started_at=datetime(2026, 7, 11, 2, 0, tzinfo=UTC),
    finished_at=None,
)
