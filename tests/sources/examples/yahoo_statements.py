"""Yahoo's quoteSummary: an income statement."""

from connectors.yahoo_statements import fetch as yahoo_statements
from connectors.yahoo_statements.parse import parse_statements
from tests.sources.examples.example import KEY, json_example

_STATEMENTS = {
    "quoteSummary": {
        "error": None,
        "result": [
            {
                "price": {"symbol": "EXM"},
                "financialData": {"financialCurrency": "USD"},
                "incomeStatementHistory": {
                    "incomeStatementHistory": [
                        {
                            "endDate": {"raw": 1767139200, "fmt": "2025-12-31"},
                            "totalRevenue": {"raw": 1234567},
                            "researchDevelopment": {},
                        }
                    ]
                },
            }
        ],
    }
}

EXAMPLES = [
    json_example(
        "yahoo statements",
        "yahoo",
        _STATEMENTS,
        lambda client, url: yahoo_statements.fetch_statements(client, url, "EXM", KEY),
        lambda body: parse_statements(body, "EXM"),
    ),
]
ADDRESSES = {
    r"quoteSummary": "yahoo statements",
}
