"""Crunchbase: an organization and a funding round, made up from its documentation."""

from connectors.crunchbase import fetch as crunchbase
from connectors.crunchbase import parse as crunchbase_parse
from tests.sources.examples.example import KEY, json_example

_ORGANIZATION = {
    "properties": {
        "identifier": {"uuid": "u1", "permalink": "example", "value": "Example"},
        "founded_on": {"precision": "day", "value": "2011-11-03"},
        "num_employees_enum": "c_00501_01000",
        "funding_total": {"value": 183300000, "currency": "USD", "value_usd": 183300000},
        "num_funding_rounds": 8,
        "last_funding_type": "series_h",
        "last_funding_at": "2020-11-18",
        "updated_at": "2026-01-02T03:04:05Z",
    }
}

_ROUNDS = {
    "cards": {
        "raised_funding_rounds": [
            {
                "identifier": {"uuid": "r1", "permalink": "series-h", "value": "Series H"},
                "announced_on": "2020-11-18",
                "investment_type": "series_h",
                "money_raised": {"value": 35000000, "currency": "USD", "value_usd": 35000000},
                "num_investors": 2,
            }
        ]
    }
}

EXAMPLES = [
    json_example(
        "crunchbase organization",
        "crunchbase",
        _ORGANIZATION,
        lambda client, url: crunchbase.fetch_organization(client, url, KEY, "example"),
        lambda body: crunchbase_parse.parse_organization(body, "example"),
        crunchbase_parse.ORGANIZATION,
        lambda document, _: document["properties"],
    ),
    json_example(
        "crunchbase round",
        "crunchbase",
        _ROUNDS,
        lambda client, url: crunchbase.fetch_rounds(client, url, KEY, "example"),
        lambda body: crunchbase_parse.parse_rounds(body, "example"),
        crunchbase_parse.ROUND,
        lambda document, _: document["cards"]["raised_funding_rounds"][0],
    ),
]
ADDRESSES = {
    r"cards/raised_funding_rounds": "crunchbase round",
    r"entities/organizations": "crunchbase organization",
}
HANDLE = "crunchbase: example"
