"""Loading facts: our whole way into raw, beside the limit and beside common ways, in one run.

The limit is what nobody who stores these rows in PostgreSQL can beat by much: orjson, a loop over
the facts, and one COPY into a table without an index, a check or a version. All ways load the same
facts into the same warehouse.
"""

import gc
import importlib.util
import multiprocessing
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import orjson
import psycopg
from sqlalchemy import MetaData, Table, insert

from bench import clones
from bench.machine import peak_memory
from connectors.sample import SAMPLE_AS_OF
from connectors.sec import FACTS, SecFact
from connectors.sec.parse import companyfacts_lines
from expectations.gate import open_gate, validate
from flows.night.apart import OBJECTS_BETWEEN_COLLECTIONS
from flows.steps.gate import SUITES
from warehouse.db import Warehouse
from warehouse.load import Load, analyze_raw, merge, open_load, stage_lines, stage_rows
from warehouse.ops import start_run
from warehouse.tables import SOURCE_TABLES, record_columns

# The slow ways get so many facts: their rate does not depend on it.
_FEW = 50_000


@dataclass
class Way:
    """One way of loading: its facts and seconds; `parts` are the seconds of ours by step."""

    name: str
    facts: int
    seconds: float
    parts: dict[str, float] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        return self.facts / self.seconds


@dataclass
class Loads:
    """What loading cost; `peak_mib` is of this process and those beside it, without the server."""

    ways: list[Way]
    parse_one: Way
    parse_two: Way
    bytes_a_fact: float
    peak_mib: float


def measure(filers: int, folder: Path | None) -> Loads:
    """Load so many filers' facts in each way."""
    bodies = list(clones.bodies(filers, folder))
    with clones.home() as (_, warehouse):
        with peak_memory() as most:
            ours = _ours(warehouse, bodies)
        stored = _bytes(warehouse)
        again = _ours(warehouse, bodies)
        again.name = "corpintel, nothing new"
        ways = [ours, again, _limit(warehouse, bodies), _ready_lines(warehouse, bodies)]
        ways += [_executemany(warehouse, bodies), _to_sql(warehouse, bodies)]
        if importlib.util.find_spec("dlt") is not None:
            ways.append(_dlt(warehouse, bodies))
    return Loads(ways, _parse(bodies, 1), _parse(bodies, 2), stored / ours.facts, most[0])


def _ours(warehouse: Warehouse, bodies: list[clones.Body]) -> Way:
    """What a night does with answers: one process reads and stages, and has full packages judged
    and merged by a thread of its own.
    """
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)
    gate = open_gate()
    with warehouse.engine.connect() as connection:
        capture = connection.exec_driver_sql(
            "select coalesce(max(capture_id), 0) from raw.captures"
        ).scalar_one()
    parts = {"read": 0.0, "stage": 0.0, "judge": 0.0, "merge": 0.0}
    facts = 0
    run_id = start_run(warehouse, "sample", SAMPLE_AS_OF)
    clock = time.perf_counter
    captures = _captures(warehouse, len(bodies), capture)

    def take_in(load: Load) -> None:
        at = clock()
        rules = {}
        for table in load.staged:
            name = load.stage_table(table)
            verdicts = validate(gate, warehouse.url, name, table, SUITES[table])
            rules[table] = [
                rule
                for rule, verdict in zip(SUITES[table], verdicts, strict=True)
                if not verdict.is_success
            ]
        parts["judge"] += clock() - at
        at = clock()
        merge(load, rules)
        parts["merge"] += clock() - at

    started = clock()
    with ThreadPoolExecutor(1) as merger:
        merging: Future[None] | None = None
        for package in range(0, len(bodies), _PACKAGE):
            load = open_load(warehouse, run_id, "bench")
            for number, (cik, body) in enumerate(bodies[package : package + _PACKAGE], package):
                at = clock()
                parsed = companyfacts_lines(body, cik)
                parts["read"] += clock() - at
                at = clock()
                facts += parsed.count(FACTS)
                lines = parsed.lines[FACTS]
                lineage = (captures[number], clones.FETCHED)
                stage_lines(load, FACTS, lines.text, lines.count, *lineage)
                for table, records in parsed.rows.items():
                    stage_rows(load, table, records, *lineage)
                parts["stage"] += clock() - at
            if merging is not None:
                merging.result()
            merging = merger.submit(take_in, load)
        if merging is not None:
            merging.result()
    return Way("corpintel, into raw", facts, clock() - started, parts)


# A night's package holds half a million rows, which is about as many filers.
_PACKAGE = 32


def _captures(warehouse: Warehouse, count: int, after: int) -> list[int]:
    """The ids of as many new answers."""
    with warehouse.engine.begin() as connection:
        rows = connection.exec_driver_sql(
            "insert into raw.captures (source, request_key, url, fetched_at, status, sha256, size)"
            " select 'bench', 'bench ' || n, 'https://example.com', %s, 200, n::text, 1"
            " from generate_series(%s::bigint, %s::bigint) n returning capture_id",
            (clones.FETCHED, after + 1, after + count),
        )
        return [row.capture_id for row in rows]


def _bytes(warehouse: Warehouse) -> int:
    """What the facts take on disk, indexes and dictionaries included."""
    analyze_raw(warehouse)
    compact = SOURCE_TABLES[FACTS].info["compact"]
    tables = [compact.values, *(dictionary.table for dictionary in compact.dictionaries)]
    with warehouse.engine.connect() as connection:
        return sum(
            connection.exec_driver_sql(
                "select pg_total_relation_size(%s::regclass)", (f"raw.{table.name}",)
            ).scalar_one()
            for table in tables
        )


def _sink(warehouse: Warehouse, name: str) -> str:
    """A table with the columns of a fact and nothing else."""
    columns = ", ".join(
        f"{column.name} {column.type.compile(dialect=warehouse.engine.dialect)}"
        for column in record_columns(SOURCE_TABLES[FACTS])
    )
    with warehouse.engine.begin() as connection:
        connection.exec_driver_sql("create schema if not exists bench")
        connection.exec_driver_sql(f"drop table if exists bench.{name}")
        connection.exec_driver_sql(f"create table bench.{name} ({columns})")
    return f"bench.{name}"


def _limit(warehouse: Warehouse, bodies: list[clones.Body]) -> Way:
    table = _sink(warehouse, "by_copy")
    facts = 0
    started = time.perf_counter()
    with (
        psycopg.connect(warehouse.psycopg_dsn()) as connection,
        connection.cursor().copy(f"copy {table} from stdin".encode()) as copy,
    ):
        for row in _rows(bodies):
            copy.write_row(row)
            facts += 1
    return Way("limit: orjson and one COPY", facts, time.perf_counter() - started)


def _ready_lines(warehouse: Warehouse, bodies: list[clones.Body]) -> Way:
    """The limit where rows need not be made either: orjson, and a COPY of lines from before."""
    table = _sink(warehouse, "by_lines")
    lines = [companyfacts_lines(body, cik).lines[FACTS] for cik, body in bodies]
    started = time.perf_counter()
    with (
        psycopg.connect(warehouse.psycopg_dsn()) as connection,
        connection.cursor().copy(f"copy {table} from stdin".encode()) as copy,
    ):
        for (_, body), ready in zip(bodies, lines, strict=True):
            orjson.loads(body)
            copy.write(ready.text)
    took = time.perf_counter() - started
    return Way("orjson and one COPY of ready lines", sum(ready.count for ready in lines), took)


def _rows(bodies: list[clones.Body]) -> Iterator[tuple[Any, ...]]:
    """The facts as they stand there, unchecked; what all other ways begin with."""
    for cik, body in bodies:
        for taxonomy, concepts in orjson.loads(body)["facts"].items():
            for concept, described in concepts.items():
                for unit, entries in described["units"].items():
                    for e in entries:
                        yield (
                            cik,
                            taxonomy,
                            concept,
                            unit,
                            e.get("start"),
                            e["end"],
                            e["val"],
                            e["accn"],
                            e.get("fy"),
                            e.get("fp"),
                            e["form"],
                            e["filed"],
                        )


def _records(bodies: list[clones.Body]) -> list[dict[str, Any]]:
    return [dict(zip(SecFact._fields, row, strict=True)) for row in islice(_rows(bodies), _FEW)]


def _timed(
    name: str, work: Callable[[list[dict[str, Any]]], object], bodies: list[clones.Body]
) -> Way:
    started = time.perf_counter()
    records = _records(bodies)
    work(records)
    return Way(name, len(records), time.perf_counter() - started)


def _executemany(warehouse: Warehouse, bodies: list[clones.Body]) -> Way:
    name = _sink(warehouse, "by_executemany").removeprefix("bench.")
    table = Table(name, MetaData(), schema="bench", autoload_with=warehouse.engine)

    def work(records: list[dict[str, Any]]) -> None:
        with warehouse.engine.begin() as connection:
            connection.execute(insert(table), records)

    return _timed("SQLAlchemy executemany", work, bodies)


def _to_sql(warehouse: Warehouse, bodies: list[clones.Body]) -> Way:
    import pandas

    name = _sink(warehouse, "by_to_sql").removeprefix("bench.")

    def work(records: list[dict[str, Any]]) -> None:
        frame = pandas.DataFrame(records)
        frame.to_sql(name, warehouse.engine, schema="bench", if_exists="append", index=False)

    return _timed("pandas.to_sql", work, bodies)


def _dlt(warehouse: Warehouse, bodies: list[clones.Body]) -> Way:
    import dlt  # type: ignore[import-not-found]

    pipeline = dlt.pipeline(
        "corpintel_bench",
        destination=dlt.destinations.postgres(warehouse.url.replace("+psycopg2", "")),
        dataset_name="bench_dlt",
    )
    return _timed("dlt", lambda records: pipeline.run(records, table_name="facts"), bodies)


def _parse(bodies: list[clones.Body], processes: int) -> Way:
    """Reading alone, into lines that go nowhere, each process its share of the bodies."""
    # Forked, so that nobody has to be sent the bodies.
    context = multiprocessing.get_context("fork")
    ready, facts = context.Barrier(processes + 1), context.Value("q", 0)
    readers = [
        context.Process(target=_read_share, args=(bodies[number::processes], ready, facts))
        for number in range(processes)
    ]
    for reader in readers:
        reader.start()
    ready.wait()
    started = time.perf_counter()
    for reader in readers:
        reader.join()
    took = time.perf_counter() - started
    return Way(f"reading, {processes} process{'es' if processes > 1 else ''}", facts.value, took)


def _read_share(bodies: list[clones.Body], ready: Any, facts: Any) -> None:
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)
    ready.wait()
    count = sum(companyfacts_lines(body, cik).count(FACTS) for cik, body in bodies)
    with facts.get_lock():
        facts.value += count
