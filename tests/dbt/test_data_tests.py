"""Data tests of marts that the bundled sample leaves empty: they see rows here, good and broken."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import psycopg
import pytest

from connectors.alpha_vantage import EARNINGS, AlphaVantageEarnings
from connectors.crunchbase import ROUNDS, CrunchbaseRound
from connectors.feeds import ENTRIES, FeedEntry
from connectors.github import (
    COMMIT_WEEKS,
    ORGANIZATIONS,
    REPOSITORIES,
    GithubCommitWeek,
    GithubOrganization,
    GithubRepository,
)
from tests.dbt.compiled import CompiledModels, Records
from warehouse.building.workplace import working_connection
from warehouse.ops import store_watchlist
from warehouse.watchlist import Watchlist

NIGHT = datetime(2026, 7, 9, 22, tzinfo=UTC)
ROOM = "https://example.com/feed.xml"
WATCHLIST = Watchlist.model_validate(
    {
        "companies": [
            {
                "id": "example",
                "name": "Example Inc.",
                "cik": 1,
                "segment": "k12",
                "delivery_model": "B2C",
                "tickers": [{"symbol": "EXM"}],
                "github": ["example"],
                "crunchbase": "example",
                "press_rooms": [ROOM],
            }
        ]
    }
)
BLANKS = (None, None)
# Twelve whole weeks that had ended when they were asked for.
WEEKS = [datetime(2026, 6, 28, tzinfo=UTC) - timedelta(weeks=n) for n in range(12)]
RAW: dict[str, Records] = {
    "mart_news": {
        ENTRIES: [FeedEntry(ROOM, "1", "Example", "News", f"{ROOM}/1", None, NIGHT, None)]
    },
    "mart_developer_activity": {
        ORGANIZATIONS: [GithubOrganization("example", *BLANKS, 1, 5, None)],
        REPOSITORIES: [
            GithubRepository("example", 1, "example/one", False, False, None, 3, 2, 1, None, NIGHT)
        ],
        COMMIT_WEEKS: [GithubCommitWeek("example/one", week, 2) for week in WEEKS],
    },
    "mart_funding": {
        ROUNDS: [
            CrunchbaseRound(
                "1", "example", date(2026, 5, 1), "seed", Decimal(9), "USD", Decimal(9), 2
            )
        ]
    },
    "fct_vendor_earnings": {
        EARNINGS: [
            AlphaVantageEarnings(
                "EXM", "quarter", date(2026, 3, 31), date(2026, 5, 1), Decimal(2), Decimal(1),
                Decimal(1), Decimal(100), "pre-market",
            )
        ]
    },
}  # fmt: skip
# Marts of documents, whose rows take a reading to come about, are given theirs as they stand there.
BUILT = {
    "mart_guidance": """
        insert into build.mart_guidance
            (company_id, url, metric, unit, period_type, period, low, high, is_newest)
        values
            ('example', 'b', 'revenue', 'USD', 'quarter', '2026Q3', 1, 2, true),
            ('example', 'a', 'revenue', 'USD', 'quarter', '2026Q3', 1, 1, false)""",
    "mart_guidance_outcomes": """
        insert into build.mart_guidance_outcomes
            (company_id, metric, unit, period_type, period, first_low, first_high, first_known_from,
             last_low, last_high, last_known_from, outcome, outcome_known_from, verdict,
             beyond_range)
        values
            ('example', 'revenue', 'USD', 'quarter', '2026Q1', 1, 2, '2026-02-01', 1, 2,
             '2026-02-01', 5, '2026-05-01', 'above', 3)""",
    "mart_risk_factors": """
        insert into build.mart_risk_factors (company_id, url, change, risk_position, body)
        values
            ('example', 'a', 'new', 1, 'A risk.'),
            ('example', 'a', 'removed', 1, 'Another risk.')""",
    "mart_segments": """
        insert into build.mart_segments
            (company_id, line, breakdown, member, currency, period_start, period_end, value, total,
             unexplained, is_complete)
        values
            ('example', 'revenue', 'by', 'a', 'USD', '2026-01-01', '2026-03-31', 4, 7, 1, false),
            ('example', 'revenue', 'by', 'b', 'USD', '2026-01-01', '2026-03-31', 2, 7, 1, false)""",
    "mart_kpi_cohorts": """
        insert into build.mart_kpi_cohorts
            (comparable_group, age_quarters, companies_count, index_median, index_lowest,
             index_highest)
        values ('g', 0, 3, 1, 1, 1)""",
    "mart_segment_series": """
        insert into build.mart_segment_series
            (company_id, breakdown, member, currency, period_start, period_end, revenue,
             revenue_year_before, growth_pct, share_pct, unexplained_pct, adds_up)
        values
            ('example', 'segment', 'a', 'USD', '2026-01-01', '2026-03-31', 6, 5, 0.2, 0.6, 0.4,
             false)""",
}  # fmt: skip
# The data test, its mart, and what breaks the mart for it.
BREAKS = [
    ("assert_news_is_known_and_of_its_company", "mart_news", "published_at = '2026-07-12'"),
    ("assert_news_is_known_and_of_its_company", "mart_news", "company_id = 'another'"),
    ("assert_developer_activity_is_of_own_repositories", "mart_developer_activity",
     "commits_4w = commits_12w + 1"),
    ("assert_developer_activity_is_of_own_repositories", "mart_developer_activity",
     "repositories_count = 0"),
    ("assert_funding_rounds_were_announced", "mart_funding", "announced_date = '2026-07-11'"),
    ("assert_funding_rounds_were_announced", "mart_funding", "money_raised = 0"),
    ("assert_funding_rounds_were_announced", "mart_funding", "currency = null"),
    ("assert_vendor_earnings_are_raw_figures", "fct_vendor_earnings", "reported_eps = 3"),
    ("assert_vendor_earnings_are_raw_figures", "fct_vendor_earnings", "captured_at = '2026-07-12'"),
    ("assert_guidance_is_a_range_said_newest_once", "mart_guidance", "low = high + 1"),
    ("assert_guidance_is_a_range_said_newest_once", "mart_guidance", "is_newest = true"),
    ("assert_outcomes_lie_where_their_verdict_says", "mart_guidance_outcomes", "outcome = 6"),
    ("assert_outcomes_lie_where_their_verdict_says", "mart_guidance_outcomes",
     "last_known_from = outcome_known_from"),
    ("assert_new_risks_are_not_old_ones", "mart_risk_factors", "body = 'A risk.'"),
    ("assert_segments_account_for_the_whole", "mart_segments", "unexplained = 2"),
    ("assert_segments_account_for_the_whole", "mart_segments", "is_complete = true"),
    ("assert_cohorts_begin_at_one", "mart_kpi_cohorts", "index_median = 2"),
    ("assert_cohorts_begin_at_one", "mart_kpi_cohorts", "companies_count = 2"),
    (
        "assert_segment_growth_follows_from_its_parts",
        "mart_segment_series",
        "revenue_year_before = 4",
    ),
    ("assert_segment_growth_follows_from_its_parts", "mart_segment_series", "growth_pct = null"),
    ("assert_segment_growth_follows_from_its_parts", "mart_segment_series", "adds_up = true"),
]  # fmt: skip


@pytest.fixture(scope="module")
def filled(models: CompiledModels) -> Iterator[CompiledModels]:
    """The marts with the rows above, and all that they are made from."""
    models.empty()
    fetched, models.fetched = models.fetched, NIGHT
    store_watchlist(models.warehouse, WATCHLIST)
    try:
        for records in RAW.values():
            models.load(records)
        models.build(*RAW, *BUILT)
        with psycopg.connect(models.warehouse.psycopg_dsn()) as connection:
            for statement in BUILT.values():
                connection.execute(statement.encode())
        yield models
    finally:
        models.fetched = fetched
        with psycopg.connect(models.warehouse.psycopg_dsn()) as connection:
            connection.execute("delete from ops.watchlist_handles; delete from ops.watchlist")


@pytest.mark.parametrize(("name", "mart", "change"), BREAKS)
def test_a_data_test_passes_good_rows_and_fails_broken_ones(
    filled: CompiledModels, name: str, mart: str, change: str
) -> None:
    with (
        working_connection(filled.warehouse, filled.as_of) as connection,
        connection.transaction(force_rollback=True),
    ):
        asked = filled.data_tests[name].encode()
        assert connection.execute(f"select * from build.{mart}".encode()).rowcount > 0
        assert connection.execute(asked).fetchall() == []
        connection.execute(f"update build.{mart} set {change}".encode())
        assert connection.execute(asked).rowcount > 0
