"""Alpha Vantage: an overview, statements and earnings."""

from collections.abc import Callable

from connectors.alpha_vantage import fetch as alpha_vantage
from connectors.alpha_vantage import parse as alpha_vantage_parse
from connectors.records import Parsed
from tests.sources.examples.example import KEY, Fetch, json_example

_OVERVIEW = {
    "Symbol": "EXM",
    "Name": "Example Inc",
    "CIK": "1",
    "Exchange": "NYSE",
    "Currency": "USD",
    "Sector": "EDUCATION",
    "Industry": "SERVICES",
    "FiscalYearEnd": "December",
    "LatestQuarter": "2026-03-31",
    "MarketCapitalization": "1000000",
    "SharesOutstanding": "50000",
    "RevenueTTM": "1234567",
    "GrossProfitTTM": "765432",
    "DilutedEPSTTM": "1.25",
    "EBITDA": "54321",
    "PERatio": "None",
    "Description": "Example",
}

_REPORTS = {
    "symbol": "EXM",
    "annualReports": [
        {
            "fiscalDateEnding": "2025-12-31",
            "reportedCurrency": "USD",
            "totalRevenue": "1234567",
            "researchAndDevelopment": "None",
            "operatingIncome": "-345",
        }
    ],
    "quarterlyReports": [],
}

_EARNINGS = {
    "symbol": "EXM",
    "annualEarnings": [{"fiscalDateEnding": "2025-12-31", "reportedEPS": "1.21"}],
    "quarterlyEarnings": [
        {
            "fiscalDateEnding": "2026-03-31",
            "reportedDate": "2026-05-01",
            "reportedEPS": "0.31",
            "estimatedEPS": "0.29",
            "surprise": "0.02",
            "surprisePercentage": "6.8966",
            "reportTime": "post-market",
        }
    ],
}


def _fetch_function(function: str) -> Fetch:
    return lambda client, url: alpha_vantage.fetch_function(client, url, KEY, function, "EXM")


def _parse_function(function: str) -> Callable[[bytes], Parsed]:
    return lambda body: alpha_vantage_parse.parse_function(function, body, "EXM")


EXAMPLES = [
    json_example(
        "alpha_vantage overview",
        "alpha_vantage",
        _OVERVIEW,
        _fetch_function(alpha_vantage.OVERVIEW),
        _parse_function(alpha_vantage.OVERVIEW),
        alpha_vantage_parse.OVERVIEW,
        lambda document, _: document,
    ),
    json_example(
        "alpha_vantage income statement",
        "alpha_vantage",
        _REPORTS,
        _fetch_function(alpha_vantage.INCOME_STATEMENT),
        _parse_function(alpha_vantage.INCOME_STATEMENT),
        alpha_vantage_parse.REPORT,
        lambda document, _: document["annualReports"][0],
    ),
    json_example(
        "alpha_vantage earnings",
        "alpha_vantage",
        _EARNINGS,
        _fetch_function(alpha_vantage.EARNINGS),
        _parse_function(alpha_vantage.EARNINGS),
        alpha_vantage_parse.QUARTERLY_EARNINGS,
        lambda document, _: document["quarterlyEarnings"][0],
    ),
    json_example(
        "alpha_vantage annual earnings",
        "alpha_vantage",
        _EARNINGS,
        _fetch_function(alpha_vantage.EARNINGS),
        _parse_function(alpha_vantage.EARNINGS),
        alpha_vantage_parse.ANNUAL_EARNINGS,
        lambda document, _: document["annualEarnings"][0],
    ),
]
ADDRESSES = {
    r"function=OVERVIEW": "alpha_vantage overview",
    r"function=(INCOME_STATEMENT|BALANCE_SHEET|CASH_FLOW)": "alpha_vantage income statement",
    r"function=EARNINGS": "alpha_vantage earnings",
}
