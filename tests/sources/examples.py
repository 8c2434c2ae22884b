"""One small document of every kind that a source sends, made up in the form of the recorded ones.

Each comes with the shape that reads its rows and with where a row's fields stand in the document,
so that tests can change any field of any source. No figure in them is zero.
"""

import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson

from connectors.alpha_vantage import fetch as alpha_vantage
from connectors.alpha_vantage import parse as alpha_vantage_parse
from connectors.crunchbase import fetch as crunchbase
from connectors.crunchbase import parse as crunchbase_parse
from connectors.ecb import fetch as ecb
from connectors.ecb.parse import parse_rates, parse_recent_rates
from connectors.feeds.fetch import fetch_feed
from connectors.feeds.parse import parse_feed
from connectors.filed_documents.fetch import Filing, fetch_filing
from connectors.filed_documents.parse import IndexEntry
from connectors.filed_documents.parse import parse_document as parse_filed
from connectors.github import fetch as github
from connectors.github import parse as github_parse
from connectors.http import HttpClient, Response
from connectors.investor_pages.fetch import fetch_page
from connectors.investor_pages.parse import parse_document as parse_page
from connectors.newsapi import fetch as newsapi
from connectors.newsapi import parse as newsapi_parse
from connectors.records import Parsed
from connectors.sec import fetch as sec
from connectors.sec import parse as sec_parse
from connectors.sec.index import parse_daily_index
from connectors.shapes import Shape
from connectors.twelve_data import fetch as twelve_data
from connectors.twelve_data import parse as twelve_data_parse
from connectors.yahoo_chart import fetch as yahoo_chart
from connectors.yahoo_chart import parse as yahoo_chart_parse
from connectors.yahoo_statements import fetch as yahoo_statements
from connectors.yahoo_statements.parse import parse_statements

KEY = "canary-key-4711"
DAY = date(2026, 7, 10)
Fetch = Callable[[HttpClient, str], Response | list[Response]]
# The object, or table of columns, in which a field of the example's row stands.
Place = Callable[[Any, str], dict[str, Any]]


@dataclass(frozen=True)
class Example:
    """`fetch` asks for the document at a base URL; `shape` and `place` say how its row is read."""

    name: str
    source: str
    body: bytes
    fetch: Fetch
    parse: Callable[[bytes], Parsed]
    content_type: str = "application/json"
    shape: Shape | None = None
    place: Place | None = None
    is_columns: bool = False


def _json(
    name: str,
    source: str,
    document: Any,
    fetch: Fetch,
    parse: Callable[[bytes], Parsed],
    shape: Shape | None = None,
    place: Place | None = None,
    is_columns: bool = False,
) -> Example:
    body = orjson.dumps(document)
    return Example(name, source, body, fetch, parse, "application/json", shape, place, is_columns)


_FILING = {
    "accessionNumber": ["0000000001-26-000001"],
    "form": ["10-K"],
    "filingDate": ["2026-02-27"],
    "reportDate": ["2025-12-31"],
    "acceptanceDateTime": ["2026-02-27T21:05:00.000Z"],
    "primaryDocument": ["x-20251231.htm"],
    "primaryDocDescription": ["10-K"],
    "items": ["2.02"],
    "size": [12345],
    "isXBRL": [1],
    "isInlineXBRL": [1],
    "fileNumber": ["001-1"],
    "filmNumber": ["26000001"],
    "act": ["34"],
}
_LISTED = ("0000000001-26-000001", "10-K", date(2026, 2, 27))
_REPORTED = Filing(1, "0000000001-26-000001", "10-K", "x-20251231.htm", date(2026, 2, 27))
_ENTRY = IndexEntry("10-K", "x-20251231.htm", "10-K")
# A report with something for every table that reading fills.
_REPORT = b"""<?xml version="1.0" encoding="UTF-8"?>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:ix="http://www.xbrl.org/2013/inlineXBRL"
 xmlns:xbrli="http://www.xbrl.org/2003/instance" xmlns:xbrldi="http://xbrl.org/2006/xbrldi"><body>
<div style="display:none"><ix:header><ix:resources>
<xbrli:context id="c1"><xbrli:entity><xbrli:identifier scheme="s">1</xbrli:identifier>
<xbrli:segment>
<xbrldi:explicitMember dimension="us-gaap:StatementBusinessSegmentsAxis">x:ChalkMember
</xbrldi:explicitMember></xbrli:segment></xbrli:entity><xbrli:period>
<xbrli:startDate>2025-01-01</xbrli:startDate><xbrli:endDate>2025-12-31</xbrli:endDate>
</xbrli:period></xbrli:context>
<xbrli:unit id="usd"><xbrli:measure>iso4217:USD</xbrli:measure></xbrli:unit>
</ix:resources></ix:header></div>
<p>FORM 10-K</p><p>For the fiscal year ended December 31, 2025</p>
<p><b>Item 1A. Risk Factors</b></p>
<p>Chalk could break in ways that we do not foresee, which would harm our business and results.</p>
<p><b>Item 7. Management's Discussion and Analysis</b></p>
<p>As of December 31, 2025, we had 9.5 million paid subscribers. Chalk brought
$<ix:nonFraction name="us-gaap:Revenues" contextRef="c1" unitRef="usd" decimals="0" scale="0">700
</ix:nonFraction>.</p>
<p>For 2026, we expect revenue of $1.3 million to $1.4 million.</p>
<p><b>Item 8. Financial Statements</b></p><p>They are at the end.</p>
</body></html>"""
_SUBMISSIONS = {
    "cik": "0000000001",
    "name": "Example Inc.",
    "sic": "8200",
    "sicDescription": "Services",
    "fiscalYearEnd": "1231",
    "category": "Accelerated filer",
    "tickers": ["EXM"],
    "exchanges": ["NYSE"],
    "formerNames": [{"name": "Old Inc.", "from": "2010-01-01", "to": "2015-01-01"}],
    "ein": "1",
    "filings": {"recent": _FILING, "files": []},
}
_FACTS = {
    "cik": 1,
    "entityName": "Example Inc.",
    "facts": {
        "us-gaap": {
            "Revenues": {
                "units": {
                    "USD": [
                        {
                            "start": "2025-01-01",
                            "end": "2025-12-31",
                            "val": 1234567,
                            "accn": "0000000001-26-000001",
                            "fy": 2025,
                            "fp": "FY",
                            "form": "10-K",
                            "filed": "2026-02-27",
                            "frame": "CY2025",
                        }
                    ]
                }
            }
        }
    },
}
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
_ARTICLES = {
    "status": "ok",
    "totalResults": 1,
    "articles": [
        {
            "source": {"id": None, "name": "Example Times"},
            "author": "A. Writer",
            "title": "Example opens a school",
            "description": "What it says.",
            "url": "https://news.example/1",
            "urlToImage": None,
            "publishedAt": "2026-07-09T12:00:00Z",
            "content": "cut",
        }
    ],
}
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
_GITHUB_ORGANIZATION = {
    "login": "example",
    "id": 7,
    "name": "Example",
    "blog": "https://example.com",
    "public_repos": 12,
    "followers": 34,
    "created_at": "2010-07-19T19:41:04Z",
    "type": "Organization",
}
_REPOSITORY = {
    "id": 99,
    "full_name": "example/lessons",
    "fork": False,
    "archived": False,
    "language": "Python",
    "stargazers_count": 21,
    "forks_count": 5,
    "open_issues_count": 3,
    "created_at": "2014-01-01T00:00:00Z",
    "pushed_at": "2026-07-01T00:00:00Z",
    "private": False,
}
_WEEK = {"days": [1, 0, 0, 0, 0, 0, 0], "total": 1, "week": 1782604800}
_RELEASE = {
    "tag_name": "v1.2",
    "name": "One",
    "draft": False,
    "prerelease": False,
    "published_at": "2026-06-01T00:00:00Z",
    "author": {"login": "someone"},
}
_TICKERS = {"0": {"cik_str": 1, "ticker": "EXM", "title": "Example Inc."}}
_FEED = b"""<?xml version="1.0" encoding="ISO-8859-1"?>
<rss version="2.0"><channel><title>Example news</title>
<item><guid>1</guid><title>Caf\xe9 lessons</title><link>https://example.com/1</link>
<pubDate>Thu, 09 Jul 2026 12:00:00 GMT</pubDate></item></channel></rss>"""
_INDEX = "\n".join(
    [
        "Description:           Daily Index of EDGAR Dissemination Feed by Form Type",
        "",
        f"{'Form Type':<12}{'Company Name':<62}{'CIK':<12}{'Date Filed':<12}File Name",
        "-" * 141,
        f"{'10-K':<12}{'Example Inc.':<62}{'1':<12}{'20260710':<12}"
        "edgar/data/1/0000000001-26-000001.txt",
        f"{'8-K':<12}{'Somebody Else Corp':<62}{'2':<12}{'20260710':<12}"
        "edgar/data/2/0000000002-26-000001.txt",
        "",
    ]
).encode()
_RECENT_RATES = b"""<?xml version="1.0" encoding="UTF-8"?>
<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01"
 xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref"><Cube><Cube time="2026-07-10">
<Cube currency="USD" rate="1.1700"/><Cube currency="JPY" rate="170.25"/></Cube></Cube>
</gesmes:Envelope>"""


def _rates_zip() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("eurofxref-hist.csv", "Date,USD,JPY,\n2026-07-09,1.1712,170.5,\n")
    return buffer.getvalue()


def _fetch_function(function: str) -> Fetch:
    return lambda client, url: alpha_vantage.fetch_function(client, url, KEY, function, "EXM")


def _parse_function(function: str) -> Callable[[bytes], Parsed]:
    return lambda body: alpha_vantage_parse.parse_function(function, body, "EXM")


def _chart_place(document: Any, field: str) -> dict[str, Any]:
    result = document["chart"]["result"][0]
    if field == "timestamp":
        return result
    quotes = result["indicators"]
    return quotes["adjclose"][0] if field == "adjclose" else quotes["quote"][0]


EXAMPLES = [
    _json(
        "sec company_tickers",
        "sec",
        _TICKERS,
        sec.fetch_company_tickers,
        sec_parse.parse_company_tickers,
        sec_parse.TICKER,
        lambda document, _: document["0"],
    ),
    _json(
        "sec submissions, company",
        "sec",
        _SUBMISSIONS,
        lambda client, url: sec.fetch_submissions(client, url, 1),
        lambda body: sec_parse.parse_submissions(body, 1),
        sec_parse.COMPANY,
        lambda document, _: document,
    ),
    _json(
        "sec submissions, filing",
        "sec",
        _SUBMISSIONS,
        lambda client, url: sec.fetch_submissions(client, url, 1),
        lambda body: sec_parse.parse_submissions(body, 1),
        sec_parse.FILING,
        lambda document, _: document["filings"]["recent"],
        is_columns=True,
    ),
    _json(
        "sec companyfacts",
        "sec",
        _FACTS,
        lambda client, url: sec.fetch_companyfacts(client, url, 1),
        lambda body: sec_parse.parse_companyfacts(body, 1),
        sec_parse.FACT,
        lambda document, _: document["facts"]["us-gaap"]["Revenues"]["units"]["USD"][0],
    ),
    Example(
        "sec daily index",
        "sec",
        _INDEX,
        lambda client, url: sec.fetch_daily_index(client, url, DAY),
        lambda body: parse_daily_index(body, DAY, {1}),
        "application/octet-stream",
    ),
    _json(
        "yahoo chart, bar",
        "yahoo",
        _CHART,
        lambda client, url: yahoo_chart.fetch_chart(client, url, "EXM", DAY, DAY),
        lambda body: yahoo_chart_parse.parse_chart(body, "EXM"),
        yahoo_chart_parse.BAR,
        _chart_place,
        is_columns=True,
    ),
    _json(
        "yahoo chart, dividend",
        "yahoo",
        _CHART,
        lambda client, url: yahoo_chart.fetch_chart(client, url, "EXM", DAY, DAY),
        lambda body: yahoo_chart_parse.parse_chart(body, "EXM"),
        yahoo_chart_parse.DIVIDEND,
        lambda document, _: document["chart"]["result"][0]["events"]["dividends"]["1783690200"],
    ),
    _json(
        "yahoo chart, split",
        "yahoo",
        _CHART,
        lambda client, url: yahoo_chart.fetch_chart(client, url, "EXM", DAY, DAY),
        lambda body: yahoo_chart_parse.parse_chart(body, "EXM"),
        yahoo_chart_parse.SPLIT,
        lambda document, _: document["chart"]["result"][0]["events"]["splits"]["1783690200"],
    ),
    _json(
        "yahoo statements",
        "yahoo",
        _STATEMENTS,
        lambda client, url: yahoo_statements.fetch_statements(client, url, "EXM", KEY),
        lambda body: parse_statements(body, "EXM"),
    ),
    _json(
        "alpha_vantage overview",
        "alpha_vantage",
        _OVERVIEW,
        _fetch_function(alpha_vantage.OVERVIEW),
        _parse_function(alpha_vantage.OVERVIEW),
        alpha_vantage_parse.OVERVIEW,
        lambda document, _: document,
    ),
    _json(
        "alpha_vantage income statement",
        "alpha_vantage",
        _REPORTS,
        _fetch_function(alpha_vantage.INCOME_STATEMENT),
        _parse_function(alpha_vantage.INCOME_STATEMENT),
        alpha_vantage_parse.REPORT,
        lambda document, _: document["annualReports"][0],
    ),
    _json(
        "alpha_vantage earnings",
        "alpha_vantage",
        _EARNINGS,
        _fetch_function(alpha_vantage.EARNINGS),
        _parse_function(alpha_vantage.EARNINGS),
        alpha_vantage_parse.QUARTERLY_EARNINGS,
        lambda document, _: document["quarterlyEarnings"][0],
    ),
    _json(
        "alpha_vantage annual earnings",
        "alpha_vantage",
        _EARNINGS,
        _fetch_function(alpha_vantage.EARNINGS),
        _parse_function(alpha_vantage.EARNINGS),
        alpha_vantage_parse.ANNUAL_EARNINGS,
        lambda document, _: document["annualEarnings"][0],
    ),
    _json(
        "twelve_data meta",
        "twelve_data",
        _SERIES,
        lambda client, url: twelve_data.fetch_series(client, url, KEY, "EXM", DAY, DAY),
        lambda body: twelve_data_parse.parse_series(body, "EXM"),
        twelve_data_parse.META,
        lambda document, _: document["meta"],
    ),
    _json(
        "twelve_data bar",
        "twelve_data",
        _SERIES,
        lambda client, url: twelve_data.fetch_series(client, url, KEY, "EXM", DAY, DAY),
        lambda body: twelve_data_parse.parse_series(body, "EXM"),
        twelve_data_parse.BAR,
        lambda document, _: document["values"][0],
    ),
    _json(
        "newsapi article",
        "newsapi",
        _ARTICLES,
        lambda client, url: newsapi.fetch_articles(client, url, KEY, "Example", DAY, DAY),
        lambda body: newsapi_parse.parse_articles(body, "Example"),
        newsapi_parse.ARTICLE,
        lambda document, _: document["articles"][0],
    ),
    Example(
        "feed",
        "feeds",
        _FEED,
        lambda client, url: fetch_feed(client, f"{url}/feed.xml"),
        lambda body: parse_feed(body, "https://example.com/feed.xml"),
        "text/html",
    ),
    _json(
        "crunchbase organization",
        "crunchbase",
        _ORGANIZATION,
        lambda client, url: crunchbase.fetch_organization(client, url, KEY, "example"),
        lambda body: crunchbase_parse.parse_organization(body, "example"),
        crunchbase_parse.ORGANIZATION,
        lambda document, _: document["properties"],
    ),
    _json(
        "crunchbase round",
        "crunchbase",
        _ROUNDS,
        lambda client, url: crunchbase.fetch_rounds(client, url, KEY, "example"),
        lambda body: crunchbase_parse.parse_rounds(body, "example"),
        crunchbase_parse.ROUND,
        lambda document, _: document["cards"]["raised_funding_rounds"][0],
    ),
    _json(
        "github organization",
        "github",
        _GITHUB_ORGANIZATION,
        lambda client, url: github.fetch_organization(client, url, KEY, "example"),
        lambda body: github_parse.parse_organization(body, "example"),
        github_parse.ORGANIZATION,
        lambda document, _: document,
    ),
    _json(
        "github repository",
        "github",
        [_REPOSITORY],
        lambda client, url: github.fetch_repositories(client, url, KEY, "example"),
        lambda body: github_parse.parse_repositories(body, "example"),
        github_parse.REPOSITORY,
        lambda document, _: document[0],
    ),
    _json(
        "github commit week",
        "github",
        [_WEEK],
        lambda client, url: github.fetch_commit_activity(client, url, KEY, "example/lessons"),
        lambda body: github_parse.parse_commit_activity(body, "example/lessons"),
        github_parse.COMMIT_WEEK,
        lambda document, _: document[0],
    ),
    _json(
        "github release",
        "github",
        [_RELEASE],
        lambda client, url: github.fetch_releases(client, url, KEY, "example/lessons"),
        lambda body: github_parse.parse_releases(body, "example/lessons"),
        github_parse.RELEASE,
        lambda document, _: document[0],
    ),
    Example(
        "ecb history",
        "ecb",
        _rates_zip(),
        ecb.fetch_rates,
        parse_rates,
        "application/zip",
    ),
    Example(
        "ecb recent rates",
        "ecb",
        _RECENT_RATES,
        lambda client, url: ecb.fetch_recent_rates(client, url, 1),
        parse_recent_rates,
        "text/xml",
    ),
]
# Pages for people, which may be anything: what is read of them is in tests/documents.
PAGES = [
    Example(
        "filed document",
        "sec",
        _REPORT,
        lambda client, url: fetch_filing(client, url, _REPORTED),
        lambda body: parse_filed(1, *_LISTED, "https://a.example/x", "0" * 64, _ENTRY),
        "text/html",
    ),
    Example(
        "investor page",
        "investor_pages",
        b"<html><body><p>Figures for investors: a page of their own.</p></body></html>",
        lambda client, url: fetch_page(client, f"{url}/investors.html"),
        lambda body: parse_page(
            "example", "https://a.example", "https://a.example", None, "0" * 64
        ),
        "text/html",
    ),
]
BY_NAME = {example.name: example for example in [*EXAMPLES, *PAGES]}

# Which document a source's address means, by its path; each source has a base URL of its own.
_ADDRESSES = [
    (r"company_tickers\.json", "sec company_tickers"),
    (r"submissions/CIK", "sec submissions, filing"),
    (r"companyfacts/CIK", "sec companyfacts"),
    (r"daily-index/", "sec daily index"),
    (r"Archives/edgar/data/", "filed document"),
    (r"investors\.html", "investor page"),
    (r"v8/finance/chart", "yahoo chart, bar"),
    (r"quoteSummary", "yahoo statements"),
    (r"function=OVERVIEW", "alpha_vantage overview"),
    (r"function=(INCOME_STATEMENT|BALANCE_SHEET|CASH_FLOW)", "alpha_vantage income statement"),
    (r"function=EARNINGS", "alpha_vantage earnings"),
    (r"time_series", "twelve_data bar"),
    (r"v2/everything", "newsapi article"),
    (r"feed\.xml", "feed"),
    (r"cards/raised_funding_rounds", "crunchbase round"),
    (r"entities/organizations", "crunchbase organization"),
    (r"orgs/[^/]*/repos", "github repository"),
    (r"orgs/", "github organization"),
    (r"stats/commit_activity", "github commit week"),
    (r"releases", "github release"),
    (r"eurofxref-hist\.zip", "ecb history"),
    (r"eurofxref", "ecb recent rates"),
]


def answer(path: str) -> tuple[str, bytes]:
    """Content type and body for a path of any source; a crumb where one is asked for."""
    if "getcrumb" in path:
        return "text/plain", b"crumb"
    if "yahoo_cookie" in path:
        return "text/html", b"<html></html>"
    for pattern, name in _ADDRESSES:
        if re.search(pattern, path):
            return BY_NAME[name].content_type, BY_NAME[name].body
    raise KeyError(path)


WATCHLIST = """
companies:
  - {{id: example, name: "Example Inc.", cik: 1, segment: k12, delivery_model: B2C,
     tickers: [{{symbol: EXM}}], github: [example], crunchbase: example, news_query: Example,
     press_rooms: ["{url}/ok/feeds/feed.xml"],
     investor_pages: ["{url}/ok/investor_pages/investors.html"]}}
"""
KEYED = ("ALPHA_VANTAGE", "TWELVE_DATA", "NEWSAPI", "CRUNCHBASE", "GITHUB")
_URLS = ("SEC_DATA", "SEC_WWW", "YAHOO", "YAHOO_COOKIE", "ECB", *KEYED)


def variables(url: str, behaviours: dict[str, str] | None = None) -> dict[str, str]:
    """Environment of a live night on a scripted server; behaviours are good where none is given."""
    scripts = behaviours or {}
    bases = {
        f"CORPINTEL_{name}_URL": f"{url}/{scripts.get(name, 'ok')}/{name.lower()}" for name in _URLS
    }
    return bases | {"CORPINTEL_SEC_USER_AGENT": "Tests tests@example.com"}


def keys() -> dict[str, str]:
    """A key for every source that needs one."""
    return {f"CORPINTEL_{name}_API_KEY": KEY for name in KEYED}
