"""A small EDGAR on a socket: recorded filings with submissions and index pages made for them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import orjson

from tests.recorded import recorded


@dataclass(frozen=True)
class Filed:
    """A recorded filing: its main document, and its exhibit 99.1 where it has one."""

    cik: int
    name: str
    ticker: str
    accession: str
    form: str
    filed: str
    period: str
    main: str
    exhibit: str | None = None


_RECORDED = """
1562088 | Duolingo, Inc. | DUOL | 0001628280-26-012494 | 10-K | 2026-02-26 | 2025-12-31 | DUOL_10K_000162828026012494.html |
1561550 | Datadog, Inc. | DDOG | 0001628280-26-008819 | 10-K | 2026-02-18 | 2025-12-31 | DDOG_10K_000162828026008819.html |
320193 | Apple Inc. | AAPL | 0000320193-24-000123 | 10-K | 2024-11-01 | 2024-09-28 | aapl-10-k-2024-11-01.html |
320193 | Apple Inc. | AAPL | 0000320193-25-000073 | 10-Q | 2025-08-01 | 2025-06-28 | aapl-10-q-2025-08-01.html |
1045810 | NVIDIA CORP | NVDA | 0001045810-25-000023 | 10-K | 2025-02-26 | 2025-01-26 | nvda-10-k-2025-02-26.html |
1326801 | Meta Platforms, Inc. | META | 0001326801-25-000017 | 10-K | 2025-01-30 | 2024-12-31 | meta-10-k-2025-01-30.html |
885245 | BUCKLE INC | BKE | 0000885245-24-000125 | 8-K | 2024-11-22 | 2024-11-02 | BuckleInc.8-K.html | BuckleInc.8-K.EX99.1.html
"""  # noqa: E501


def _filed(line: str) -> Filed:
    cik, *parts, exhibit = (part.strip() for part in line.split("|"))
    return Filed(int(cik), *parts, exhibit or None)


FILED = tuple(_filed(line) for line in _RECORDED.strip().splitlines())

WATCHLIST = "companies:\n" + "".join(
    f'  - {{id: {ticker.lower()}, name: "{name}", cik: {cik}, segment: k12,'
    f" delivery_model: B2C, tickers: [{{symbol: {ticker}}}]}}\n"
    for cik, name, ticker in dict.fromkeys((f.cik, f.name, f.ticker) for f in FILED)
)


def edgar(folder: Path | None = None) -> Callable[[str], tuple[str, bytes]]:
    """Content type and body for each path; KeyError for what EDGAR does not have."""
    filings = folder or recorded("filings")

    def answer(path: str) -> tuple[str, bytes]:
        name = path.rpartition("/")[2]
        if name == "company_tickers.json":
            entries = dict.fromkeys((f.cik, f.ticker, f.name) for f in FILED)
            listed = {
                str(n): {"cik_str": cik, "ticker": ticker, "title": title}
                for n, (cik, ticker, title) in enumerate(entries)
            }
            return "application/json", orjson.dumps(listed)
        if "/submissions/" in path:
            return "application/json", _submissions(int(name[3:13]))
        if "companyfacts" in path:
            facts = recorded("companyfacts") / name
            return "application/json", (
                facts.read_bytes() if facts.exists() else _no_facts(int(name[3:13]))
            )
        for filed in FILED:
            if filed.accession.replace("-", "") in path:
                if name.endswith("-index.htm"):
                    return "text/html", _index(filed)
                return "text/html", (filings / name).read_bytes()
        raise KeyError(path)

    return answer


def _no_facts(cik: int) -> bytes:
    name = next(f.name for f in FILED if f.cik == cik)
    return orjson.dumps({"cik": cik, "entityName": name, "facts": {}})


def _submissions(cik: int) -> bytes:
    mine = [filed for filed in FILED if filed.cik == cik]
    return orjson.dumps(
        {
            "cik": f"{cik:010d}",
            "name": mine[0].name,
            "tickers": [mine[0].ticker],
            "exchanges": ["Nasdaq"],
            "formerNames": [],
            "filings": {
                "recent": {
                    "accessionNumber": [f.accession for f in mine],
                    "form": [f.form for f in mine],
                    "filingDate": [f.filed for f in mine],
                    "reportDate": [f.period for f in mine],
                    "acceptanceDateTime": [f"{f.filed}T21:05:00.000Z" for f in mine],
                    "primaryDocument": [f.main for f in mine],
                    "primaryDocDescription": [f.form for f in mine],
                    "items": ["2.02,9.01" if f.form == "8-K" else "" for f in mine],
                    "size": [1000 for _ in mine],
                    "isXBRL": [1 for _ in mine],
                    "isInlineXBRL": [1 for _ in mine],
                },
                "files": [],
            },
        }
    )


def _index(filed: Filed) -> bytes:
    documents = [(filed.form, filed.main)]
    if filed.exhibit is not None:
        documents.append(("EX-99.1", filed.exhibit))
    rows = "".join(
        f'<tr><td scope="row">{n}</td><td scope="row">{kind}</td>'
        f'<td scope="row"><a href="/Archives/{name}">{name}</a></td>'
        f'<td scope="row">{kind}</td><td scope="row">1</td></tr>'
        for n, (kind, name) in enumerate(documents, start=1)
    )
    return (
        '<html><body><table class="tableFile" summary="Document Format Files">'
        "<tr><th>Seq</th><th>Description</th><th>Document</th><th>Type</th><th>Size</th></tr>"
        f"{rows}</table></body></html>"
    ).encode()
