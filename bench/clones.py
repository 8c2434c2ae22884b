"""Homes full of filers: clones of the bundled ones, or of a folder's, under CIKs of their own."""

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import httpx
import orjson
import psycopg
from psycopg import sql

import migrations
from connectors.ecb import RATES, EcbRate
from connectors.sample import SAMPLE_AS_OF
from connectors.sample.addresses import SEC_DATA_URL
from connectors.sample.transport import SampleTransport
from connectors.sec import COMPANIES, FACTS, TICKERS, SecTicker
from connectors.sec import parse as sec
from connectors.sec.fetch import companyfacts_url
from connectors.yahoo_chart import PRICES, YahooPrice
from warehouse import embedded
from warehouse.db import Warehouse, open_warehouse
from warehouse.load import analyze_raw, merge, open_load, stage_rows
from warehouse.ops import claim_data_kind, finish_run, start_run
from warehouse.roles import ensure_roles
from warehouse.settings import Settings

# A filer's CIK and companyfacts.
Body = tuple[int, bytes]

FETCHED = datetime(2026, 7, 9, tzinfo=UTC)
FIRST_CLONE = 5_000_000
# Bundled filers with long histories.
_BUNDLED = (320193, 1045810, 1326801, 1046179, 1093691, 1561550, 1562088, 1640147)


@contextmanager
def home() -> Iterator[tuple[Path, Warehouse]]:
    """A throw-away home with a server of its own, and its empty warehouse."""
    path = Path(tempfile.mkdtemp(prefix="corpintel-bench-"))
    # The account of an embedded server may be another.
    path.chmod(0o755)
    try:
        with open_warehouse(Settings(home=path, database_url=None)) as warehouse:
            with warehouse.engine.begin() as connection:
                migrations.upgrade(connection)
            ensure_roles(warehouse)
            claim_data_kind(warehouse, "sample")
            yield path, warehouse
    finally:
        embedded.stop(path / "postgres")
        shutil.rmtree(path, ignore_errors=True)


def load(warehouse: Warehouse, records: dict[str, list[tuple[object, ...]]]) -> None:
    """Merge records as one package."""
    with psycopg.connect(warehouse.psycopg_dsn()) as connection:
        row = connection.execute(
            "insert into raw.captures (source, request_key, url, fetched_at, status, sha256, size)"
            " values ('bench', 'bench', 'https://example.com', %s, 200, '0', 1)"
            " returning capture_id",
            (FETCHED,),
        ).fetchone()
    assert row is not None
    run_id = start_run(warehouse, "sample", SAMPLE_AS_OF)
    package = open_load(warehouse, run_id, "bench")
    for table, rows in records.items():
        stage_rows(package, table, rows, row[0], FETCHED)
    merge(package, {table: [] for table in records})
    finish_run(warehouse, run_id, "loaded")


def templates(folder: Path | None) -> list[Body]:
    """The filers that are cloned: CIK and companyfacts."""
    if folder is None:
        return [(cik, _bundled(cik)) for cik in _BUNDLED]
    return [(int(path.stem[3:]), path.read_bytes()) for path in sorted(folder.glob("CIK*.json"))]


def _bundled(cik: int) -> bytes:
    request = httpx.Request("GET", companyfacts_url(SEC_DATA_URL, cik))
    return SampleTransport().handle_request(request).read()


def bodies(count: int, folder: Path | None) -> Iterator[Body]:
    """Companyfacts of so many filers: those there are, again under other CIKs and accessions."""
    found = templates(folder)
    for number in range(count):
        cik = FIRST_CLONE + number
        document = orjson.loads(found[number % len(found)][1])
        document["cik"] = cik
        for concepts in document["facts"].values():
            for described in concepts.values():
                for entries in described["units"].values():
                    for entry in entries:
                        entry["accn"] = f"{cik:010d}{entry['accn'][10:]}"
        yield cik, orjson.dumps(document)


def fill(warehouse: Warehouse, count: int, folder: Path | None) -> None:
    """Load the templates and clone them, each clone with accessions of its own."""
    found = templates(folder)
    for cik, body in found:
        parsed = sec.parse_companyfacts(body, cik).rows
        load(warehouse, {COMPANIES: parsed[COMPANIES], FACTS: parsed[FACTS]})
    with psycopg.connect(warehouse.psycopg_dsn(), autocommit=True) as connection:
        for number in range(count):
            clone(connection, found[number % len(found)][0], FIRST_CLONE + number)
        # The templates themselves are not of the count.
        connection.execute(
            "delete from raw.sec_fact_values using raw.sec_fact_filings f"
            " where sec_fact_values.filing_id = f.filing_id and f.cik < %s",
            (FIRST_CLONE,),
        )
        for table in ("sec_fact_filings", "sec_companies"):
            connection.execute(
                sql.SQL("delete from {} where cik < %s").format(sql.Identifier("raw", table)),
                (FIRST_CLONE,),
            )
        connection.execute("truncate ops.arrivals")
    load(warehouse, {TICKERS: [SecTicker(cik, ticker(cik), "Clone") for cik in clones(count)]})
    analyze_raw(warehouse)


def clones(count: int) -> range:
    return range(FIRST_CLONE, FIRST_CLONE + count)


def ticker(cik: int) -> str:
    return f"C{cik - FIRST_CLONE}"


def clone(connection: psycopg.Connection[object], cik: int, new: int) -> None:
    """Copy a filer's rows under another CIK, each filing under another accession."""
    parameters = {"cik": cik, "new": new, "prefix": f"{new:010d}"}
    connection.execute(
        "insert into raw.sec_companies (cik, document, name, key_sha, content_sha, capture_id,"
        " fetched_at, load_id) select %(new)s, document, name,"
        " md5(key_sha::text || %(new)s::text)::uuid, content_sha, capture_id, fetched_at, load_id"
        " from raw.sec_companies where cik = %(cik)s",
        parameters,
    )
    connection.execute(
        "insert into raw.sec_fact_filings (cik, accession)"
        " select %(new)s, %(prefix)s || substr(accession, 11) from raw.sec_fact_filings"
        " where cik = %(cik)s order by accession",
        parameters,
    )
    connection.execute(
        "insert into raw.sec_fact_values select copied.filing_id, v.series_id, v.heading_id,"
        " v.start_date, v.end_date, v.value, v.capture_id, v.load_id"
        " from raw.sec_fact_values v"
        " join raw.sec_fact_filings f using (filing_id)"
        " join raw.sec_fact_filings copied on copied.cik = %(new)s"
        " and copied.accession = %(prefix)s || substr(f.accession, 11)"
        " where f.cik = %(cik)s order by 1, 2",
        parameters,
    )


def file_again(warehouse: Warehouse, ciks: Sequence[int]) -> None:
    """Each of these filers repeats its newest filing's facts in another one."""
    parameters = {"ciks": list(ciks), "day": SAMPLE_AS_OF}
    with psycopg.connect(warehouse.psycopg_dsn()) as connection:
        connection.execute(
            "create temporary table newest on commit drop as"
            " select distinct on (cik) cik, accession from raw.sec_facts"
            " where cik = any(%(ciks)s) order by cik, filed_date desc, accession desc",
            parameters,
        )
        connection.execute(
            "insert into raw.sec_fact_filings (cik, accession)"
            " select cik, overlay(accession placing '999999' from 15) from newest"
        )
        connection.execute(
            "insert into raw.sec_fact_headings (fy, fp, form, filed_date)"
            " select distinct fy, fp, form, %(day)s::date from raw.sec_facts"
            " join newest using (cik, accession) on conflict do nothing",
            parameters,
        )
        connection.execute(
            "insert into raw.sec_fact_values select f.filing_id, v.series_id, h.heading_id,"
            " v.start_date, v.end_date, v.value, v.capture_id, v.load_id"
            " from raw.sec_facts v join newest n using (cik, accession)"
            " join raw.sec_fact_filings f on f.cik = n.cik"
            " and f.accession = overlay(n.accession placing '999999' from 15)"
            " join raw.sec_fact_headings h on h.filed_date = %(day)s and h.form = v.form"
            " and h.fy is not distinct from v.fy and h.fp is not distinct from v.fp",
            parameters,
        )


def trade(warehouse: Warehouse, count: int, day: date) -> None:
    """Every filer has a close, and two currencies a rate."""
    close = Decimal(100)
    load(
        warehouse,
        {
            PRICES: [
                YahooPrice(ticker(cik), day, close, close, close, close, close, 1, "USD")
                for cik in clones(count)
            ],
            RATES: [EcbRate("USD", day, Decimal("1.1")), EcbRate("GBP", day, Decimal("0.8"))],
        },
    )
