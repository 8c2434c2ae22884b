"""Yahoo's chart: a bar, a dividend and a split."""

from typing import Any

from connectors.yahoo_chart import fetch as yahoo_chart
from connectors.yahoo_chart import parse as yahoo_chart_parse
from tests.sources.examples.example import DAY, json_example

_CHART = {
    "chart": {
        "error": None,
        "result": [
            {
                "meta": {
                    "currency": "USD",
                    "symbol": "EXM",
                    "exchangeTimezoneName": "America/New_York",
                },
                "timestamp": [1783690200],
                "events": {
                    "dividends": {"1783690200": {"amount": 0.25, "date": 1783690200}},
                    "splits": {
                        "1783690200": {
                            "date": 1783690200,
                            "numerator": 2,
                            "denominator": 1,
                            "splitRatio": "2:1",
                        }
                    },
                },
                "indicators": {
                    "quote": [
                        {
                            "open": [10.5],
                            "high": [11.5],
                            "low": [9.5],
                            "close": [10.75],
                            "volume": [1200],
                        }
                    ],
                    "adjclose": [{"adjclose": [10.7]}],
                },
            }
        ],
    }
}


def _chart_place(document: Any, field: str) -> dict[str, Any]:
    result = document["chart"]["result"][0]
    if field == "timestamp":
        return result
    quotes = result["indicators"]
    return quotes["adjclose"][0] if field == "adjclose" else quotes["quote"][0]


EXAMPLES = [
    json_example(
        "yahoo chart, bar",
        "yahoo",
        _CHART,
        lambda client, url: yahoo_chart.fetch_chart(client, url, "EXM", DAY, DAY),
        lambda body: yahoo_chart_parse.parse_chart(body, "EXM"),
        yahoo_chart_parse.BAR,
        _chart_place,
        is_columns=True,
    ),
    json_example(
        "yahoo chart, dividend",
        "yahoo",
        _CHART,
        lambda client, url: yahoo_chart.fetch_chart(client, url, "EXM", DAY, DAY),
        lambda body: yahoo_chart_parse.parse_chart(body, "EXM"),
        yahoo_chart_parse.DIVIDEND,
        lambda document, _: document["chart"]["result"][0]["events"]["dividends"]["1783690200"],
    ),
    json_example(
        "yahoo chart, split",
        "yahoo",
        _CHART,
        lambda client, url: yahoo_chart.fetch_chart(client, url, "EXM", DAY, DAY),
        lambda body: yahoo_chart_parse.parse_chart(body, "EXM"),
        yahoo_chart_parse.SPLIT,
        lambda document, _: document["chart"]["result"][0]["events"]["splits"]["1783690200"],
    ),
]
ADDRESSES = {
    r"v8/finance/chart": "yahoo chart, bar",
}
