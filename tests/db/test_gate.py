"""The gate: each rule of each suite finds the row that breaks it, and sets aside that very row."""

import gc
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy.dialects.postgresql import JSONB

from expectations.gate import SuiteError, Verdict, open_gate, validate
from expectations.rules import (
    Rule,
    batch_has_rows,
    has_columns,
    in_range,
    in_set,
    matches,
    not_after,
    not_null,
)
from flows.steps.gate import SUITES
from tests.conftest import Cluster
from tests.db.packages import new_run, night, query, stage, staged
from tests.limits import seconds, wait_for
from warehouse.db import Warehouse
from warehouse.load import abandon, merge, open_load
from warehouse.tables import SOURCE_TABLES, record_columns

if TYPE_CHECKING:
    from great_expectations.data_context.data_context.abstract_data_context import (
        AbstractDataContext,
    )

DAY = date(2025, 12, 31)
NEXT = date(2026, 1, 1)
LONG_AGO = date(1979, 12, 31)
BEFORE_EDGAR = date(1992, 12, 31)
TOO_LATE = date(2100, 1, 2)
MIDNIGHT = datetime(2026, 1, 1, tzinfo=UTC)
CIKS = [0, 10_000_000_000]
SHA = "0" * 64
READ: dict[str, Any] = {"sha256": SHA, "document_type": "10-K", "reader_sha": "0" * 16}

GOOD: dict[str, dict[str, Any]] = {
    "sec_tickers": {"cik": 9_999_999_999, "ticker": "BRK-B", "name": "A"},
    "sec_companies": {"cik": 1, "document": "submissions", "name": "A"},
    "sec_filings": {
        "cik": 1,
        "accession": "0001097864-26-000010",
        "form": "10-K",
        "filed_date": date(1993, 1, 1),
    },
    "sec_facts": {
        "cik": 1,
        "taxonomy": "us-gaap",
        "concept": "Assets",
        "unit": "USD",
        "start_date": DAY,
        "end_date": DAY,
        "value": Decimal(-1),
        "accession": "0001097864-26-000010",
        "form": "10-K",
        "filed_date": date(2100, 1, 1),
    },
    "yahoo_prices": {
        "ticker": "BF.B",
        "price_date": DAY,
        "low": Decimal(2),
        "high": Decimal(2),
        "close": Decimal("0.01"),
        "volume": 0,
        "currency": "GBp",
    },
    "yahoo_events": {"ticker": "EURUSD=X", "event_date": DAY, "kind": "split"},
    "yahoo_statements": {
        "ticker": "0700.HK",
        "currency": "USD",
        "period_type": "annual",
        "statement": "income",
        "period_end": date(1980, 1, 1),
        "field": "TotalRevenue",
        "value": Decimal(-1),
    },
    "ecb_rates": {"currency": "USD", "rate_date": date(1999, 1, 1), "rate": Decimal("1.1")},
    "sec_index_filings": {
        "cik": 1,
        "accession": "0001097864-26-000010",
        "form": "10-K",
        "name": "A",
        "filed_date": date(1993, 1, 1),
        "index_date": DAY,
    },
    "alpha_vantage_overviews": {"ticker": "A", "name": "A", "currency": "USD"},
    "alpha_vantage_statements": {
        "ticker": "A",
        "currency": "USD",
        "period_type": "annual",
        "statement": "income",
        "period_end": date(1980, 1, 1),
        "field": "totalRevenue",
        "value": Decimal(-1),
    },
    "alpha_vantage_earnings": {
        "ticker": "A",
        "period_type": "quarter",
        "period_end": date(1980, 1, 1),
    },
    "twelve_data_prices": {
        "ticker": "BF.B",
        "price_date": DAY,
        "open": Decimal(2),
        "low": Decimal(2),
        "high": Decimal(2),
        "close": Decimal("0.01"),
        "volume": 0,
        "currency": "GBp",
    },
    "newsapi_articles": {
        "query": "A",
        "url": "http://a.example/",
        "title": "A",
        "published_at": MIDNIGHT,
    },
    "feed_entries": {"feed_url": "https://a.example/", "entry_id": "1", "title": "A"},
    "crunchbase_organizations": {"permalink": "a", "name": "A"},
    "crunchbase_funding_rounds": {
        "round_id": "1",
        "permalink": "a",
        "announced_on": date(1900, 1, 1),
        "investment_type": "seed",
    },
    "github_organizations": {"login": "a", "public_repos": 0},
    "github_repositories": {
        "organization": "a",
        "repository_id": 1,
        "full_name": "a/b",
        "is_fork": False,
        "stars": 0,
        "forks": 0,
        "open_issues": 0,
    },
    "github_commit_weeks": {"full_name": "a/b", "week_start": MIDNIGHT, "commits": 0},
    "github_releases": {
        "full_name": "a/b",
        "tag": "v1",
        "is_prerelease": False,
        "published_at": MIDNIGHT,
    },
    "filed_documents": {
        "cik": 1,
        "accession": "0001097864-26-000010",
        "form": "8-K",
        "document_type": "EX-99.1",
        "name": "a.htm",
        "url": "https://a.example/a",
        "filed_date": date(1993, 1, 1),
        "sha256": SHA,
    },
    "investor_documents": {
        "company_id": "a",
        "url": "https://a.example/a",
        "page_url": "https://a.example",
        "sha256": SHA,
    },
    "documents": READ
    | {
        "verdict": "read",
        "media": "html",
        "characters": 0,
        "refused_facts": 0,
        "fiscal_quarter": 4,
    },
    "document_sections": READ
    | {
        "position": 0,
        "code": "1A",
        "title": "",
        "start_offset": 0,
        "end_offset": 0,
        "body": "",
        "words": 1,
        "positive_words": 1,
        "negative_words": 1,
        "uncertain_words": 1,
    },
    "document_facts": READ
    | {
        "byte_offset": 0,
        "concept": "us-gaap:Revenues",
        "unit": "USD",
        "start_date": DAY,
        "end_date": DAY,
        "value": Decimal(-1),
        "dimensions": "{}",
    },
    "document_kpis": READ
    | {
        "position": 0,
        "metric": "daily_active_users",
        "value": Decimal(1),
        "unit": "count",
        "step": Decimal(1),
        "period_type": "quarter",
        "fiscal_quarter": 1,
        "is_comparison": False,
        "witness": "prose",
        "witnesses": 1,
        "confidence": Decimal(1),
        "status": "ok",
        "start_offset": 0,
        "end_offset": 0,
        "sentence": "",
    },
    "document_guidance": READ
    | {
        "position": 0,
        "metric": "revenue",
        "low": Decimal(1),
        "high": Decimal(1),
        "unit": "USD",
        "period_type": "annual",
        "start_offset": 0,
        "end_offset": 0,
        "sentence": "",
    },
    "document_risks": READ | {"position": 0, "section": "1A", "start_offset": 0, "body": ""},
    "unmapped_fields": {
        "table_name": "sec_facts",
        "record_key": "1",
        "field": "new",
        "value": "{}",
    },
}
# A day without filings of ours, a share without dividends, a company without rounds or releases.
QUIET = {
    "filed_documents",
    "investor_documents",
    "documents",
    "document_sections",
    "document_facts",
    "document_kpis",
    "document_guidance",
    "document_risks",
    "sec_index_filings",
    "yahoo_events",
    "crunchbase_funding_rounds",
    "github_repositories",
    "github_commit_weeks",
    "github_releases",
}
# A second key for the bad row, lest two rows under one key be set aside for that.
OTHER_KEY: dict[str, dict[str, Any]] = {
    "sec_tickers": {"ticker": "BRK-A"},
    "sec_companies": {"document": "companyfacts"},
    "sec_filings": {"accession": "0001097864-26-000011"},
    "sec_facts": {"concept": "Liabilities"},
    "yahoo_prices": {"price_date": NEXT},
    "yahoo_events": {"event_date": NEXT},
    "yahoo_statements": {"field": "NetIncome"},
    "ecb_rates": {"rate_date": date(1999, 1, 2)},
    "sec_index_filings": {"accession": "0001097864-26-000011"},
    "alpha_vantage_overviews": {"ticker": "B"},
    "alpha_vantage_statements": {"field": "netIncome"},
    "alpha_vantage_earnings": {"period_type": "annual"},
    "twelve_data_prices": {"price_date": NEXT},
    "newsapi_articles": {"query": "B"},
    "feed_entries": {"entry_id": "2"},
    "crunchbase_organizations": {"permalink": "b"},
    "crunchbase_funding_rounds": {"round_id": "2"},
    "github_organizations": {"login": "b"},
    "github_repositories": {"repository_id": 2},
    "github_commit_weeks": {"week_start": MIDNIGHT + timedelta(days=7)},
    "github_releases": {"tag": "v2"},
    "filed_documents": {"name": "b.htm"},
    "investor_documents": {"url": "https://a.example/b"},
    "documents": {"document_type": "10-Q"},
    "document_sections": {"position": 1},
    "document_facts": {"byte_offset": 1},
    "document_kpis": {"position": 1},
    "document_guidance": {"position": 1},
    "document_risks": {"position": 1},
    "unmapped_fields": {"field": "newer"},
}
# What breaks a rule and no other rule of its suite. A rule that a column be not null is broken by
# null, so it needs no entry.
BREAKING: dict[tuple[str, str], list[dict[str, Any]]] = {
    ("sec_tickers", "cik_in_range"): [{"cik": cik} for cik in CIKS],
    ("sec_tickers", "ticker_matches"): [
        {"ticker": ticker} for ticker in ("", "brk.b", " A", ".A", "A B", "A\n")
    ],
    ("sec_companies", "cik_in_range"): [{"cik": cik} for cik in CIKS],
    ("sec_companies", "document_in_set"): [{"document": "Submissions"}],
    ("sec_filings", "cik_in_range"): [{"cik": cik} for cik in CIKS],
    ("sec_filings", "accession_matches"): [
        {"accession": text} for text in ("0001097864-26-00001", "0001097864-26-0000101", "")
    ],
    ("sec_filings", "filed_date_in_range"): [
        {"filed_date": BEFORE_EDGAR},
        {"filed_date": TOO_LATE},
    ],
    ("sec_facts", "cik_in_range"): [{"cik": cik} for cik in CIKS],
    ("sec_facts", "accession_matches"): [{"accession": "1097864-26-000010"}],
    ("sec_facts", "end_date_in_range"): [
        {"start_date": None, "end_date": LONG_AGO},
        {"end_date": TOO_LATE},
    ],
    ("sec_facts", "filed_date_in_range"): [{"filed_date": BEFORE_EDGAR}, {"filed_date": TOO_LATE}],
    ("sec_facts", "start_date_not_after_end_date"): [{"start_date": NEXT}],
    ("yahoo_prices", "ticker_matches"): [{"ticker": "brk.b"}],
    ("yahoo_prices", "close_positive"): [{"close": Decimal("-0.01")}, {"close": Decimal(0)}],
    ("yahoo_prices", "volume_in_range"): [{"volume": -1}],
    ("yahoo_prices", "low_not_after_high"): [{"low": Decimal("2.01")}],
    ("yahoo_prices", "currency_matches"): [{"currency": "US"}],
    ("yahoo_events", "ticker_matches"): [{"ticker": ""}],
    ("yahoo_events", "kind_in_set"): [{"kind": "Split"}],
    ("yahoo_events", "amount_in_range"): [{"amount": Decimal("-0.01")}],
    ("yahoo_events", "numerator_positive"): [{"numerator": Decimal(-2)}],
    ("yahoo_events", "denominator_positive"): [{"denominator": Decimal(-1)}],
    ("yahoo_statements", "ticker_matches"): [{"ticker": "0700,HK"}],
    ("yahoo_statements", "currency_matches"): [{"currency": "usd"}],
    ("yahoo_statements", "period_type_in_set"): [{"period_type": "ttm"}],
    ("yahoo_statements", "statement_in_set"): [{"statement": "cashflow"}],
    ("yahoo_statements", "period_end_in_range"): [
        {"period_end": LONG_AGO},
        {"period_end": TOO_LATE},
    ],
    ("sec_index_filings", "cik_in_range"): [{"cik": cik} for cik in CIKS],
    ("sec_index_filings", "accession_matches"): [{"accession": "1097864-26-000010"}],
    ("sec_index_filings", "filed_date_in_range"): [{"filed_date": BEFORE_EDGAR}],
    ("alpha_vantage_overviews", "ticker_matches"): [{"ticker": "a"}],
    ("alpha_vantage_overviews", "currency_matches"): [{"currency": "None"}],
    ("alpha_vantage_overviews", "cik_in_range"): [{"cik": 0}],
    ("alpha_vantage_overviews", "shares_outstanding_positive"): [
        {"shares_outstanding": Decimal(0)}
    ],
    ("alpha_vantage_overviews", "market_capitalization_positive"): [
        {"market_capitalization": Decimal(-1)}
    ],
    ("alpha_vantage_statements", "ticker_matches"): [{"ticker": "a"}],
    ("alpha_vantage_statements", "currency_matches"): [{"currency": "None"}],
    ("alpha_vantage_statements", "period_type_in_set"): [{"period_type": "ttm"}],
    ("alpha_vantage_statements", "statement_in_set"): [{"statement": "cashflow"}],
    ("alpha_vantage_statements", "period_end_in_range"): [{"period_end": LONG_AGO}],
    ("alpha_vantage_earnings", "ticker_matches"): [{"ticker": "a"}],
    ("alpha_vantage_earnings", "period_type_in_set"): [{"period_type": "ttm"}],
    ("alpha_vantage_earnings", "period_end_in_range"): [{"period_end": LONG_AGO}],
    ("twelve_data_prices", "ticker_matches"): [{"ticker": "brk.b"}],
    ("twelve_data_prices", "close_positive"): [{"close": Decimal(0)}],
    ("twelve_data_prices", "volume_in_range"): [{"volume": -1}],
    ("twelve_data_prices", "low_not_after_high"): [{"low": Decimal("2.01")}],
    ("twelve_data_prices", "currency_matches"): [{"currency": "US"}],
    ("newsapi_articles", "url_matches"): [{"url": "javascript"}, {"url": "https://a b"}],
    ("newsapi_articles", "published_at_in_range"): [
        {"published_at": datetime(1999, 12, 31, tzinfo=UTC)}
    ],
    ("feed_entries", "link_matches"): [{"link": "ftp://a.example/"}],
    ("feed_entries", "published_at_in_range"): [
        {"published_at": datetime(1989, 12, 31, tzinfo=UTC)}
    ],
    ("crunchbase_organizations", "funding_total_usd_in_range"): [
        {"funding_total_usd": Decimal(-1)}
    ],
    ("crunchbase_organizations", "funding_rounds_in_range"): [{"funding_rounds": -1}],
    ("crunchbase_funding_rounds", "money_raised_positive"): [{"money_raised": Decimal(0)}],
    ("crunchbase_funding_rounds", "currency_matches"): [{"currency": "usd"}],
    ("crunchbase_funding_rounds", "announced_on_in_range"): [{"announced_on": date(1899, 12, 31)}],
    ("github_organizations", "public_repos_in_range"): [{"public_repos": -1}],
    ("github_repositories", "full_name_matches"): [{"full_name": "b"}],
    ("github_repositories", "stars_in_range"): [{"stars": -1}],
    ("github_repositories", "forks_in_range"): [{"forks": -1}],
    ("github_commit_weeks", "commits_in_range"): [{"commits": -1}],
    ("github_commit_weeks", "week_start_in_range"): [
        {"week_start": datetime(2004, 12, 31, tzinfo=UTC)}
    ],
    ("github_releases", "full_name_matches"): [{"full_name": "a/b/c"}],
    ("filed_documents", "cik_in_range"): [{"cik": cik} for cik in CIKS],
    ("filed_documents", "accession_matches"): [{"accession": "1"}],
    ("filed_documents", "url_matches"): [{"url": "ftp://a.example/a"}],
    ("filed_documents", "sha256_matches"): [{"sha256": "0"}],
    ("filed_documents", "filed_date_in_range"): [{"filed_date": BEFORE_EDGAR}],
    ("investor_documents", "url_matches"): [{"url": "a.pdf"}],
    ("investor_documents", "sha256_matches"): [{"sha256": SHA + "0"}],
    ("documents", "sha256_matches"): [{"sha256": "A" * 64}],
    ("documents", "reader_sha_matches"): [{"reader_sha": "1"}, {"reader_sha": "version-1"}],
    ("documents", "verdict_in_set"): [{"verdict": "fine"}],
    ("documents", "media_in_set"): [{"media": "doc"}],
    ("documents", "characters_in_range"): [{"characters": -1}],
    ("documents", "fiscal_quarter_in_range"): [{"fiscal_quarter": 0}, {"fiscal_quarter": 5}],
    ("document_sections", "start_offset_in_range"): [{"start_offset": -1}],
    ("document_sections", "start_offset_not_after_end_offset"): [{"start_offset": 1}],
    ("document_sections", "positive_words_not_after_words"): [{"positive_words": 2}],
    ("document_sections", "negative_words_not_after_words"): [{"negative_words": 2}],
    ("document_sections", "uncertain_words_not_after_words"): [{"uncertain_words": 2}],
    ("document_facts", "concept_matches"): [{"concept": "Revenues"}, {"concept": "a:b c"}],
    ("document_facts", "end_date_in_range"): [{"end_date": TOO_LATE}],
    ("document_facts", "start_date_not_after_end_date"): [{"start_date": NEXT}],
    ("document_kpis", "metric_matches"): [{"metric": "DAU"}],
    ("document_kpis", "witness_in_set"): [{"witness": "picture"}],
    ("document_kpis", "status_in_set"): [{"status": "fine"}],
    ("document_kpis", "period_type_in_set"): [{"period_type": "month"}],
    ("document_kpis", "confidence_in_range"): [{"confidence": Decimal("1.01")}],
    ("document_kpis", "fiscal_quarter_in_range"): [{"fiscal_quarter": 5}],
    ("document_kpis", "start_offset_not_after_end_offset"): [{"start_offset": 1}],
    ("document_guidance", "metric_matches"): [{"metric": ""}],
    ("document_guidance", "period_type_in_set"): [{"period_type": "decade"}],
    ("document_guidance", "low_not_after_high"): [{"low": Decimal(2)}],
    ("document_risks", "start_offset_in_range"): [{"start_offset": -1}],
    ("unmapped_fields", "table_name_matches"): [{"table_name": "Facts"}],
    ("ecb_rates", "currency_matches"): [{"currency": "US1"}],
    ("ecb_rates", "rate_positive"): [{"rate": Decimal("-0.0001")}, {"rate": Decimal(0)}],
    ("ecb_rates", "rate_date_in_range"): [
        {"rate_date": date(1998, 12, 31)},
        {"rate_date": TOO_LATE},
    ],
}


def breaking_values() -> Iterator[tuple[str, Rule, dict[str, Any]]]:
    for table, rules in SUITES.items():
        for rule in rules:
            if rule.reject_where is None:
                continue
            if rule.expectation == "expect_column_values_to_not_be_null":
                yield table, rule, {rule.arguments["column"]: None}
            else:
                yield from ((table, rule, bad) for bad in BREAKING[table, rule.name])


def named(case: object) -> str | None:
    return case.name if isinstance(case, Rule) else None


@pytest.fixture(scope="module")
def gate() -> "AbstractDataContext":
    return open_gate()


@pytest.fixture(scope="module")
def shared(cluster: Cluster, template: str) -> Iterator[Warehouse]:
    """One warehouse for all cases: each has a package of its own."""
    with cluster.fresh(template) as fresh:
        yield fresh


def record(table: str, *values: Mapping[str, Any]) -> tuple[Any, ...]:
    merged: dict[str, Any] = {}
    for some in values:
        merged |= some
    return tuple(merged.get(column.name) for column in record_columns(SOURCE_TABLES[table]))


def judged(
    gate: "AbstractDataContext",
    warehouse: Warehouse,
    table: str,
    records: list[tuple[Any, ...]],
    rules: list[Rule] | None = None,
    change: str = "",
) -> dict[str, Verdict]:
    """Every verdict on a batch of these rows; `change` alters its stage table before that."""
    load = staged(warehouse, table, (night(1), records))
    name = load.stage_table(table)
    try:
        if change:
            load.connection.execute(f"alter table stage.{name} {change}".encode())
            load.connection.commit()
        verdicts = validate(
            gate, warehouse.url, name, table, SUITES[table] if rules is None else rules
        )
    finally:
        abandon(load)
    return {verdict.rule: verdict for verdict in verdicts}


def test_judging_leaves_no_session_open(gate: "AbstractDataContext", shared: Warehouse) -> None:
    def sessions() -> int:
        found = query(
            shared,
            "select count(*) from pg_stat_activity where datname = current_database()"
            " and pid <> pg_backend_pid() and state = 'idle'",
        )
        return int(found[0][0])

    judged(gate, shared, "sec_tickers", [record("sec_tickers", GOOD["sec_tickers"])])
    before = sessions()
    gc.disable()
    try:
        for _ in range(3):
            judged(gate, shared, "sec_tickers", [record("sec_tickers", GOOD["sec_tickers"])])
        # The server ends a session a moment after its client has gone.
        wait_for(lambda: sessions() <= before, 10, "the gate's sessions end")
    finally:
        gc.enable()


def test_no_rule_lacks_a_breaking_value_and_no_value_a_rule() -> None:
    rules = {
        (table, rule.name)
        for table, suite in SUITES.items()
        for rule in suite
        if rule.reject_where is not None
        and rule.expectation != "expect_column_values_to_not_be_null"
    }
    assert rules == set(BREAKING)
    batch_rules = {
        rule.expectation for suite in SUITES.values() for rule in suite if rule.reject_where is None
    }
    # Each of the two has a test of its own below.
    assert batch_rules == {
        "expect_table_row_count_to_be_between",
        "expect_table_columns_to_match_set",
    }


@pytest.mark.parametrize(("table", "rule", "bad"), breaking_values(), ids=named)
def test_a_rule_counts_and_sets_aside_the_one_row_that_breaks_it(
    gate: "AbstractDataContext", shared: Warehouse, table: str, rule: Rule, bad: dict[str, Any]
) -> None:
    compact = SOURCE_TABLES[table].info["compact"]
    stored = table if compact is None else compact.values.name
    query(shared, f"truncate raw.{stored}, ops.rejected_records")
    good_row = record(table, GOOD[table])
    bad_row = record(table, GOOD[table], OTHER_KEY[table], bad)
    load = open_load(shared, new_run(shared), "test")
    capture = stage(load, table, [good_row, bad_row], night(1))
    verdicts = validate(gate, shared.url, load.stage_table(table), table, SUITES[table])
    broken = [
        (verdict.rule, verdict.failed_rows, verdict.evaluated_rows)
        for verdict in verdicts
        if not verdict.is_success
    ]
    assert broken == [(rule.name, 1, 2)]
    assert sum(verdict.failed_rows for verdict in verdicts) == 1

    result = merge(load, SUITES)
    assert (result.rejected, result.new) == ({table: 1}, {table: 1})
    # What went in as the text of JSON comes out as such.
    columns = ", ".join(
        f"(r).{column.name}{'::text' * isinstance(column.type, JSONB)}"
        for column in record_columns(SOURCE_TABLES[table])
    )
    kept = query(
        shared,
        f"select table_name, rule, capture_id, {columns} from ("
        f"  select *, jsonb_populate_record(null::raw.{table}, record) r from ops.rejected_records"
        ") rejected",
    )
    assert kept == [(table, rule.name, capture, *bad_row)]
    columns = columns.replace("(r).", "")
    assert query(shared, f"select {columns} from raw.{table}") == [good_row]


@pytest.mark.parametrize("table", SUITES)
def test_a_good_row_passes_every_rule(
    gate: "AbstractDataContext", shared: Warehouse, table: str
) -> None:
    other = record(table, GOOD[table], OTHER_KEY[table])
    verdicts = judged(gate, shared, table, [record(table, GOOD[table]), other])
    assert [verdict.rule for verdict in verdicts.values() if not verdict.is_success] == []
    assert {verdict.evaluated_rows for verdict in verdicts.values()} == {2}


@pytest.mark.parametrize("table", sorted(set(SUITES) - QUIET))
def test_an_empty_batch_fails_for_having_no_rows(
    gate: "AbstractDataContext", shared: Warehouse, table: str
) -> None:
    verdicts = judged(gate, shared, table, [])
    broken = [v for v in verdicts.values() if not v.is_success]
    assert [(v.rule, v.evaluated_rows, v.is_row_rule) for v in broken] == [
        ("batch_has_rows", 0, False)
    ]


@pytest.mark.parametrize("table", sorted(QUIET))
def test_an_empty_batch_of_what_may_be_missing_passes(
    gate: "AbstractDataContext", shared: Warehouse, table: str
) -> None:
    verdicts = judged(gate, shared, table, [])
    assert all(verdict.is_success for verdict in verdicts.values())


@pytest.mark.parametrize("table", SUITES)
def test_a_batch_that_lacks_a_column_fails_for_that(
    gate: "AbstractDataContext", shared: Warehouse, table: str
) -> None:
    rule = next(rule for rule in SUITES[table] if rule.name == "has_columns")
    column = rule.arguments["column_set"][-1]
    rows = [record(table, GOOD[table])]
    verdicts = judged(gate, shared, table, rows, [rule], f"drop column {column}")
    assert [(v.is_success, v.is_row_rule) for v in verdicts.values()] == [(False, False)]


def test_a_whole_suite_on_a_batch_that_lacks_a_column_is_an_error_of_the_gate(
    gate: "AbstractDataContext", shared: Warehouse
) -> None:
    rows = [record("ecb_rates", GOOD["ecb_rates"])]
    with pytest.raises(SuiteError, match=r'ecb_rates.rate_.* could not be judged: .*"rate"'):
        judged(gate, shared, "ecb_rates", rows, change="drop column rate")


def test_an_expectation_that_raises_is_an_error_though_its_predicate_finds_nothing(
    gate: "AbstractDataContext", shared: Warehouse
) -> None:
    # Without this the verdict is "failed, no row", which sets nothing aside and refuses nothing.
    rule = replace(in_range("rate", 0), arguments={"column": "no_such_column", "min_value": 0})
    rows = [record("ecb_rates", GOOD["ecb_rates"])]
    with pytest.raises(SuiteError, match=r"rate_in_range could not be judged: .*no_such_column"):
        judged(gate, shared, "ecb_rates", rows, [rule])


@pytest.mark.parametrize(
    "rule",
    [
        replace(in_range("rate", 0), reject_where="rate < 1"),
        replace(in_range("rate", 1), reject_where="rate < 0"),
        replace(not_null("rate"), reject_where="rate is not null"),
        replace(in_set("currency", ["EUR"]), reject_where="currency not in ('EUR', 'USD')"),
        replace(matches("currency", "^EUR$"), reject_where="currency !~ 'U'"),
        replace(not_after("rate_date", "rate_date"), reject_where="true"),
    ],
    ids=named,
)
def test_a_predicate_that_disagrees_with_the_verdict_is_an_error(
    gate: "AbstractDataContext", shared: Warehouse, rule: Rule
) -> None:
    row = {"currency": "USD", "rate_date": DAY, "rate": Decimal("0.5")}
    with pytest.raises(SuiteError, match=f"{rule.name}: the expectation counts"):
        judged(gate, shared, "ecb_rates", [record("ecb_rates", row)], [rule])


def test_a_suite_without_rules_is_an_error(gate: "AbstractDataContext", shared: Warehouse) -> None:
    with pytest.raises(SuiteError, match="passes everything"):
        judged(gate, shared, "ecb_rates", [record("ecb_rates", GOOD["ecb_rates"])], [])


def test_two_rules_of_one_name_are_an_error(gate: "AbstractDataContext", shared: Warehouse) -> None:
    with pytest.raises(SuiteError, match="2 rules but 1 verdicts"):
        judged(
            gate,
            shared,
            "ecb_rates",
            [record("ecb_rates", GOOD["ecb_rates"])],
            [in_range("rate", 0), in_range("rate", 1)],
        )


def test_nulls_pass_every_rule_but_not_null(gate: "AbstractDataContext", shared: Warehouse) -> None:
    rules = [
        batch_has_rows(),
        has_columns(["rate"]),
        in_range("rate", 0, 1),
        in_set("currency", ["EUR"]),
        matches("currency", "^EUR$"),
        not_after("rate_date", "rate_date"),
        not_null("rate"),
    ]
    verdicts = judged(gate, shared, "ecb_rates", [record("ecb_rates", {})], rules)
    assert [verdict.rule for verdict in verdicts.values() if not verdict.is_success] == [
        "rate_not_null"
    ]


def test_a_judged_batch_can_be_dropped_at_once(
    gate: "AbstractDataContext", shared: Warehouse
) -> None:
    # A session of Great Expectations that kept its transaction would hold a lock on the table.
    load = staged(shared, "ecb_rates", (night(1), [record("ecb_rates", GOOD["ecb_rates"])]))
    name = load.stage_table("ecb_rates")
    validate(gate, shared.url, name, "ecb_rates", SUITES["ecb_rates"])
    load.connection.execute(f"set lock_timeout = {int(1_000 * seconds(1))}".encode())
    load.connection.commit()
    merge(load, SUITES)
    assert query(shared, "select to_regclass(%s)::text", f"stage.{name}") == [(None,)]
