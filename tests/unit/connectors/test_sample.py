"""The bundle answers like the sources would, with the recorded figures and nothing else."""

import csv
import gzip
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
import yaml

from connectors.ecb import EcbRate
from connectors.ecb.fetch import fetch_rates
from connectors.ecb.parse import parse_rates
from connectors.errors import NotFoundError
from connectors.http import HttpClient
from connectors.sample import SAMPLE_AS_OF, SAMPLE_DAY_BEFORE, SAMPLE_FETCHED_AT
from connectors.sample.addresses import ECB_URL, SEC_DATA_URL, SEC_WWW_URL, YAHOO_URL
from connectors.sample.build import build
from connectors.sample.made_up import CIK, NOTICE
from connectors.sample.made_up_accounts import REVENUE, quarters, reports
from connectors.sample.made_up_filings import filings
from connectors.sample.transport import FOLDER, SampleTransport
from connectors.sec import SecFact, SecTicker
from connectors.sec.fetch import fetch_company_tickers, fetch_companyfacts, fetch_submissions
from connectors.sec.identity import names_match
from connectors.sec.parse import parse_company_tickers, parse_companyfacts
from connectors.yahoo_chart import YahooEvent, YahooPrice
from connectors.yahoo_chart.fetch import fetch_chart
from connectors.yahoo_chart.parse import parse_chart
from connectors.yahoo_statements import YahooStatement
from connectors.yahoo_statements.fetch import fetch_crumb, fetch_statements
from connectors.yahoo_statements.parse import parse_statements
from tests.recorded import recorded
from tests.unit.connectors.stubs import make_client

HOSTS = {
    "sec": ["data.sec.gov", "www.sec.gov"],
    "yahoo": ["query1.finance.yahoo.com"],
    "ecb": ["www.ecb.europa.eu"],
}
VENDOR_TICKERS = ("ATGE", "BFAM", "CHGG", "LAUR", "LOPE", "LRN", "PRDO", "SCHL", "STRA", "TWOU")


@pytest.fixture
def client(tmp_path: Path) -> Iterator[HttpClient]:
    with make_client(tmp_path, SampleTransport(), hosts=HOSTS) as made:
        yield made


def companies() -> list[dict[str, Any]]:
    document = yaml.safe_load((FOLDER / "watchlist.yaml").read_text(encoding="utf-8"))
    listed: list[dict[str, Any]] = document["companies"]
    return listed


def figures_of_facts() -> list[dict[str, Any]]:
    path = recorded("figures", "xbrl_facts.csv.gz")
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def of_figures() -> list[int]:
    return sorted({int(row["cik"]) for row in figures_of_facts()})


def sec_filers(client: HttpClient) -> dict[int, list[SecFact]]:
    found: dict[int, list[SecFact]] = {}
    for company in companies():
        cik = company["cik"]
        try:
            body = fetch_companyfacts(client, SEC_DATA_URL, cik).body
        except NotFoundError:
            continue
        parsed = parse_companyfacts(body, cik)
        assert parsed.rejects == []
        (described,) = parsed.rows["sec_companies"]
        assert names_match(company["name"], [described[2]])
        found[cik] = [row for row in parsed.rows["sec_facts"] if isinstance(row, SecFact)]
    return found


def test_facts_are_those_of_the_recorded_figures_digit_for_digit(client: HttpClient) -> None:
    filers = sec_filers(client)
    of_kinds = set(filers) - set(of_figures())
    assert len(of_figures()) == 8
    got = sorted(
        (
            str(f.cik),
            f.taxonomy,
            f.concept,
            f.unit,
            f.start_date.isoformat() if f.start_date else "",
            f.end_date.isoformat(),
            f.value,
            f.accession,
            "" if f.fy is None else str(f.fy),
            f.fp or "",
            f.form,
            f.filed_date.isoformat(),
        )
        for cik, facts in filers.items()
        if cik not in of_kinds
        for f in facts
    )
    assert len(got) == 77_895
    rows = [row | {"val": Decimal(row["val"])} for row in figures_of_facts()]
    assert got == sorted(tuple(row.values()) for row in rows)


def test_filers_of_other_kinds_are_the_recorded_ones(client: HttpClient) -> None:
    filers = sec_filers(client)
    kinds = set(filers) - set(of_figures()) - {CIK}
    # A bank, an insurer and two schools.
    assert kinds == {70858, 899051, 1046568, 1201792}
    for cik in kinds:
        parsed = parse_companyfacts(
            recorded("kinds", "companyfacts", f"CIK{cik:010d}.json").read_bytes(), cik
        )
        assert sorted(map(repr, filers[cik])) == sorted(map(repr, parsed.rows["sec_facts"]))


def test_the_made_up_company_adds_up_and_says_everywhere_that_it_is_made_up(
    client: HttpClient,
) -> None:
    for quarter in quarters():
        flows, balances = quarter.flows, quarter.balances
        costs = flows["CostOfRevenue"] + flows["OperatingExpenses"]
        assert flows["OperatingIncomeLoss"] == flows[REVENUE] - costs
        owed = balances["Liabilities"] + balances["StockholdersEquity"]
        assert balances["Assets"] == owed
    assert reports()[-1].filed == SAMPLE_AS_OF
    told = [page for page in filings() if page.content_type == "text/html"]
    named = [page for page in told if not page.url.endswith("-index.htm")]
    assert len(named) == 17
    assert all(NOTICE in page.body.decode() for page in named)


def test_the_day_before_knows_less(tmp_path: Path) -> None:
    filed = []
    for day in (SAMPLE_DAY_BEFORE, SAMPLE_AS_OF):
        with make_client(tmp_path / str(day), SampleTransport(day), hosts=HOSTS) as asked:
            body = fetch_companyfacts(asked, SEC_DATA_URL, CIK).body
        facts = parse_companyfacts(body, CIK).rows["sec_facts"]
        filed.append({row for row in facts if isinstance(row, SecFact)})
    before, after = filed
    assert before < after
    assert {fact.filed_date for fact in after - before} == {SAMPLE_AS_OF}


def test_duolingo_revenue_of_2025(client: HttpClient) -> None:
    # Duolingo 10-K FY2025: total revenues 1,037,589 thousand.
    filers = sec_filers(client)
    concept = "RevenueFromContractWithCustomerExcludingAssessedTax"
    year = [f for f in filers[1562088] if f.concept == concept and f.end_date.year == 2025]
    whole = [f for f in year if f.start_date == date(2025, 1, 1) and f.end_date.month == 12]
    assert [(f.value, f.filed_date) for f in whole] == [(Decimal(1_037_589_000), date(2026, 2, 27))]


def test_prices_are_the_recorded_ones(client: HttpClient) -> None:
    path = recorded("figures", "prices_daily.csv.gz")
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        wanted = [tuple(row.values()) for row in csv.DictReader(file)]
    got = []
    for ticker in ("DDOG", "DUOL", "META", "NVDA", "PLUG"):
        response = fetch_chart(
            client, YAHOO_URL, ticker, SAMPLE_AS_OF - timedelta(days=9), SAMPLE_AS_OF
        )
        parsed = parse_chart(response.body, ticker, response.capture.fetched_at)
        assert parsed.rejects == []
        got += [row for row in parsed.rows["yahoo_prices"] if isinstance(row, YahooPrice)]
    assert len(got) == 3770
    assert [(p.ticker, p.price_date.isoformat(), *p[2:8]) for p in got] == [
        (ticker, day, *map(Decimal, prices), int(volume)) for ticker, day, *prices, volume in wanted
    ]


def test_events_come_with_the_prices(client: HttpClient) -> None:
    response = fetch_chart(client, YAHOO_URL, "NVDA", date(2024, 1, 1), SAMPLE_AS_OF)
    events = parse_chart(response.body, "NVDA").rows["yahoo_events"]
    assert YahooEvent("NVDA", date(2024, 6, 10), "split", None, Decimal(10), Decimal(1)) in events
    assert sum(event[2] == "dividend" for event in events) == 12


def test_statements_keep_the_day_they_were_given(client: HttpClient) -> None:
    crumb = fetch_crumb(client, YAHOO_URL)
    rows: list[tuple[Any, ...]] = []
    for ticker in VENDOR_TICKERS:
        response = fetch_statements(client, YAHOO_URL, ticker, crumb)
        assert response.capture.fetched_at == datetime(2022, 4, 24, 20, tzinfo=UTC)
        parsed = parse_statements(response.body, ticker)
        assert parsed.rejects == []
        rows += parsed.rows["yahoo_statements"]
    assert len(rows) == 1802
    assert (
        YahooStatement(
            "CHGG",
            "USD",
            "annual",
            "income",
            date(2020, 12, 31),
            "totalRevenue",
            Decimal(644_338_000),
        )
        in rows
    )


def test_rates_begin_in_2017(client: HttpClient) -> None:
    parsed = parse_rates(fetch_rates(client, ECB_URL).body)
    rates = [row for row in parsed.rows["ecb_rates"] if isinstance(row, EcbRate)]
    assert parsed.rejects == []
    assert min(rate.rate_date for rate in rates) == date(2017, 1, 2)
    assert EcbRate("USD", date(2026, 4, 13), Decimal("1.1684")) in rates


def test_symbols_gone_from_secs_list_are_in_the_bundle(client: HttpClient) -> None:
    parsed = parse_company_tickers(fetch_company_tickers(client, SEC_WWW_URL).body)
    rows = parsed.rows["sec_tickers"]
    assert SecTicker(730464, "CVSA", "Covista Inc.") in rows
    assert SecTicker(730464, "ATGE", "Adtalem Global Education Inc.") in rows
    assert SecTicker(1459417, "TWOU", "2U, Inc.") in rows
    assert {row[0] for row in rows} == {company["cik"] for company in companies()}


def test_what_is_not_in_the_bundle_is_not_found(client: HttpClient) -> None:
    with pytest.raises(NotFoundError):
        fetch_submissions(client, SEC_DATA_URL, 1562088)
    with pytest.raises(NotFoundError):
        fetch_chart(client, YAHOO_URL, "CHGG", date(2026, 1, 1), SAMPLE_AS_OF)
    with httpx.Client(transport=SampleTransport()) as plain:
        assert plain.post(f"{SEC_WWW_URL}/files/company_tickers.json").status_code == 405


def test_the_bundle_is_small_sorted_and_whole() -> None:
    index = (FOLDER / "index.json").read_bytes()
    entries = orjson.loads(index)
    files = {path.name: path.stat().st_size for path in (FOLDER / "captures").iterdir()}
    assert {f"{entry['sha256']}.zst" for entry in entries} == set(files)
    assert sum(files.values()) + len(index) < 2_000_000
    assert max(files.values()) < 1_000_000
    keys = [entry["request_key"] for entry in entries]
    assert keys == sorted(keys)
    assert len(index.splitlines()) == len(entries) + 2
    assert {datetime.fromisoformat(entry["fetched_at"]) for entry in entries} == {
        SAMPLE_FETCHED_AT,
        SAMPLE_FETCHED_AT - timedelta(days=1),
        datetime(2022, 4, 24, 20, tzinfo=UTC),
    }


def test_building_again_gives_the_same_bytes(tmp_path: Path) -> None:
    build(recorded(), tmp_path)
    built = {path.relative_to(tmp_path): path.read_bytes() for path in tmp_path.rglob("*.*")}
    kept = [FOLDER / "index.json", *(FOLDER / "captures").iterdir()]
    assert built == {path.relative_to(FOLDER): path.read_bytes() for path in kept}


def watchlist(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return document


DEFAULT_WATCHLIST = Path(__file__).parents[3] / "warehouse" / "watchlists" / "edtech.yaml"


@pytest.mark.parametrize("path", [FOLDER / "watchlist.yaml", DEFAULT_WATCHLIST])
def test_a_watchlist_holds_to_its_schema(path: Path) -> None:
    document = watchlist(path)
    listed = document["companies"]
    assert len({company["id"] for company in listed}) == len(listed)
    assert len({company["cik"] for company in listed}) == len(listed)
    for company in listed:
        assert company["segment"] in document["segments"]
        assert company["delivery_model"] in {"B2C", "B2B", "B2B2C"}
        assert company["annual_form"] in {"10-K", "20-F", "40-F"}
        assert company["status"] in {"listed", "renamed", "delisted", "unknown"}
        datetime.strptime(f"2024-{company['fiscal_year_end']}", "%Y-%m-%d")
        for ticker in company["tickers"]:
            assert isinstance(ticker["symbol"], str)
            assert {type(ticker[end]) for end in ("from", "to") if end in ticker} <= {date}


def test_the_default_watchlist_has_every_ticker_of_the_recorded_list() -> None:
    with recorded("figures", "edtech_companies.csv").open(encoding="utf-8") as file:
        wanted = {
            (int(r["cik"]), r["ticker"], r["ticker_from"], r["ticker_to"], r["segment"])
            for r in csv.DictReader(file)
        }
    got = {
        (c["cik"], t["symbol"], str(t.get("from", "")), str(t.get("to", "")), c["segment"])
        for c in watchlist(DEFAULT_WATCHLIST)["companies"]
        for t in c["tickers"]
    }
    assert len(got) == 37
    assert got == wanted


def test_the_sample_watchlist_has_adtalem_once_with_both_symbols() -> None:
    assert len(companies()) == 22
    (adtalem,) = [company for company in companies() if company["id"] == "adtalem"]
    assert adtalem["name"] == "Covista Inc."
    assert adtalem["tickers"] == [
        {"symbol": "ATGE", "to": date(2026, 2, 23)},
        {"symbol": "CVSA", "from": date(2026, 2, 24)},
    ]
