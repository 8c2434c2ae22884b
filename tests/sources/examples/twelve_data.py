"""Twelve Data: a series of one day."""

from connectors.twelve_data import fetch as twelve_data
from connectors.twelve_data import parse as twelve_data_parse
from tests.sources.examples.example import DAY, KEY, json_example

_SERIES = {
    "meta": {
        "symbol": "EXM",
        "interval": "1day",
        "currency": "USD",
        "exchange_timezone": "America/New_York",
        "exchange": "NYSE",
        "mic_code": "XNYS",
        "type": "Common Stock",
    },
    "values": [
        {
            "datetime": "2026-07-10",
            "open": "10.50000",
            "high": "11.5",
            "low": "9.5",
            "close": "10.75",
            "volume": "1200",
        }
    ],
    "status": "ok",
}

EXAMPLES = [
    json_example(
        "twelve_data meta",
        "twelve_data",
        _SERIES,
        lambda client, url: twelve_data.fetch_series(client, url, KEY, "EXM", DAY, DAY),
        lambda body: twelve_data_parse.parse_series(body, "EXM"),
        twelve_data_parse.META,
        lambda document, _: document["meta"],
    ),
    json_example(
        "twelve_data bar",
        "twelve_data",
        _SERIES,
        lambda client, url: twelve_data.fetch_series(client, url, KEY, "EXM", DAY, DAY),
        lambda body: twelve_data_parse.parse_series(body, "EXM"),
        twelve_data_parse.BAR,
        lambda document, _: document["values"][0],
    ),
]
ADDRESSES = {
    r"(?i)twelve_data/time_series": "twelve_data bar",
}
