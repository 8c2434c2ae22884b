"""What has not changed is not sent again, and costs no question on the marts."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import httpx
import psycopg
import pytest
import yaml

from api.companies import LISTS
from tests.api.serving import exact, problem, serving
from tests.db.packages import AS_OF, new_run, query
from tests.db.test_publish import build
from tests.nights import ROOT
from warehouse.db import Warehouse
from warehouse.publishing.declared import OPEN_END, Mart
from warehouse.publishing.publish import publish
from warehouse.read.pool import ReaderPool

# The client of the sample comes from `sample_nights`.
ROUTES = (
    "companies", "companies/DUOL", "companies/DUOL/performance",
    "companies/DUOL/financials?line=revenue", "companies/DUOL/explain?line=revenue",
    "companies/DUOL/filings?limit=3", "companies/DUOL/documents", "companies/MADEUP/kpis",
    "financials?company=DUOL,NVDA&line=revenue", "screen?where=cik>0", "quality/certificate",
    "search?q=revenue", "companies/DUOL/financials?known_at=2025-01-01",
    "companies/DUOL/financials?vintages=all", "segments", "lines?format=csv",
    "changes?company=DUOL", "publications", "dictionary",
)  # fmt: skip


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every statement that this process, so the API too, sends from now on."""
    sent: list[str] = []
    execute: Any = psycopg.Cursor.execute

    def noted(cursor: psycopg.Cursor[Any], query: Any, *given: Any, **more: Any) -> Any:
        sent.append(query if isinstance(query, str) else query.as_string(cursor))
        return execute(cursor, query, *given, **more)

    monkeypatch.setattr(psycopg.Cursor, "execute", noted)
    return sent


@pytest.mark.parametrize("route", ROUTES)
def test_an_answer_that_the_client_has_asks_no_mart(
    client: httpx.Client, statements: list[str], route: str
) -> None:
    first = client.get(f"/v1/{route}")
    assert first.status_code == 200
    assert any("marts." in one or "pg_attribute" in one for one in statements)
    assert first.headers["cache-control"] == "private, no-cache"
    statements.clear()
    again = client.get(f"/v1/{route}", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    for name in ("etag", "cache-control", "corpintel-publication"):
        assert again.headers[name] == first.headers[name]
    assert set(first.headers["vary"].split(", ")) <= {"Accept", "Accept-Encoding"}
    assert again.headers["vary"] == "Accept, Accept-Encoding"
    asked = [one for one in statements if one != "select 1"]
    assert len(asked) == 1
    assert " from marts.publications where is_current" in asked[0]
    statements.clear()
    assert client.get(f"/v1/{route}", headers={"if-none-match": '"other"'}).status_code == 200
    assert len(statements) > 2


def test_another_question_or_format_has_another_tag(client: httpx.Client) -> None:
    route = "/v1/companies/DUOL/financials"
    asked = ["", "?line=revenue", "?line=revenue&limit=5", "?line=revenue&format=csv", "?limit=5"]
    tags = {client.get(route + one).headers["etag"] for one in asked}
    tags.add(client.get("/v1/companies/NVDA/financials").headers["etag"])
    tags.add(client.get("/v1/companies/DUOL/filings").headers["etag"])
    assert len(tags) == len(asked) + 2
    by_header = client.get(f"{route}?line=revenue", headers={"accept": "text/csv"})
    by_name = client.get(f"{route}?line=revenue&format=csv")
    assert by_header.headers["etag"] == by_name.headers["etag"]


def test_any_of_the_tags_that_a_client_has_will_do(client: httpx.Client) -> None:
    tag = client.get("/v1/segments").headers["etag"]
    assert tag.startswith('W/"')
    for sent in (f'"older", {tag}', tag.removeprefix("W/"), "*"):
        assert client.get("/v1/segments", headers={"if-none-match": sent}).status_code == 304


def test_lists_whose_digests_leave_columns_out_are_known() -> None:
    meta = {
        model["name"]: model.get("config", {}).get("meta", {})
        for file in (ROOT / "dbt_project" / "models" / "marts").rglob("_*.yml")
        for model in yaml.safe_load(file.read_text(encoding="utf-8")).get("models", ())
    }
    left_out = {
        name for name, one in LISTS.items() if {"not_hashed", "computed"} & meta[one.mart].keys()
    }
    assert left_out == {name for name, one in LISTS.items() if one.has_undigested}
    for mart in ("fct_financials", "fct_financial_vintages"):
        assert not {"not_hashed", "computed"} & meta[mart].keys()


def _mart(name: str, *key: str) -> Mart:
    return Mart(name, "Rows.", key, {key[0]: "Key."}, may_be_empty=True)


COMPANIES = _mart("mart_company_performance", "company_id")
HISTORY = _mart("dim_company_history", "company_id")
FACTS = _mart("fct_financials", "company_id")
VINTAGES = _mart("fct_financial_vintages", "company_id", "known_from")
FILINGS = _mart("mart_filings", "company_id", "accession")


@pytest.fixture
def asking(warehouse: Warehouse) -> Iterator[httpx.Client]:
    """A client of the API on a warehouse of two companies, with three filings of the first."""
    build(warehouse, [("a", 1, "AAA", "A", "filings"), ("b", 2, "BBB", "B", "filings")],
          "company_id text, cik int, ticker text, name text, figures_source text",
          COMPANIES)  # fmt: skip
    build(warehouse, [], "company_id text, attribute text, value text, valid_from date,"
          " valid_to date", HISTORY)  # fmt: skip
    cells = "company_id text, cik int, line text, period_type text, period_end date, value numeric"
    build(warehouse, [], cells + ", known_from timestamptz", FACTS)
    build(warehouse, [], cells + ", known_from timestamptz, known_to timestamptz", VINTAGES)
    build(warehouse, [("a", 1, f"000-{number}", date(2026, 1, number)) for number in (1, 2, 3)],
          "company_id text, cik int, accession text, filed_date date", FILINGS)  # fmt: skip
    night(warehouse)
    for company, digest in (("a", "one"), ("b", "two")):
        query(
            warehouse,
            "insert into ops.company_digests values (%s, 'mart_filings', %s, 1, 1, %s)",
            company,
            digest,
            OPEN_END,
        )
    pool = ReaderPool(warehouse, size=2)
    with serving(pool) as client:
        yield client
    pool.close()


def night(warehouse: Warehouse, manifest: str = "manifest") -> None:
    """Publish what is built."""
    marts = (COMPANIES, HISTORY, FACTS, VINTAGES, FILINGS)
    publish(warehouse, new_run(warehouse), AS_OF, marts, manifest, "revision")


def test_a_company_that_a_night_left_alone_is_not_sent_again(
    asking: httpx.Client, warehouse: Warehouse
) -> None:
    """Another publication, models or digest; one company's digest says nothing of the other."""

    def filings(company: str, tag: str) -> httpx.Response:
        return asking.get(f"/v1/companies/{company}/filings", headers={"if-none-match": tag})

    tags = {company: filings(company, "").headers["etag"] for company in ("AAA", "BBB")}
    assert tags["AAA"] != tags["BBB"]
    night(warehouse)
    for company, tag in tags.items():
        answer = filings(company, tag)
        assert (answer.status_code, answer.headers["corpintel-publication"]) == (304, "2")
    query(warehouse, "update ops.company_digests set digest = 'new' where company_id = 'a'")
    night(warehouse)
    changed = filings("AAA", tags["AAA"])
    assert (changed.status_code, exact(changed)["publication"]["run_id"]) == (200, 3)
    assert filings("BBB", tags["BBB"]).status_code == 304
    night(warehouse, "other models")
    assert filings("BBB", tags["BBB"]).status_code == 200


def test_a_page_with_a_next_one_goes_with_its_publication(
    asking: httpx.Client, warehouse: Warehouse
) -> None:
    """The way to the next page, which it names, is of its publication."""
    first = asking.get("/v1/companies/a/filings?limit=2")
    tag = {"if-none-match": first.headers["etag"]}
    assert asking.get("/v1/companies/a/filings?limit=2", headers=tag).status_code == 304
    night(warehouse)
    later = asking.get("/v1/companies/a/filings?limit=2", headers=tag)
    assert (later.status_code, exact(later)["publication"]["run_id"]) == (200, 2)
    old = asking.get(first.links["next"]["url"], headers=tag)
    assert (old.status_code, problem(old)["code"]) == (400, "bad_parameter")


def test_rows_without_a_digest_go_with_their_publication(
    asking: httpx.Client, warehouse: Warehouse
) -> None:
    query(warehouse, "delete from ops.company_digests")
    tag = {"if-none-match": asking.get("/v1/companies/a/filings").headers["etag"]}
    assert asking.get("/v1/companies/a/filings", headers=tag).status_code == 304
    night(warehouse)
    assert asking.get("/v1/companies/a/filings", headers=tag).status_code == 200
