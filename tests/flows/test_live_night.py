"""Live nights against a local server that answers like SEC."""

import hashlib
import shutil
from collections.abc import Iterator
from decimal import Decimal

import pytest
from pytest_httpserver import HTTPServer

from connectors.archive import Archive
from flows.steps.tell import grouped_problems
from tests.flows.source_server import Override, serve
from tests.nights import Home, make_home, plain_night
from tests.recorded import recorded_folder
from warehouse.ops import RunSummary

DUOLINGO = "CIK0001562088.json"
DATADOG = "CIK0001561550.json"
META = "CIK0001326801.json"
NVIDIA = "CIK0001045810.json"


@pytest.fixture
def server() -> Iterator[HTTPServer]:
    with HTTPServer() as running:
        yield running


def live_home(home: Home, server: HTTPServer, overrides: dict[str, Override] | None = None) -> Home:
    """The home with every source at the local server."""
    serve(server, recorded_folder(), overrides)
    url = server.url_for("").rstrip("/")
    names = ("SEC_DATA_URL", "SEC_WWW_URL", "YAHOO_URL", "ECB_URL")
    variables = {f"CORPINTEL_{name}": url for name in names}
    return Home(home.path, variables | {"CORPINTEL_SEC_USER_AGENT": "Tests tests@example.com"})


def test_duolingo_alone_gives_its_filed_revenue(home: Home, server: HTTPServer) -> None:
    live = live_home(home, server)
    plain_night(live, "live", "DUOL")
    rows = live.query(
        "select fiscal_year, value, accession from fct_financials where ticker = 'DUOL'"
        " and line = 'revenue' and period_type = 'annual' order by fiscal_year desc limit 2"
    )
    assert [(row["fiscal_year"], Decimal(row["value"])) for row in rows] == [
        ("2025", 1_037_589_000),
        ("2024", 748_024_000),
    ]
    assert rows[0]["accession"] == "0001628280-26-012494"
    asked = {request.path for request, _ in server.log}
    assert f"/api/xbrl/companyfacts/{DUOLINGO}" in asked
    assert f"/api/xbrl/companyfacts/{DATADOG}" not in asked
    agents = {request.headers["User-Agent"] for request, _ in server.log}
    assert agents == {"Tests tests@example.com"}


WATCHLIST = """
companies:
  - {id: stride, name: "Stride, Inc.", cik: 1562088, segment: k12, delivery_model: B2C,
     tickers: [{symbol: LRN}]}
  - {id: meta, name: "Meta Platforms, Inc.", cik: 1326801, segment: k12, delivery_model: B2C,
     tickers: [{symbol: META}]}
  - {id: nvidia, name: NVIDIA CORP, cik: 1045810, segment: k12, delivery_model: B2C,
     tickers: [{symbol: NVDA}]}
"""


@pytest.fixture(scope="module")
def troubled_night() -> Iterator[tuple[Home, RunSummary]]:
    """A night with a truncated body, a body that is no JSON, a wrong CIK, a ticker to look up."""
    home = Home(make_home())
    (home.path / "watchlist.yaml").write_text(WATCHLIST)
    overrides: dict[str, Override] = {
        f"companyfacts/{META}": lambda body: body[: len(body) // 2],
        f"companyfacts/{NVIDIA}": lambda _: b"<html>busy</html>",
    }
    with HTTPServer() as server:
        live = live_home(home, server, overrides)
        live.variables["CORPINTEL_WATCHLIST"] = str(home.path / "watchlist.yaml")
        with live.server_up():
            yield live, plain_night(live, "live", "LRN", "META", "NVDA", "DDOG")
    shutil.rmtree(home.path, ignore_errors=True)


@pytest.mark.parametrize("ticker", ["META", "NVDA"])
def test_an_unreadable_body_is_rejected_and_told(
    troubled_night: tuple[Home, RunSummary], ticker: str
) -> None:
    _, summary = troubled_night
    told = "\n".join(grouped_problems(summary.problems))
    assert f"sec: parse failed: {ticker} companyfacts" in told
    assert summary.rejected == 3


def test_an_unreadable_body_is_kept_in_the_archive_and_among_the_rejected(
    troubled_night: tuple[Home, RunSummary],
) -> None:
    live, _ = troubled_night
    rejected = live.query(
        "select subject, failed_count from mart_data_quality"
        " where check_name = 'rejected_records' order by 1"
    )
    assert rejected == [
        {"subject": "sec.refused_body", "failed_count": "1"},
        {"subject": "sec.unreadable_body", "failed_count": "2"},
    ]
    kept = hashlib.sha256(b"<html>busy</html>").hexdigest()
    assert Archive(str(live.path / "archive")).get(kept) == b"<html>busy</html>"


def test_the_other_companies_go_on(troubled_night: tuple[Home, RunSummary]) -> None:
    live, _ = troubled_night
    rows = live.query(
        "select ticker, revenue_ttm is not null as has_revenue from mart_company_performance"
        " order by 1"
    )
    assert {row["ticker"]: row["has_revenue"] for row in rows} == {
        "DDOG": "True", "LRN": "False", "META": "False", "NVDA": "False",
    }  # fmt: skip


def test_a_cik_of_another_company_stops_that_company(
    troubled_night: tuple[Home, RunSummary],
) -> None:
    live, summary = troubled_night
    told = "\n".join(grouped_problems(summary.problems))
    assert "CIK 1562088 belongs to another company" in told
    assert live.query("select distinct ticker from fct_financials") == [{"ticker": "DDOG"}]


def test_a_ticker_outside_the_watchlist_is_looked_up(
    troubled_night: tuple[Home, RunSummary],
) -> None:
    live, _ = troubled_night
    rows = live.query(
        "select company_id, segment, cik from mart_company_performance where ticker = 'DDOG'"
    )
    assert rows == [{"company_id": "cik-0001561550", "segment": "unclassified", "cik": "1561550"}]
