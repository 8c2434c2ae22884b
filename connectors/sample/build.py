"""Builds the bundled captures from recorded figures: `python -m connectors.sample.build DATA_DIR`.

The figures are identifiers and numbers only; their documents are put together in the shapes that
SEC, Yahoo, Twelve Data and the ECB send, so that the connectors read them like any other answer.
What no recorded figure shows is said of a made-up company. The same figures give the same bytes.
"""

import csv
import gzip
import hashlib
import io
import json
import sys
import zipfile
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import orjson
import yaml
import zstandard

from connectors.ecb.fetch import rates_url
from connectors.request import public_url, request_key
from connectors.sample import SAMPLE_FETCHED_AT
from connectors.sample.addresses import (
    ECB_URL,
    INVESTOR_PAGE_URL,
    SEC_DATA_URL,
    SEC_WWW_URL,
    TWELVE_DATA_URL,
    YAHOO_URL,
)
from connectors.sample.document import Document, json_document, page
from connectors.sample.made_up import CIK, NAME, TICKER
from connectors.sample.made_up_elsewhere import price_rows, told_by_others
from connectors.sample.made_up_filings import filings
from connectors.sample.transport import FOLDER
from connectors.sec.fetch import company_tickers_url, companyfacts_url
from connectors.twelve_data.fetch import series_params, series_url
from connectors.yahoo_chart.fetch import chart_params, chart_url
from connectors.yahoo_statements.fetch import statements_params, statements_url

_STATEMENTS_FETCHED_AT = datetime(2022, 4, 24, 20, tzinfo=UTC)
_RATES_FROM = "2017-01-01"
_NEW_YORK = ZoneInfo("America/New_York")
# The figures' codes to the module of quoteSummary and the name of the list in it.
_HISTORIES = {
    ("IS", "A"): ("incomeStatementHistory", "incomeStatementHistory"),
    ("IS", "Q"): ("incomeStatementHistoryQuarterly", "incomeStatementHistory"),
    ("BS", "A"): ("balanceSheetHistory", "balanceSheetStatements"),
    ("BS", "Q"): ("balanceSheetHistoryQuarterly", "balanceSheetStatements"),
    ("CF", "A"): ("cashflowStatementHistory", "cashflowStatements"),
    ("CF", "Q"): ("cashflowStatementHistoryQuarterly", "cashflowStatements"),
}

_FACT_FIELDS = ("start", "end", "val", "accn", "fy", "fp", "form", "filed")

Row = dict[str, str]


def build(data: Path, folder: Path = FOLDER) -> list[Document]:
    """Write `captures/` and `index.json` under a folder; files of an older bundle go."""
    documents = sorted(_documents(data), key=lambda document: (document.url, document.fetched_at))
    captures = folder / "captures"
    captures.mkdir(parents=True, exist_ok=True)
    for stale in captures.glob("*.zst"):
        stale.unlink()
    entries = []
    for document in documents:
        sha256 = hashlib.sha256(document.body).hexdigest()
        packed = zstandard.ZstdCompressor(level=19).compress(document.body)
        (captures / f"{sha256}.zst").write_bytes(packed)
        entries.append(
            {
                "request_key": request_key(document.url),
                "url": str(public_url(document.url)),
                "sha256": sha256,
                "status": 200,
                "content_type": document.content_type,
                "fetched_at": document.fetched_at.isoformat(),
            }
        )
    entries.sort(key=itemgetter("request_key", "fetched_at"))
    lines = b",\n".join(orjson.dumps(entry) for entry in entries)
    (folder / "index.json").write_bytes(b"[\n" + lines + b"\n]\n")
    return documents


def _documents(data: Path) -> Iterator[Document]:
    tickers = _json(data / "reference" / "company_tickers.json")
    statements = _csv(data / "figures" / "education_statements_2022-04-24.csv")
    facts = [*_csv(data / "figures" / "xbrl_facts.csv.gz"), *_facts_of_kinds(data)]
    listed = _csv(data / "figures" / "edtech_companies.csv")
    ciks = sorted({int(row["cik"]) for row in facts})
    vendor_tickers = sorted({row["ticker"] for row in statements})
    yield _company_tickers(tickers.values(), listed, ciks, vendor_tickers)
    yield from filings()
    yield from told_by_others()
    titles = {entry["cik_str"]: entry["title"] for entry in tickers.values()}
    for cik, rows in groupby(sorted(facts, key=lambda row: int(row["cik"])), itemgetter("cik")):
        recorded = data / "companyfacts" / _file_of(int(cik))
        name = titles.get(int(cik)) or _json(recorded)["entityName"]
        yield _companyfacts(int(cik), name, rows)
    prices = _csv(data / "figures" / "prices_daily.csv.gz")
    for ticker, rows in groupby(prices, itemgetter("ticker")):
        yield _chart(ticker, list(rows), _recorded_events(data, ticker))
    yield _chart(TICKER, price_rows(sorted({row["date"] for row in prices})), {})
    for ticker, rows in groupby(statements, itemgetter("ticker")):
        yield _statements(ticker, list(rows))
    listed_filers = {e["ticker"] for e in tickers.values() if e["cik_str"] in ciks}
    for path in sorted((data / "market" / "yahoo_quoteSummary").glob("*.json")):
        if path.stem in listed_filers - {*vendor_tickers}:
            yield _statements(path.stem, list(_recorded_statements(path)))
    for path in sorted((data / "market" / "twelve_data").glob("*.json")):
        yield _series(path.stem, _json(path))
    yield _rates(data / "market" / "ecb" / "eurofxref-hist.csv")
    yield _investor_page(_csv(data / "truth" / "duolingo_shareholder_letter_kpis.csv"))


def _company_tickers(
    recorded: Iterable[dict[str, Any]],
    listed: list[Row],
    ciks: list[int],
    vendor_tickers: list[str],
) -> Document:
    wanted = [row for row in listed if row["ticker"] in vendor_tickers]
    all_ciks = {*ciks, *(int(row["cik"]) for row in wanted)}
    entries = [
        {"cik_str": entry["cik_str"], "ticker": entry["ticker"], "title": entry["title"]}
        for entry in recorded
        if entry["cik_str"] in all_ciks
    ]
    present = {entry["ticker"] for entry in entries}
    # A symbol that was renamed or delisted since is no longer in SEC's list.
    entries += [
        {"cik_str": int(row["cik"]), "ticker": row["ticker"], "title": row["name"]}
        for row in wanted
        if row["ticker"] not in present
    ]
    entries.append({"cik_str": CIK, "ticker": TICKER, "title": NAME})
    return json_document(
        company_tickers_url(SEC_WWW_URL),
        {str(number): entry for number, entry in enumerate(entries)},
        SAMPLE_FETCHED_AT,
    )


def _facts_of_kinds(data: Path) -> Iterator[Row]:
    """Facts of the watchlist's filers of other kinds, in the form of the figures file."""
    listed = yaml.safe_load((FOLDER / "watchlist.yaml").read_text(encoding="utf-8"))["companies"]
    for cik in sorted(company["cik"] for company in listed):
        path = data / "kinds" / "companyfacts" / _file_of(cik)
        if not path.exists():
            continue
        # As written, so that no digit passes through a float.
        document = json.loads(path.read_bytes(), parse_float=str, parse_int=str)
        for taxonomy, concepts in document["facts"].items():
            for concept, described in concepts.items():
                for unit, entries in described["units"].items():
                    for entry in entries:
                        given = {name: entry.get(name) or "" for name in _FACT_FIELDS}
                        place = {"taxonomy": taxonomy, "concept": concept, "unit": unit}
                        yield {"cik": str(cik)} | place | given


def _file_of(cik: int) -> str:
    return f"CIK{cik:010d}.json"


def _companyfacts(cik: int, name: str, rows: Iterable[Row]) -> Document:
    facts: dict[str, dict[str, Any]] = {}
    for row in rows:
        described = facts.setdefault(row["taxonomy"], {}).setdefault(row["concept"], {"units": {}})
        described["units"].setdefault(row["unit"], []).append(_fact(row))
    document = {"cik": cik, "entityName": name, "facts": facts}
    return json_document(companyfacts_url(SEC_DATA_URL, cik), document, SAMPLE_FETCHED_AT)


def _fact(row: Row) -> dict[str, Any]:
    fact: dict[str, Any] = {"start": row["start"]} if row["start"] else {}
    return fact | {
        "end": row["end"],
        # A fragment goes out as written, so that no digit passes through a float.
        "val": orjson.Fragment(row["val"]),
        "accn": row["accn"],
        "fy": int(row["fy"]) if row["fy"] else None,
        "fp": row["fp"] or None,
        "form": row["form"],
        "filed": row["filed"],
    }


def _chart(ticker: str, rows: list[Row], events: dict[str, Any]) -> Document:
    columns = {
        name: [orjson.Fragment(row[name]) if row[name] else None for row in rows]
        for name in ("open", "high", "low", "close", "adj_close", "volume")
    }
    adjusted = columns.pop("adj_close")
    result = {
        "meta": {
            "currency": "USD",
            "symbol": ticker,
            "exchangeTimezoneName": "America/New_York",
            "dataGranularity": "1d",
        },
        "timestamp": [_market_open(row["date"]) for row in rows],
        "events": events,
        "indicators": {"quote": [columns], "adjclose": [{"adjclose": adjusted}]},
    }
    days = [date.fromisoformat(row["date"]) for row in rows]
    address = httpx.URL(chart_url(YAHOO_URL, ticker), params=chart_params(min(days), max(days)))
    return json_document(
        str(address), {"chart": {"result": [result], "error": None}}, SAMPLE_FETCHED_AT
    )


def _market_open(day: str) -> int:
    opening = datetime.combine(date.fromisoformat(day), time(9, 30), _NEW_YORK)
    return int(opening.timestamp())


def _recorded_events(data: Path, ticker: str) -> dict[str, Any]:
    found: dict[str, dict[str, Any]] = {}
    for path in sorted((data / "market" / "yahoo_chart").glob("*.json")):
        result = _json(path)["chart"]["result"][0]
        if result["meta"]["symbol"] == ticker:
            for kind, entries in result.get("events", {}).items():
                found.setdefault(kind, {}).update(entries)
    return {kind: dict(sorted(found[kind].items())) for kind in sorted(found)}


def _statements(ticker: str, rows: list[Row]) -> Document:
    (currency,) = {row["financial_currency"] for row in rows}
    periods: dict[tuple[str, str], dict[str, dict[str, Any]]] = {}
    for row in rows:
        history = periods.setdefault((row["statement"], row["period"]), {})
        values = history.setdefault(row["period_end"], {"endDate": _end_date(row["period_end"])})
        values[row["field"]] = {"raw": orjson.Fragment(row["value"])}
    result: dict[str, Any] = {
        module: {name: list(periods[code].values())}
        for code, (module, name) in _HISTORIES.items()
        if code in periods
    }
    result["financialData"] = {"financialCurrency": currency}
    result["price"] = {"symbol": ticker}
    address = httpx.URL(statements_url(YAHOO_URL, ticker), params=statements_params())
    document = {"quoteSummary": {"result": [result], "error": None}}
    return json_document(str(address), document, _STATEMENTS_FETCHED_AT)


def _recorded_statements(path: Path) -> Iterator[Row]:
    """Figures of a recorded summary, in the form of the figures file; its texts stay behind."""
    recorded = _json(path)
    for (statement, period), (module, name) in _HISTORIES.items():
        for values in recorded[module][name]:
            for field, given in values.items():
                if field != "endDate" and isinstance(given, dict) and "raw" in given:
                    yield {
                        "financial_currency": recorded["financialData"]["financialCurrency"],
                        "statement": statement,
                        "period": period,
                        "period_end": values["endDate"]["fmt"],
                        "field": field,
                        "value": str(given["raw"]),
                    }


def _series(ticker: str, recorded: dict[str, Any]) -> Document:
    days = [date.fromisoformat(bar["datetime"]) for bar in recorded["values"]]
    address = httpx.URL(
        series_url(TWELVE_DATA_URL), params=series_params(ticker, min(days), max(days))
    )
    document = {"meta": recorded["meta"], "values": recorded["values"], "status": "ok"}
    return json_document(str(address), document, SAMPLE_FETCHED_AT)


def _end_date(day: str) -> dict[str, Any]:
    midnight = datetime.combine(date.fromisoformat(day), time(), UTC)
    return {"raw": int(midnight.timestamp()), "fmt": day}


def _rates(path: Path) -> Document:
    header, *lines = path.read_text(encoding="utf-8").splitlines()
    kept = [header, *(line for line in lines if line[:10] >= _RATES_FROM)]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        # Without a fixed time the archive would differ at each build.
        entry = zipfile.ZipInfo("eurofxref-hist.csv", date_time=(2026, 7, 11, 0, 0, 0))
        entry.compress_type = zipfile.ZIP_DEFLATED
        entry.create_system = 3
        archive.writestr(entry, "\n".join(kept) + "\n")
    return Document(rates_url(ECB_URL), packed.getvalue(), "application/zip", SAMPLE_FETCHED_AT)


def _investor_page(rows: list[Row]) -> Document:
    """A page with a company's KPIs in sentences of our own, so that a sample night reads some."""
    quarters = [row for row in rows if row["period"].startswith("Q4")]
    years = [row for row in rows if row["period"].startswith("FY")]
    told = [f"<li>{_sentence(row)}</li>" for row in quarters if row["period"] == "Q4 2025"]
    body = (
        "<html><head><title>Sample figures</title></head><body>"
        "<h1>Fourth Quarter 2025 Figures</h1>"
        "<p>A page of the bundled sample: the numbers were carried over from letters to"
        " shareholders, the words are this project's. They are of the fourth quarter of 2025,"
        " which ended December 31, 2025.</p>"
        f"<h2>Q4 2025 Highlights</h2><ul>{''.join(told)}</ul><h2>Key Operating Metrics</h2>"
        f"{_page_table('Three Months Ended December 31,', 'Q4 ', quarters)}"
        f"<h2>Financial Highlights</h2>{_page_table('Year Ended December 31,', 'FY', years)}"
        "</body></html>"
    )
    return page(INVESTOR_PAGE_URL, body, SAMPLE_FETCHED_AT)


def _sentence(row: Row) -> str:
    return f"{_metric_name(row)} were {row['value']} million in the fourth quarter of 2025."


def _metric_name(row: Row) -> str:
    name = row["metric"].replace("_", " ").capitalize()
    return name.replace("ebitda", "EBITDA")


def _page_table(span: str, prefix: str, rows: list[Row]) -> str:
    values = {(row["metric"], row["period"]): row["value"] for row in rows}
    lines = [
        f"<tr><td>{_metric_name(row)}</td><td>{values[row['metric'], f'{prefix}2025']}</td>"
        f"<td>{values[row['metric'], f'{prefix}2024']}</td></tr>"
        for row in rows
        if row["period"] == f"{prefix}2025"
    ]
    return (
        f"<table><tr><td></td><td>{span}</td></tr>"
        f"<tr><td>($ in millions; users in millions)</td><td>2025</td><td>2024</td></tr>"
        f"{''.join(lines)}</table>"
    )


def _json(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = orjson.loads(path.read_bytes())
    return document


def _csv(path: Path) -> list[Row]:
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m connectors.sample.build DATA_DIR")
    for built in build(Path(sys.argv[1])):
        print(f"{len(built.body):>10} {built.url}")
