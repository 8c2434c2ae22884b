"""SEC EDGAR: ticker list, submissions, company facts and a daily index."""

from connectors.sec import fetch as sec
from connectors.sec import parse as sec_parse
from connectors.sec.index import parse_daily_index
from tests.sources.examples.example import DAY, Example, json_example

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

_TICKERS = {"0": {"cik_str": 1, "ticker": "EXM", "title": "Example Inc."}}

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

EXAMPLES = [
    json_example(
        "sec company_tickers",
        "sec",
        _TICKERS,
        sec.fetch_company_tickers,
        sec_parse.parse_company_tickers,
        sec_parse.TICKER,
        lambda document, _: document["0"],
    ),
    json_example(
        "sec submissions, company",
        "sec",
        _SUBMISSIONS,
        lambda client, url: sec.fetch_submissions(client, url, 1),
        lambda body: sec_parse.parse_submissions(body, 1),
        sec_parse.COMPANY,
        lambda document, _: document,
    ),
    json_example(
        "sec submissions, filing",
        "sec",
        _SUBMISSIONS,
        lambda client, url: sec.fetch_submissions(client, url, 1),
        lambda body: sec_parse.parse_submissions(body, 1),
        sec_parse.FILING,
        lambda document, _: document["filings"]["recent"],
        is_columns=True,
    ),
    json_example(
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
]
ADDRESSES = {
    r"company_tickers\.json": "sec company_tickers",
    r"submissions/CIK": "sec submissions, filing",
    r"companyfacts/CIK": "sec companyfacts",
    r"daily-index/": "sec daily index",
}
