"""The read API over a real socket: the same figures as SQL gives, and clean refusals."""

import csv
import io
import signal
import socket
import subprocess
import sys
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import httpx
import pytest
import yaml

from api.companies import LISTS
from tests.api.serving import exact, problem
from tests.limits import seconds, wait_for
from tests.nights import ROOT, Home, SampleNights
from warehouse.read.connection import Reader
from warehouse.read.errors import ReaderRefusedError
from warehouse.read.pool import BusyError, ReaderPool


def test_a_restated_figure_is_the_same_by_the_api_and_by_sql(
    client: httpx.Client, sample_nights: SampleNights
) -> None:
    """Nvidia's diluted earnings of its fiscal 2023: 1.74 a share as filed, 0.17 after its split."""
    asked = {"line": "eps_diluted", "period_type": "annual", "from": "2023-01-01",
             "to": "2023-12-31"}  # fmt: skip
    answer = client.get("/v1/companies/NVDA/financials", params=asked)
    [figure] = exact(answer)["data"]
    [row] = sample_nights.home.rows(
        "select value, accession, period_end from fct_financials where ticker = 'NVDA'"
        " and line = 'eps_diluted' and period_type = 'annual' and fiscal_year = 2023"
    )
    assert figure["value"] == row["value"] == Decimal("0.17")
    assert figure["accession"] == row["accession"]
    assert figure["unit"] == "money_per_share"
    told = exact(client.get(figure["explanation"]))["data"]
    assert told["cell"]["value"] == Decimal("0.17")
    before = exact(client.get(f"{figure['explanation']}&known_at=2024-03-01"))["data"]
    assert before["cell"]["value"] == Decimal("1.74")
    [current] = [one for one in sample_nights.publications if one["is_current"]]
    assert answer.headers["corpintel-publication"] == str(current["run_id"])


def test_a_quarter_is_explained_by_its_type_and_last_day(client: httpx.Client) -> None:
    """Duolingo's fourth quarter of 2025: 1,037,589,000 of the year less 754,721,000 before it."""
    asked = {"line": "revenue", "period_type": "quarter", "period_end": "2025-12-31"}
    cell = exact(client.get("/v1/companies/DUOL/explain", params=asked))["data"]["cell"]
    assert cell["value"] == 282_868_000
    assert [(one["weight"], one["value"]) for one in cell["inputs"]] == [
        (1, 1_037_589_000),
        (-1, 754_721_000),
    ]


def test_a_measure_is_explained_by_its_parts(
    client: httpx.Client, sample_nights: SampleNights
) -> None:
    asked = {"measure": "net_margin_pct"}
    told = exact(client.get("/v1/companies/DUOL/explain", params=asked))["data"]
    [row] = sample_nights.home.rows(
        "select net_margin_pct from mart_company_quarters where ticker = 'DUOL'"
        " and net_margin_pct is not null order by period_end desc limit 1"
    )
    assert told["value"] == row["net_margin_pct"]
    assert {part["name"] for part in told["parts"]} == {"net_income_ttm", "revenue_ttm"}


@pytest.mark.parametrize("asked", ["DUOL", "1562088", "duol"])
def test_a_company_is_found_by_ticker_and_by_cik(client: httpx.Client, asked: str) -> None:
    told = exact(client.get(f"/v1/companies/{asked}"))["data"]
    assert (told["ticker"], told["cik"], told["name"]) == ("DUOL", 1562088, "Duolingo, Inc.")


def test_a_former_ticker_leads_to_who_had_it(
    client: httpx.Client, sample_nights: SampleNights
) -> None:
    [former, *_] = sample_nights.home.rows(
        "select h.value, h.company_id from dim_company_history h join mart_company_performance c"
        " using (company_id) where h.attribute = 'ticker' and h.value <> c.ticker"
        " and h.value not in (select ticker from mart_company_performance where ticker is not null)"
        " order by 1"
    )
    told = exact(client.get(f"/v1/companies/{former['value']}"))["data"]
    assert told["company_id"] == former["company_id"]
    assert former["value"] in told["former_tickers"]
    found = exact(client.get("/v1/companies", params={"search": former["value"]}))["data"]
    assert former["company_id"] in [one["company_id"] for one in found]


def test_pages_have_every_company_once(client: httpx.Client, sample_nights: SampleNights) -> None:
    [row] = sample_nights.home.rows("select count(*) as n from mart_company_performance")
    seen: list[str] = []
    cursor: str | None = None
    for _page in range(20):
        asked = {"limit": "5", **({"cursor": cursor} if cursor else {})}
        told = exact(client.get("/v1/companies", params=asked))
        assert told["total"] == row["n"]
        seen += [one["company_id"] for one in told["data"]]
        cursor = told["next"]
        if cursor is None:
            break
    assert len(seen) == row["n"]
    assert seen == sorted(set(seen))


def test_the_link_of_a_page_is_the_next_page(client: httpx.Client) -> None:
    first = client.get("/v1/lines", params={"limit": "2"})
    following = client.get(first.links["next"]["url"])
    whole = exact(client.get("/v1/lines", params={"limit": "4"}))["data"]
    assert exact(first)["data"] + exact(following)["data"] == whole


@pytest.mark.parametrize("name", LISTS)
def test_csv_has_the_rows_of_json(client: httpx.Client, name: str) -> None:
    asked = f"/v1/companies/MADEUP/{name}"
    told = exact(client.get(asked, params={"limit": "20"}))
    assert told["data"]
    as_csv = client.get(asked, params={"limit": "20"}, headers={"accept": "text/csv"})
    assert as_csv.headers["content-type"].startswith("text/csv")
    assert as_csv.headers["corpintel-total"] == str(told["total"])
    rows = list(csv.DictReader(io.StringIO(as_csv.text, newline="")))
    assert len(rows) == len(told["data"])
    for row, other in zip(rows, told["data"], strict=True):
        assert list(row) == list(other)
        for column, value in other.items():
            if value is None:
                assert row[column] == ""
            elif isinstance(value, Decimal | int) and not isinstance(value, bool):
                assert Decimal(row[column]) == value


def _keys() -> dict[str, list[str]]:
    """The key of each mart as its contract has it."""
    read = [
        yaml.safe_load(file.read_text(encoding="utf-8"))
        for file in (ROOT / "dbt_project" / "models" / "marts").rglob("_*.yml")
    ]
    models = [model for told in read for model in told.get("models", ())]
    return {one["name"]: one.get("config", {}).get("meta", {}).get("key", []) for one in models}


@pytest.mark.parametrize("name", LISTS)
def test_the_order_of_a_list_is_whole(name: str) -> None:
    one = LISTS[name]
    ordered = {column.removeprefix("-") for column in one.order} | {"company_id"}
    assert set(_keys()[one.mart]) <= ordered


@pytest.mark.parametrize(
    "asked",
    ["segments", "publications", "lines", "dictionary?mart=mart_news", "changes?company=DUOL",
     "companies/DUOL/performance"],
)  # fmt: skip
def test_every_other_question_has_rows(client: httpx.Client, asked: str) -> None:
    told = exact(client.get(f"/v1/{asked}"))
    assert told["data"]
    if isinstance(told["data"], list):
        assert told["total"] >= len(told["data"])


@pytest.mark.parametrize(
    ("asked", "status", "code", "named"),
    [
        ("companies?colour=red", 400, "unknown_parameter", "colour"),
        ("companies/DUOL/news?colour=red", 400, "unknown_parameter", "colour"),
        ("companies?limit=0", 400, "bad_parameter", "limit"),
        ("companies?cursor=abc", 400, "bad_parameter", "cursor"),
        ("companies?cursor=OTk5LjU=", 400, "bad_parameter", "publication 999"),
        ("companies/NOSUCH", 404, "unknown_company", "NOSUCH"),
        ("companies/NOSUCH/financials", 404, "unknown_company", "NOSUCH"),
        ("companies/DUOL/financials?from=yesterday", 400, "bad_parameter", "from"),
        ("companies/DUOL/explain", 400, "bad_parameter", "line"),
        ("companies/DUOL/explain?line=no_such", 404, "unknown_line", "no_such"),
        ("companies/DUOL/explain?line=revenue&period_type=annual&period_end=1990-12-31", 404,
         "unknown_period", "1990-12-31"),
        ("companies/DUOL/explain?line=revenue&period_type=annual", 400, "bad_parameter",
         "period_type"),
        ("companies/DUOL%00", 400, "bad_parameter", "company"),
        ("companies/'%20or%201=1--", 404, "unknown_company", "or 1=1"),
        ("companies?search=%00", 400, "bad_parameter", "search"),
        ("companies/..%2F..%2Fetc%2Fpasswd", 404, "not_found", "no answer"),
        (f"companies/{'x' * 5_000}", 400, "bad_parameter", "company"),
        (f"companies/{'x' * 20_000}", 414, "request_uri_too_long", "8,192 are the most"),
        ("nothing", 404, "not_found", "/v1/nothing"),
    ],
)  # fmt: skip
def test_what_cannot_be_answered_is_refused_with_its_cure(
    client: httpx.Client, asked: str, status: int, code: str, named: str
) -> None:
    answer = client.get(f"/v1/{asked}")
    assert answer.status_code == status, answer.text
    told = problem(answer)
    assert told["code"] == code
    assert named in told["detail"]


def test_a_name_of_64_kilobytes_ends_in_a_refusal(client: httpx.Client) -> None:
    """httpx itself would send none such. One that overflows the server's buffer has its own 400."""
    address = (client.base_url.host, client.base_url.port)
    with socket.create_connection(address, timeout=seconds(10)) as line:
        line.sendall(
            f"GET /v1/companies/{'x' * 70_000} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
        )
        assert line.recv(12) in (b"HTTP/1.1 400", b"HTTP/1.1 414")
    assert exact(client.get("/v1/companies/DUOL"))["data"]["ticker"] == "DUOL"


def test_only_reading_is_answered(client: httpx.Client) -> None:
    answer = client.delete("/v1/companies/DUOL")
    assert (answer.status_code, problem(answer)["code"]) == (405, "method_not_allowed")


def test_a_client_s_own_id_comes_back(client: httpx.Client) -> None:
    own = client.get("/v1/companies/NOSUCH", headers={"x-request-id": "night-7"})
    assert problem(own)["correlation_id"] == "night-7"
    odd = client.get("/v1/companies/NOSUCH", headers={"x-request-id": "a b;c"})
    assert problem(odd)["correlation_id"] != "a b;c"


def test_who_finds_all_connections_lent_is_told_when_to_come_back(
    client: httpx.Client, pool: ReaderPool
) -> None:
    with pool.snapshot(), pool.snapshot():
        answer = client.get("/v1/companies")
        assert (answer.status_code, problem(answer)["code"]) == (503, "busy")
        assert answer.headers["retry-after"] == "1"
        assert client.get("/health/live").json() == {"status": "live"}
        with pytest.raises(BusyError), pool.snapshot():
            pass
    assert client.get("/health/ready").json()["status"] == "ready"


def _backend(connection: Reader) -> int:
    found = connection.execute("select pg_backend_pid()").fetchone()
    assert found is not None
    return int(found[0])


def _end(pool: ReaderPool, backend: int | None = None) -> None:
    with pool.snapshot() as lent:
        mine = _backend(lent)
        lent.execute("select pg_terminate_backend(%s)", (backend or mine,))


def test_a_connection_that_ends_is_replaced(pool: ReaderPool) -> None:
    with pytest.raises(ReaderRefusedError, match="ended the connection"):
        _end(pool)
    with pool.snapshot() as one, pool.snapshot() as other:
        # The one that comes back first is lent last, so that another connection ends it.
        idle = _backend(other)
        assert _backend(one) != idle
    _end(pool, idle)
    with pool.snapshot() as one, pool.snapshot() as other:
        assert idle not in {_backend(one), _backend(other)}


def test_a_snapshot_sees_one_state_and_writes_nothing(pool: ReaderPool) -> None:
    with pool.snapshot() as lent:
        told = lent.execute(
            "select current_user, current_setting('transaction_isolation'),"
            " current_setting('transaction_read_only')"
        ).fetchone()
    assert told == ("corpintel_reader", "repeatable read", "on")


def test_every_route_is_described(client: httpx.Client) -> None:
    told = client.get("/openapi.json").json()["paths"]
    assert len(told) == len(LISTS) + 17
    for path, methods in told.items():
        assert list(methods) == ["get"], path
        assert methods["get"]["summary"], path
        assert methods["get"]["description"], path
        if path.startswith("/v1"):
            example = methods["get"]["responses"]["200"]["content"]["application/json"]["example"]
            assert "publication" in example


def _free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        return int(taken.getsockname()[1])


def test_the_command_answers_until_ctrl_c(sample_nights: SampleNights, tmp_path: Path) -> None:
    port = _free_port()
    said = tmp_path / "said"
    with said.open("wb") as out:
        server = subprocess.Popen(
            [sys.executable, "-m", "flows.cli.main", "serve", "--port", str(port)],
            cwd=ROOT,
            env=sample_nights.home.environment(),
            stdout=out,
            stderr=out,
        )
        try:
            wait_for(lambda: _is_ready(port), 60, "the API was never ready")
            server.send_signal(signal.SIGINT)
            assert server.wait(timeout=seconds(10)) == 130
        finally:
            server.kill()
    assert "corpintel: interrupted" in said.read_text()


def _is_ready(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/health/ready").status_code == 200
    except httpx.TransportError:
        return False


@pytest.mark.parametrize(
    ("arguments", "named"),
    [(("--host", "0.0.0.0"), "no keys yet"), (("--port", "0"), "1 to 65535")],
)
def test_an_address_that_others_reach_is_refused(
    home: Home, arguments: tuple[str, ...], named: str
) -> None:
    done = home.run("serve", *arguments)
    assert done.returncode == 2
    assert named in done.stderr
