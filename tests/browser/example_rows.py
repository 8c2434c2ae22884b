"""Small hand-made rows of the marts, for pages that need no database."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

PUBLICATION: dict[str, Any] = {
    "run_id": 7,
    "published_at": datetime(2026, 7, 11, 2, 5, tzinfo=UTC),
    "as_of": date(2026, 7, 10),
    "content_hash": "ab" * 32,
}


def company(ticker: str, **changes: Any) -> dict[str, Any]:
    """A ranked filer with 250.0 m of revenue and no price."""
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
        "revenue_ttm_usd": Decimal("250000000"),
        "fx_kind": "none",
        "revenue_ttm_accession": "0000000001-26-000001",
        "ttm_end": date(2026, 3, 31),
        "days_since_ttm_end": 101,
        "is_stale": False,
        "fiscal_year_end": date(2025, 12, 31),
        "revenue_growth_pct": Decimal("0.1"),
        "net_income_ttm": Decimal("-5000000"),
        "gross_margin_pct": None,
        "operating_margin_pct": Decimal("-0.02"),
        "net_margin_pct": Decimal("-0.02"),
        "fcf_margin_pct": Decimal("0.05"),
        "rule_of_40_pct": Decimal("0.15"),
        "price": None,
        "price_currency": None,
        "market_value_usd": None,
        "pe_ratio": None,
        "ps_ratio": None,
        "is_ranked": True,
        "left_out_reason": None,
        "rank_overall": 1,
        "health_status": "watch",
        "health_reason": "net loss over twelve months",
    }
    return row | changes


def left_out_company(ticker: str, reason: str, **changes: Any) -> dict[str, Any]:
    """A company without a rank, whose health nobody judged."""
    row = company(ticker, is_ranked=False, rank_overall=None, left_out_reason=reason, cik=None)
    return row | {"health_status": "unknown", "health_reason": reason} | changes


def segment(**changes: Any) -> dict[str, Any]:
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
    }
    return row | changes


def quarters(cik: int, *revenues: int | None) -> list[dict[str, Any]]:
    """Calendar quarters from 2024 on, amounts in millions."""
    ends = [date(2024 + n // 4, (3, 6, 9, 12)[n % 4], (31, 30, 30, 31)[n % 4]) for n in range(12)]
    return [
        {
            "cik": cik,
            "period_end": end,
            "revenue": None if millions is None else Decimal(millions * 1_000_000),
            "currency": "USD",
        }
        for end, millions in zip(ends, revenues, strict=False)
    ]


RUN: dict[str, Any] = {
    "run_id": 7,
    "data_kind": "sample",
    "as_of": date(2026, 7, 10),
    "status": "published",
    "started_at": datetime(2026, 7, 11, 2, 0, tzinfo=UTC),
    "finished_at": None,
}
