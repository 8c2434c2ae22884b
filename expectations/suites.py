"""One suite for each raw table, as code: what the sources promise and what we insist on."""

from datetime import date

from expectations.rules import (
    Rule,
    batch_has_rows,
    in_range,
    in_set,
    matches,
    not_after,
    positive,
    required,
)

# EDGAR took its first electronic filing in 1993; a period may reach some years further back.
FIRST_PERIOD = date(1980, 1, 1)
FIRST_FILING = date(1993, 1, 1)
# Some facts state a date ahead of their filing (leases, maturities); none is a century away.
LAST_PERIOD = date(2100, 1, 1)
ACCESSION = "^[0-9]{10}-[0-9]{2}-[0-9]{6}$"
TICKER = "^[A-Z0-9][A-Z0-9.^=-]*$"
CURRENCY = "^[A-Z]{3}$"
# A colon would be taken for a parameter, so it is written by its code.
WEB_ADDRESS = r"^https?\x3a//[^ ]+$"
MAX_CIK = 9_999_999_999
SHA256 = "^[0-9a-f]{64}$"
# What was read of a document: by its bytes, its type and the reader.
_READ = ("sha256", "document_type", "reader_sha")
READER = "^[0-9a-f]{16}$"
_KPI_PERIODS = ["quarter", "half_year", "nine_months", "annual", "instant"]

# What every vendor's statement figures promise.
_STATEMENTS: list[Rule] = [
    batch_has_rows(),
    *required("ticker", "currency", "period_type", "statement", "period_end", "field", "value"),
    matches("ticker", TICKER),
    matches("currency", CURRENCY),
    in_set("period_type", ["annual", "quarter"]),
    in_set("statement", ["income", "balance", "cash_flow"]),
    in_range("period_end", FIRST_PERIOD, LAST_PERIOD, cast="date"),
]

SUITES: dict[str, list[Rule]] = {
    "sec_tickers": [
        batch_has_rows(),
        *required("cik", "ticker", "name"),
        in_range("cik", 1, MAX_CIK),
        matches("ticker", TICKER),
    ],
    "sec_companies": [
        batch_has_rows(),
        *required("cik", "document", "name"),
        in_range("cik", 1, MAX_CIK),
        in_set("document", ["submissions", "companyfacts"]),
    ],
    "sec_filings": [
        batch_has_rows(),
        *required("cik", "accession", "form", "filed_date"),
        in_range("cik", 1, MAX_CIK),
        matches("accession", ACCESSION),
        in_range("filed_date", FIRST_FILING, LAST_PERIOD, cast="date"),
    ],
    "sec_facts": [
        batch_has_rows(),
        *required(
            "cik",
            "taxonomy",
            "concept",
            "unit",
            "end_date",
            "value",
            "accession",
            "form",
            "filed_date",
        ),
        in_range("cik", 1, MAX_CIK),
        matches("accession", ACCESSION),
        in_range("end_date", FIRST_PERIOD, LAST_PERIOD, cast="date"),
        in_range("filed_date", FIRST_FILING, LAST_PERIOD, cast="date"),
        not_after("start_date", "end_date"),
    ],
    "yahoo_prices": [
        batch_has_rows(),
        *required("ticker", "price_date", "close", "currency"),
        matches("ticker", TICKER),
        positive("close"),
        in_range("volume", 0),
        not_after("low", "high"),
        matches("currency", "^[A-Za-z]{3}$"),
    ],
    "yahoo_events": [
        # No batch_has_rows: most companies neither split nor pay in most windows.
        *required("ticker", "event_date", "kind"),
        matches("ticker", TICKER),
        in_set("kind", ["split", "dividend"]),
        in_range("amount", 0),
        positive("numerator"),
        positive("denominator"),
    ],
    "yahoo_statements": _STATEMENTS,
    "ecb_rates": [
        batch_has_rows(),
        *required("currency", "rate_date", "rate"),
        matches("currency", CURRENCY),
        positive("rate"),
        in_range("rate_date", date(1999, 1, 1), LAST_PERIOD, cast="date"),
    ],
    "sec_index_filings": [
        # No batch_has_rows: on most days no company of the watchlist files.
        *required("cik", "accession", "form", "name", "filed_date", "index_date"),
        in_range("cik", 1, MAX_CIK),
        matches("accession", ACCESSION),
        in_range("filed_date", FIRST_FILING, LAST_PERIOD, cast="date"),
    ],
    "alpha_vantage_overviews": [
        batch_has_rows(),
        *required("ticker", "name", "currency"),
        matches("ticker", TICKER),
        matches("currency", CURRENCY),
        in_range("cik", 1, MAX_CIK),
        positive("shares_outstanding"),
        positive("market_capitalization"),
    ],
    "alpha_vantage_statements": _STATEMENTS,
    "alpha_vantage_earnings": [
        batch_has_rows(),
        *required("ticker", "period_type", "period_end"),
        matches("ticker", TICKER),
        in_set("period_type", ["annual", "quarter"]),
        in_range("period_end", FIRST_PERIOD, LAST_PERIOD, cast="date"),
    ],
    "twelve_data_prices": [
        batch_has_rows(),
        *required("ticker", "price_date", "open", "high", "low", "close", "currency"),
        matches("ticker", TICKER),
        positive("close"),
        in_range("volume", 0),
        not_after("low", "high"),
        matches("currency", "^[A-Za-z]{3}$"),
    ],
    "newsapi_articles": [
        batch_has_rows(),
        *required("query", "url", "title", "published_at"),
        matches("url", WEB_ADDRESS),
        in_range("published_at", date(2000, 1, 1), LAST_PERIOD, cast="timestamptz"),
    ],
    "feed_entries": [
        batch_has_rows(),
        *required("feed_url", "entry_id", "title"),
        matches("link", WEB_ADDRESS),
        in_range("published_at", date(1990, 1, 1), LAST_PERIOD, cast="timestamptz"),
    ],
    "crunchbase_organizations": [
        batch_has_rows(),
        *required("permalink", "name"),
        in_range("funding_total_usd", 0),
        in_range("funding_rounds", 0),
    ],
    "crunchbase_funding_rounds": [
        # No batch_has_rows: a company may have raised nothing in a round.
        *required("round_id", "permalink", "announced_on", "investment_type"),
        positive("money_raised"),
        matches("currency", CURRENCY),
        in_range("announced_on", date(1900, 1, 1), LAST_PERIOD, cast="date"),
    ],
    "github_organizations": [
        batch_has_rows(),
        *required("login", "public_repos"),
        in_range("public_repos", 0),
    ],
    "github_repositories": [
        # No batch_has_rows: an organization may show none.
        *required(
            "organization", "repository_id", "full_name", "is_fork", "stars", "forks", "open_issues"
        ),
        matches("full_name", "^[^/ ]+/[^/ ]+$"),
        in_range("stars", 0),
        in_range("forks", 0),
    ],
    "github_commit_weeks": [
        *required("full_name", "week_start", "commits"),
        in_range("commits", 0),
        in_range("week_start", date(2005, 1, 1), LAST_PERIOD, cast="timestamptz"),
    ],
    "github_releases": [
        *required("full_name", "tag", "is_prerelease", "published_at"),
        matches("full_name", "^[^/ ]+/[^/ ]+$"),
    ],
    "filed_documents": [
        # No batch_has_rows: on most nights nobody filed.
        *required(
            "cik", "accession", "form", "document_type", "name", "url", "filed_date", "sha256"
        ),
        in_range("cik", 1, MAX_CIK),
        matches("accession", ACCESSION),
        matches("url", WEB_ADDRESS),
        matches("sha256", SHA256),
        in_range("filed_date", FIRST_FILING, LAST_PERIOD, cast="date"),
    ],
    "investor_documents": [
        *required("company_id", "url", "page_url", "sha256"),
        matches("url", WEB_ADDRESS),
        matches("sha256", SHA256),
    ],
    "documents": [
        *required(*_READ, "verdict", "media", "characters", "refused_facts"),
        matches("sha256", SHA256),
        matches("reader_sha", READER),
        in_set(
            "verdict",
            [
                "read",
                "partly_read",
                "scanned",
                "unreadable",
                "empty",
                "encrypted",
                "malformed",
                "too_large",
                "out_of_time",
                "out_of_memory",
                "crashed",
            ],
        ),
        in_set("media", ["html", "text", "pdf"]),
        in_range("characters", 0),
        in_range("fiscal_quarter", 1, 4),
    ],
    "document_sections": [
        *required(
            *_READ,
            "position",
            "code",
            "title",
            "start_offset",
            "end_offset",
            "body",
            "words",
            "positive_words",
            "negative_words",
            "uncertain_words",
        ),
        in_range("start_offset", 0),
        not_after("start_offset", "end_offset"),
        not_after("positive_words", "words"),
        not_after("negative_words", "words"),
        not_after("uncertain_words", "words"),
    ],
    "document_facts": [
        *required(*_READ, "byte_offset", "concept", "unit", "end_date", "value", "dimensions"),
        matches("concept", r"^[^\x3a ]+\x3a[^\x3a ]+$"),
        in_range("end_date", FIRST_PERIOD, LAST_PERIOD, cast="date"),
        not_after("start_date", "end_date"),
    ],
    "document_kpis": [
        *required(
            *_READ,
            "position",
            "metric",
            "value",
            "unit",
            "step",
            "is_comparison",
            "witness",
            "witnesses",
            "confidence",
            "status",
            "start_offset",
            "end_offset",
            "sentence",
        ),
        matches("metric", "^[a-z_]+$"),
        in_set("witness", ["prose", "table"]),
        in_set("status", ["ok", "conflict", "no_period"]),
        in_set("period_type", _KPI_PERIODS),
        in_range("confidence", 0, 1),
        in_range("fiscal_quarter", 1, 4),
        not_after("start_offset", "end_offset"),
    ],
    "document_guidance": [
        *required(
            *_READ,
            "position",
            "metric",
            "low",
            "high",
            "unit",
            "period_type",
            "start_offset",
            "end_offset",
            "sentence",
        ),
        matches("metric", "^[a-z_]+$"),
        in_set("period_type", _KPI_PERIODS),
        not_after("low", "high"),
    ],
    "document_risks": [
        *required(*_READ, "position", "section", "start_offset", "body"),
        in_range("start_offset", 0),
    ],
    "unmapped_fields": [
        batch_has_rows(),
        *required("table_name", "record_key", "field", "value"),
        matches("table_name", "^[a-z_]+$"),
    ],
}
