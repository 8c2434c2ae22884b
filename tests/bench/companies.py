"""What a night costs by company, in one run: `python -m tests.bench.companies COUNT [COUNT ...]`.

For each count a new home gets so many filers, clones of the bundled ones under new CIKs, or of the
companyfacts files in --facts FOLDER. Printed are the seconds of a full first publication, and of
nights after it: with nothing changed, with one filer in a hundred filing, and an ordinary one, in
which besides that every filer has a close and two currencies a rate. The process's start is not
counted. Peak memory is of the process tree, the server included.
"""

import argparse
import os
import shutil
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import psutil
import psycopg
from psycopg import sql

import migrations
from connectors.ecb import RATES, EcbRate
from connectors.sec import COMPANIES, FACTS, TICKERS, SecTicker
from connectors.sec import parse as sec
from connectors.yahoo_chart import PRICES, YahooPrice
from flows.night.open import open_night
from flows.steps import build, publication
from tests.dbt.facts import sample_body
from tests.nights import make_home
from warehouse import embedded
from warehouse.db import Warehouse, open_warehouse
from warehouse.load import analyze_raw, merge, open_load, stage_rows
from warehouse.ops import claim_data_kind, finish_run, start_run
from warehouse.roles import ensure_reader_login
from warehouse.settings import Settings

AS_OF = date(2026, 7, 10)
FETCHED = datetime(2026, 7, 9, tzinfo=UTC)
FIRST_CLONE = 5_000_000
MIB = 2**20
# Adding up the pages of all processes takes a tenth of a second.
_WATCH_SECONDS = 3


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
    run_id = start_run(warehouse, "sample", AS_OF)
    package = open_load(warehouse, run_id, "bench")
    for table, rows in records.items():
        stage_rows(package, table, rows, row[0], FETCHED)
    merge(package, {table: [] for table in records})
    finish_run(warehouse, run_id, "loaded")


def templates(folder: Path | None) -> list[tuple[int, bytes]]:
    """The filers that are cloned: CIK and companyfacts."""
    if folder is None:
        ciks = (320193, 1045810, 1326801, 1046179, 1093691, 1561550, 1562088, 1640147)
        return [(cik, sample_body(cik)) for cik in ciks]
    return [(int(path.stem[3:]), path.read_bytes()) for path in sorted(folder.glob("CIK*.json"))]


def fill(warehouse: Warehouse, count: int, folder: Path | None) -> None:
    """Load the templates and clone them, each clone with accessions of its own."""
    with warehouse.engine.begin() as connection:
        migrations.upgrade(connection)
    ensure_reader_login(warehouse)
    claim_data_kind(warehouse, "sample")
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
    parameters = {"ciks": list(ciks), "day": AS_OF}
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


def night(everyone: bool = False) -> float:
    """A night from what is loaded; the seconds from planning to publication."""
    with open_night("sample", (), AS_OF) as opened:
        started = time.perf_counter()
        build.build_models(opened, _quiet, everyone=everyone)
        build.compare_companies(opened, _quiet)
        publication.publish_marts(opened)
        return time.perf_counter() - started


def _quiet(_count: int) -> None:
    """Nobody watches."""


@contextmanager
def peak_memory(server: int) -> Iterator[list[float]]:
    """The most memory, in MiB, that this process's tree and the server's had together."""
    most = [0.0]
    done = threading.Event()

    def watch() -> None:
        while not done.wait(_WATCH_SECONDS):
            total = 0
            for root in (psutil.Process(), psutil.Process(server)):
                for process in [root, *root.children(recursive=True)]:
                    try:
                        # Shared pages are counted by their share, or the server's would be
                        # counted once for every session.
                        total += process.memory_full_info().pss
                    except psutil.Error:
                        continue
            most[0] = max(most[0], total / MIB)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield most
    finally:
        done.set()
        watcher.join()


def measure(count: int, folder: Path | None, is_first_only: bool) -> float:
    """Print the nights of a home with so many filers; return the seconds of the first."""
    home = make_home()
    settings = Settings(home=home, database_url=None)
    try:
        with open_warehouse(settings) as warehouse, at_home(home):
            fill(warehouse, count, folder)
            server = int((home / "postgres" / "pgdata" / "postmaster.pid").read_text().split()[0])
            with peak_memory(server) as most:
                first = night()
                full = 0 if is_first_only else night(everyone=True)
            if is_first_only:
                print(
                    f"{count:,} filers: first {first:.1f} s; peak memory {most[0]:,.0f} MiB",
                    flush=True,
                )
                return first
            same = night()
            file_again(warehouse, clones(count)[:: max(count // max(count // 100, 1), 1)])
            filed = night()
            trade(warehouse, count, AS_OF - timedelta(1))
            night()  # the first close of each brings its market rows
            file_again(warehouse, clones(count)[1 :: max(count // max(count // 100, 1), 1)])
            trade(warehouse, count, AS_OF)
            ordinary = night()
        print(
            f"{count:,} filers: first {first:.1f} s, full {full:.1f} s, nothing changed "
            f"{same:.1f} s ({same / full:.1%}), 1 % filed {filed:.1f} s ({filed / full:.1%}), "
            f"ordinary {ordinary:.1f} s ({ordinary / full:.1%}); peak memory {most[0]:,.0f} MiB",
            flush=True,
        )
    finally:
        embedded.stop(home / "postgres")
        shutil.rmtree(home, ignore_errors=True)
    return first


@contextmanager
def at_home(home: Path) -> Iterator[None]:
    """Let nights run in that home."""
    before = os.environ.get("CORPINTEL_HOME")
    os.environ["CORPINTEL_HOME"] = str(home)
    try:
        yield
    finally:
        if before is None:
            del os.environ["CORPINTEL_HOME"]
        else:
            os.environ["CORPINTEL_HOME"] = before


def main() -> None:
    """Print a line for each count, and what each further filer costs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("counts", type=int, nargs="+", help="how many filers")
    parser.add_argument("--facts", type=Path, help="a folder of companyfacts files to clone")
    parser.add_argument(
        "--only-first", action="store_true", help="measure the first publication alone"
    )
    arguments = parser.parse_args()
    before: tuple[int, float] | None = None
    for count in arguments.counts:
        took = measure(count, arguments.facts, arguments.only_first)
        if before is not None:
            each = (took - before[1]) / (count - before[0])
            print(f"each filer from {before[0]:,} to {count:,}: {each:.3f} s", flush=True)
        before = (count, took)


if __name__ == "__main__":
    main()
