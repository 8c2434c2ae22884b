"""Companies and segments: who is meant, where each stands, and why a measure is blank."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

import psycopg

from warehouse.read.connection import fetch
from warehouse.read.errors import UnknownCompanyError, nearest

# A measure of mart_company_performance, and the column beside it that says why it is blank.
BLANK_REASON_COLUMNS: Final[Mapping[str, str]] = {
    "revenue_ttm": "revenue_ttm_blank_reason",
    "revenue_ttm_usd": "revenue_ttm_usd_blank_reason",
    "revenue_growth_pct": "revenue_growth_blank_reason",
    "gross_margin_pct": "gross_margin_blank_reason",
    "operating_margin_pct": "operating_margin_blank_reason",
    "net_margin_pct": "net_margin_blank_reason",
    "fcf_margin_pct": "fcf_margin_blank_reason",
    "rule_of_40_pct": "rule_of_40_blank_reason",
    "market_value_usd": "market_value_blank_reason",
    "pe_ratio": "pe_ratio_blank_reason",
    "ps_ratio": "ps_ratio_blank_reason",
}


@dataclass(frozen=True)
class Company:
    """Who a company is; one without CIK, or without ticker, is a company too."""

    company_id: str
    cik: int | None
    ticker: str | None
    name: str
    figures_source: str | None

    @property
    def label(self) -> str:
        """What people call it: its ticker where it has one."""
        return self.ticker or self.company_id


@dataclass(frozen=True)
class CompanyFigures:
    """Where a company stands: the columns of mart_company_performance that are shown.

    Amounts are in `currency`, those ending in _usd in dollars; _pct is a share (0.25 is a
    quarter). A measure without a value has its reason.
    """

    company_id: str
    cik: int | None
    ticker: str | None
    name: str
    segment: str
    segment_label: str
    listing_status: str
    figures_source: str | None
    currency: str | None
    revenue_ttm: Decimal | None
    revenue_ttm_blank_reason: str | None
    revenue_ttm_usd: Decimal | None
    revenue_ttm_usd_blank_reason: str | None
    fx_kind: str | None
    revenue_ttm_accession: str | None
    ttm_end: date | None
    days_since_ttm_end: int | None
    is_stale: bool | None
    fiscal_year_end: date | None
    revenue_growth_pct: Decimal | None
    revenue_growth_blank_reason: str | None
    gross_margin_pct: Decimal | None
    gross_margin_blank_reason: str | None
    operating_margin_pct: Decimal | None
    operating_margin_blank_reason: str | None
    net_margin_pct: Decimal | None
    net_margin_blank_reason: str | None
    fcf_margin_pct: Decimal | None
    fcf_margin_blank_reason: str | None
    rule_of_40_pct: Decimal | None
    rule_of_40_blank_reason: str | None
    market_value_usd: Decimal | None
    market_value_blank_reason: str | None
    pe_ratio: Decimal | None
    pe_ratio_blank_reason: str | None
    ps_ratio: Decimal | None
    ps_ratio_blank_reason: str | None
    is_ranked: bool
    left_out_reason: str | None
    rank_overall: int | None
    health_status: str
    health_reason: str

    def blank_reason(self, measure: str) -> str | None:
        """The code of why this measure is blank; None where it has a value."""
        reason: str | None = getattr(self, BLANK_REASON_COLUMNS[measure])
        return reason


@dataclass(frozen=True)
class SegmentFigures:
    """A segment in total, over its ranked companies; `left_out` has ticker and reason."""

    segment: str
    segment_label: str
    companies_count: int
    ranked_count: int
    revenue_ttm_usd: Decimal | None
    revenue_growth_median_pct: Decimal | None
    gross_margin_median_pct: Decimal | None
    operating_margin_median_pct: Decimal | None
    net_margin_median_pct: Decimal | None
    hhi: Decimal | None
    top3_share_pct: Decimal | None
    leaders: list[str]
    fastest_growers: list[str]
    at_risk: list[str]
    left_out: list[Mapping[str, Any]]
    revenue_growth_spread_pct: Decimal | None
    lifecycle_stage: str | None


@dataclass(frozen=True)
class QuarterRevenue:
    """A filer's revenue of one quarter, null where it is blank, in `currency`."""

    cik: int
    period_end: date
    revenue: Decimal | None
    currency: str | None


# A ticker is a name with dates: who had it on the day comes before who has it now, and that one
# before whose company_id it is by chance and who had it once.
_FIND: Final = """
with named as (
    select
        company_id,
        case
            when cik::text = ltrim(%(asked)s, '0') then 1
            when ticker = upper(%(asked)s) then 3
            else 5
        end as place,
        null::date as valid_to
    from marts.mart_company_performance
    where
        cik::text = ltrim(%(asked)s, '0')
        or ticker = upper(%(asked)s)
        or lower(company_id) = lower(%(asked)s)
    union all
    select
        company_id,
        case
            when %(day)s::date between coalesce(valid_from, '-infinity')
                and coalesce(valid_to, 'infinity') then 2
            when valid_to is null then 4
            else 6
        end as place,
        valid_to
    from marts.dim_company_history
    where attribute = 'ticker' and value = upper(%(asked)s)
)
select c.company_id, c.cik, c.ticker, c.name, c.figures_source
from named as n
inner join marts.mart_company_performance as c on n.company_id = c.company_id
order by n.place, n.valid_to desc nulls first, c.company_id
limit 1
"""


def find_company(
    connection: psycopg.Connection[Any], asked: str, day: date | None = None
) -> Company:
    """The company with this ticker (on `day`, now, or formerly), CIK or company_id.

    Raises UnknownCompanyError, which names the nearest ones.
    """
    asked = asked.strip()
    found = fetch(connection, Company, _FIND, asked=asked, day=day)
    if found:
        return found[0]
    known = sorted(company.label for company in list_companies(connection))
    raise UnknownCompanyError(
        f"{asked!r} is no company of this warehouse, by ticker, CIK or company_id; "
        f"{nearest(asked.upper(), known)}"
    )


@dataclass(frozen=True)
class ListedCompany:
    """A company as a list shows it, with the tickers that it had before."""

    company_id: str
    cik: int | None
    ticker: str | None
    former_tickers: list[str]
    name: str
    segment: str
    segment_label: str
    listing_status: str
    figures_source: str | None
    currency: str | None


@dataclass(frozen=True)
class CompanyPage:
    """Some of the companies that were asked for, and how many these are in all."""

    companies: list[ListedCompany]
    total: int


_LISTED: Final = """
with former as (
    select h.company_id, array_agg(distinct h.value order by h.value) as tickers
    from marts.dim_company_history as h
    inner join marts.mart_company_performance as c on h.company_id = c.company_id
    where h.attribute = 'ticker' and h.value is distinct from c.ticker
    group by h.company_id
), listed as (
    select
        c.company_id, c.cik, c.ticker, coalesce(f.tickers, array[]::text[]) as former_tickers,
        c.name, c.segment, c.segment_label, c.listing_status, c.figures_source, c.currency
    from marts.mart_company_performance as c
    left join former as f on c.company_id = f.company_id
    where
        (%(company_id)s::text is null or c.company_id = %(company_id)s)
        and (%(segment)s::text is null or c.segment = %(segment)s)
        and (
            %(search)s::text is null
            or strpos(lower(c.name), lower(%(search)s)) > 0
            or upper(%(search)s) = any(array_append(f.tickers, c.ticker))
            or exists (
                select from marts.dim_company_history as h
                where h.company_id = c.company_id and h.attribute = 'name'
                    and strpos(lower(h.value), lower(%(search)s)) > 0
            )
        )
)
"""
_LISTED_PAGE: Final = (
    _LISTED + "select {columns} from listed order by company_id limit %(most)s offset %(skip)s"
)
_LISTED_COUNT: Final = _LISTED + "select count(*) from listed"


def search_companies(
    connection: psycopg.Connection[Any],
    *,
    segment: str | None = None,
    search: str | None = None,
    most: int,
    skip: int = 0,
) -> CompanyPage:
    """Companies by company_id: of a segment, or with this text in a name, or this ticker.

    Names and tickers that a company had before are searched too.
    """
    asked = {"company_id": None, "segment": segment, "search": search}
    found = fetch(connection, ListedCompany, _LISTED_PAGE, **asked, most=most, skip=skip)
    counted = connection.execute(_LISTED_COUNT, asked).fetchone()
    assert counted is not None
    return CompanyPage(found, counted[0])


def listed_company(connection: psycopg.Connection[Any], asked: str) -> ListedCompany:
    """One company, by ticker, CIK or company_id; raises UnknownCompanyError."""
    [found] = fetch(
        connection,
        ListedCompany,
        _LISTED_PAGE,
        company_id=find_company(connection, asked).company_id,
        segment=None,
        search=None,
        most=1,
        skip=0,
    )
    return found


def list_companies(connection: psycopg.Connection[Any]) -> list[Company]:
    """Every company of the warehouse, by company_id."""
    return fetch(
        connection,
        Company,
        "select {columns} from marts.mart_company_performance order by company_id",
    )


@dataclass(frozen=True)
class CompanyCounts:
    """How many companies there are, how many have revenue of twelve months, how many a rank."""

    companies: int
    with_revenue: int
    ranked: int


def company_counts(connection: psycopg.Connection[Any]) -> CompanyCounts:
    """Count the companies of the current publication."""
    row = connection.execute(
        "select count(*), count(revenue_ttm), count(*) filter (where is_ranked)"
        " from marts.mart_company_performance"
    ).fetchone()
    assert row is not None
    return CompanyCounts(*row)


def companies(connection: psycopg.Connection[Any], most: int | None = None) -> list[CompanyFigures]:
    """The figures of all, or of so many: the ranked by rank, then the others by revenue."""
    return fetch(
        connection,
        CompanyFigures,
        "select {columns} from marts.mart_company_performance"
        " order by is_ranked desc, rank_overall, revenue_ttm_usd desc nulls last, company_id"
        " limit %(most)s",
        most=most,
    )


def largest_companies(connection: psycopg.Connection[Any], most: int) -> list[CompanyFigures]:
    """So many companies' figures by revenue in dollars, ranked or not."""
    return fetch(
        connection,
        CompanyFigures,
        "select {columns} from marts.mart_company_performance"
        " order by revenue_ttm_usd desc nulls last, company_id limit %(most)s",
        most=most,
    )


def company(connection: psycopg.Connection[Any], asked: str) -> CompanyFigures:
    """The figures of one company, by ticker, CIK or company_id; raises UnknownCompanyError."""
    [figures] = fetch(
        connection,
        CompanyFigures,
        "select {columns} from marts.mart_company_performance where company_id = %(company_id)s",
        company_id=find_company(connection, asked).company_id,
    )
    return figures


def segments(connection: psycopg.Connection[Any]) -> list[SegmentFigures]:
    """Every segment, those with a ranked company first."""
    return fetch(
        connection,
        SegmentFigures,
        "select {columns} from marts.mart_competitive_landscape"
        " order by ranked_count = 0, segment_label, segment",
    )


def quarterly_revenues(
    connection: psycopg.Connection[Any], ciks: Sequence[int]
) -> list[QuarterRevenue]:
    """The revenue of these filers by quarter, the oldest first."""
    return fetch(
        connection,
        QuarterRevenue,
        "select {columns} from marts.mart_financials_quarterly where cik = any(%(ciks)s)"
        " order by cik, period_end",
        ciks=list(ciks),
    )
