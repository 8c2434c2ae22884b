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
MAX_CIK = 9_999_999_999

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
    "yahoo_statements": [
        batch_has_rows(),
        *required("ticker", "currency", "period_type", "statement", "period_end", "field", "value"),
        matches("ticker", TICKER),
        matches("currency", CURRENCY),
        in_set("period_type", ["annual", "quarter"]),
        in_set("statement", ["income", "balance", "cash_flow"]),
        in_range("period_end", FIRST_PERIOD, LAST_PERIOD, cast="date"),
    ],
    "ecb_rates": [
        batch_has_rows(),
        *required("currency", "rate_date", "rate"),
        matches("currency", CURRENCY),
        positive("rate"),
        in_range("rate_date", date(1999, 1, 1), LAST_PERIOD, cast="date"),
    ],
}
