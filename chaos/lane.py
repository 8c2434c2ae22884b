"""A throw-away home with a server of its own, and a fresh warehouse for each drill in it."""

import itertools
import json
import multiprocessing
import os
import shutil
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy.engine import URL

from chaos import worker
from chaos.proxy import FaultProxy
from chaos.worker import STEPS, Errand
from connectors.archive import Archive
from connectors.sample import SAMPLE_AS_OF
from warehouse import embedded
from warehouse.publishing.declared import marts_from_manifest
from warehouse.tables import SOURCE_TABLES
from warehouse.writer import NIGHT_LOCK

# A night that says nothing for so long hangs.
NIGHT_SECONDS = 300.0
LOADED = "loaded before"

BEFORE = (("DUOL",), date(2026, 3, 31))
TONIGHT = (("DUOL", "DDOG"), SAMPLE_AS_OF)


class BrokenPromiseError(AssertionError):
    """Something that a night must never leave behind."""


@dataclass(frozen=True)
class Content:
    """What a warehouse says: digests over the marts as readers see them, and over the raw rows."""

    marts: str
    raw: str


@dataclass(frozen=True)
class Ended:
    """How a night ended: the last step that it finished, its exit code, its statements by step."""

    step: str | None
    code: int
    statements: dict[str, int]


# Strikes at a night: told of its process, its proxy and each step's end.
Fault = Callable[["Running", str | None], None]


@dataclass(frozen=True)
class Running:
    """A night at work."""

    process: ForkServerProcess
    proxy: FaultProxy

    def kill(self) -> None:
        """End it as a power cut would."""
        assert self.process.pid is not None
        os.kill(self.process.pid, signal.SIGKILL)


def context() -> ForkServerContext:
    """Processes that are forked from one with everything imported: importing takes seconds."""
    made = multiprocessing.get_context("forkserver")
    made.set_forkserver_preload([worker.__name__])
    return made


class Lane:
    """One home; drills in it run one after the other, those of other lanes beside them."""

    def __init__(self, home: Path, server: embedded.Server) -> None:
        self.home = home
        self.server = server
        self.proxy = FaultProxy((server.host, server.port))
        self._context = context()
        self._numbers = itertools.count(1)
        self.before = Content("", "")
        self.after = Content("", "")
        self.statements: dict[str, int] = {}

    def prepare(self) -> None:
        """Publish the night before, keep its warehouse to be copied, and see what tonight gives."""
        first = self.warehouse(template="template1")
        self.night(first, BEFORE)
        self.before = self.content(first)
        self._administer(f"alter database {first.name} rename to {_identifier(LOADED)}")
        shutil.move(first.archive, self.home / "archives" / LOADED)
        point = self.warehouse()
        ended = self.night(point, TONIGHT)
        self.after = self.content(point)
        self.statements = ended.statements
        if self.after == self.before:
            raise BrokenPromiseError("tonight brings nothing new: the drill would prove nothing")

    def warehouse(self, template: str = LOADED) -> "Point":
        """A fresh copy of the night before, or an empty one from `template1`; the last one goes."""
        # The name stays: by another one dbt would have to parse its project anew.
        name = "tonight"
        archive = self.home / "archives" / f"{next(self._numbers)}"
        self._administer(f"drop database if exists {name} with (force)")
        if template == LOADED:
            shutil.copytree(self.home / "archives" / LOADED, archive, copy_function=os.link)
        self._administer(
            f"create database {name} template {_identifier(template)} strategy file_copy"
        )
        return Point(name, archive)

    def url(self, point: "Point", *, direct: bool = False) -> str:
        """The warehouse's address, through the proxy unless `direct`."""
        return URL.create(
            "postgresql",
            username=self.server.user,
            password=self.server.password,
            host="127.0.0.1",
            port=self.server.port if direct else self.proxy.port,
            database=point.name,
        ).render_as_string(hide_password=False)

    def variables(self, point: "Point") -> dict[str, str]:
        """What a night in this warehouse finds in its environment."""
        return {
            "CORPINTEL_HOME": str(self.home),
            "CORPINTEL_DATABASE_URL": self.url(point),
            "CORPINTEL_ARCHIVE_URL": str(point.archive),
            "CORPINTEL_READER_PASSWORD": "the drill's reader",
        }

    def start(self, point: "Point", errand: Errand) -> tuple[Running, Any]:
        """Begin a night; the pipe says which step it finished."""
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=worker.run, args=(errand, theirs))
        process.start()
        theirs.close()
        return Running(process, self.proxy), ours

    def errand(
        self,
        point: "Point",
        asked: tuple[tuple[str, ...], date | None] = TONIGHT,
        extra: Mapping[str, str] | None = None,
    ) -> Errand:
        """A night of the bundled sample in that warehouse."""
        return Errand(
            "sample",
            *asked,
            log=self.home / "nights.log",
            variables=self.variables(point) | dict(extra or {}),
        )

    def struck(self, point: "Point", fault: Fault | None, errand: Errand | None = None) -> Ended:
        """Run a night that `fault` may strike: called at its start and at each step's end."""
        errand = errand or self.errand(point)
        self.proxy.arm()
        running, pipe = self.start(point, errand)
        if fault is not None:
            fault(running, None)
        ended = follow(running, pipe, fault)
        self.proxy.arm()
        return ended

    def night(
        self,
        point: "Point",
        asked: tuple[tuple[str, ...], date | None] = TONIGHT,
        errand: Errand | None = None,
    ) -> Ended:
        """Run a night that must publish."""
        ended = self.struck(point, None, errand or self.errand(point, asked))
        if ended.code != worker.PUBLISHED:
            raise BrokenPromiseError(
                f"a night that nobody disturbed ended with code {ended.code} after {ended.step}; "
                f"see {self.home / 'nights.log'}"
            )
        return ended

    def restart(self) -> None:
        """Start the server that was stopped; it recovers as after a power cut."""
        server = embedded.ensure(self.home / "postgres")
        self.server = server
        self.proxy.upstream = (server.host, server.port)

    def stop_at_once(self) -> None:
        """Stop the server as a power cut would: no checkpoint, no goodbye."""
        with self._session("postgres") as connection:
            lines = connection.execute("select pg_read_file('postmaster.pid')").fetchone()
        assert lines is not None
        os.kill(int(lines[0].split("\n")[0]), signal.SIGQUIT)

    def data_directory(self) -> Path:
        """Where the server keeps its data."""
        with self._session("postgres") as connection:
            row = connection.execute("show data_directory").fetchone()
        assert row is not None
        return Path(row[0])

    def content(self, point: "Point", *, is_timeless: bool = False) -> Content:
        """What readers see and what raw holds, without the numbers of runs, loads and captures.

        With `is_timeless` also without the instants at which things were done.
        """
        manifest = json.loads((self.home / "dbt" / "manifest.json").read_bytes())
        with self._session(point.name) as connection:
            connection.execute("set timezone = 'UTC'")
            marts = [
                (
                    mart.name,
                    _digest(
                        connection,
                        ("marts", mart.name),
                        [
                            name
                            for name in mart.columns
                            if name in mart.not_hashed or (is_timeless and name.endswith("_at"))
                        ],
                    ),
                )
                for mart in marts_from_manifest(manifest)
                if _exists(connection, f"marts.{mart.name}")
            ]
            raw = [
                (name, _digest(connection, ("raw", name), _numbers(name)))
                for name in [*SOURCE_TABLES, "captures"]
            ]
        return Content(json.dumps(marts), json.dumps(raw))

    def require_readable(self, point: "Point") -> None:
        """After any blow readers have the night before, or tonight whole where it had published."""
        found = self.content(point).marts
        with self._session(point.name) as connection:
            row = connection.execute("select count(*) from ops.publications").fetchone()
        assert row is not None
        wanted = self.before.marts if row[0] == 1 else self.after.marts
        if found != wanted:
            raise BrokenPromiseError(
                f"readers see neither the night before nor tonight whole ({row[0]} publications): "
                f"{first_difference(found, wanted)}"
            )

    def require_whole(self, point: "Point", wanted: Content | None = None) -> None:
        """After the next night: the same bytes as if nothing had happened, and nothing over."""
        wanted = wanted or self.after
        found = self.content(point)
        if found != wanted:
            raise BrokenPromiseError(
                "the next night did not give the same bytes: "
                f"{first_difference(found.marts, wanted.marts)}"
                f"{first_difference(found.raw, wanted.raw)}"
            )
        with self._session(point.name) as connection:
            archive = Archive(str(point.archive))
            for (sha,) in connection.execute("select distinct sha256 from raw.captures"):
                archive.get(sha)  # raises for a body that is missing or torn
            for what, statement in _LEFT_OVER.items():
                row = connection.execute(statement).fetchone()
                if row is not None and row[0]:
                    raise BrokenPromiseError(f"the next night left {row[0]} {what} behind")

    def _session(self, database: str) -> psycopg.Connection[Any]:
        return psycopg.connect(
            host=self.server.host,
            port=self.server.port,
            user=self.server.user,
            password=self.server.password,
            dbname=database,
            autocommit=True,
        )

    def execute(self, point: "Point", *statements: str) -> None:
        """Change a warehouse by hand."""
        with self._session(point.name) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def _administer(self, *statements: str) -> None:
        with self._session("postgres") as connection:
            for statement in statements:
                connection.execute(statement.encode())


@dataclass(frozen=True)
class Point:
    """One warehouse of a lane, with an archive of its own."""

    name: str
    archive: Path


def follow(running: Running, pipe: Any, fault: Fault | None = None) -> Ended:
    """Let a night go on step by step until it ends; BrokenPromiseError where it hangs."""
    step: str | None = None
    statements: dict[str, int] = {}
    counted = 0
    while True:
        if not pipe.poll(NIGHT_SECONDS):
            running.kill()
            raise BrokenPromiseError(f"the night hung after {step}")
        try:
            step = pipe.recv()
        except (EOFError, ConnectionResetError):
            break
        assert step in STEPS
        statements[step] = running.proxy.count - counted
        counted = running.proxy.count
        if fault is not None:
            fault(running, step)
        try:
            pipe.send("go on")
        except (BrokenPipeError, ConnectionResetError):
            break
    running.process.join(60)
    code = running.process.exitcode
    if code is None:
        running.kill()
        raise BrokenPromiseError(f"the night did not end after {step}")
    return Ended(step, code, statements)


_LEFT_OVER = {
    "stage tables": "select count(*) from pg_tables where schemaname = 'stage'",
    "open load packages": "select count(*) from ops.loads where status = 'open'",
    "running runs": "select count(*) from ops.runs where status = 'running'",
    "writers": "select count(*) from ops.writer where released_at is null",
    "held locks": f"select count(*) from pg_locks where locktype = 'advisory' and objid = "
    f"{NIGHT_LOCK & 0xFFFFFFFF} and database = (select oid from pg_database"
    " where datname = current_database())",
}


@contextmanager
def opened(folder: Path) -> Iterator[Lane]:
    """A lane in a new folder, with a night before that is published; the server ends with it."""
    folder.mkdir(parents=True, mode=0o755)
    state = folder / "postgres"
    server = embedded.ensure(state)
    lane = Lane(folder, server)
    try:
        lane.prepare()
        yield lane
    finally:
        lane.proxy.close()
        embedded.stop(state)


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _exists(connection: psycopg.Connection[Any], relation: str) -> bool:
    row = connection.execute("select to_regclass(%s) is not null", (relation,)).fetchone()
    return bool(row and row[0])


def _numbers(name: str) -> list[str]:
    """The numbers that a raw table's rows carry, which say in which order things were tried."""
    compact = SOURCE_TABLES[name].info["compact"] if name in SOURCE_TABLES else None
    words = compact.dictionaries if compact is not None else ()
    return ["load_id", "capture_id", *(word.id_name for word in words)]


def _digest(
    connection: psycopg.Connection[Any], relation: tuple[str, str], without: Sequence[str]
) -> str:
    """Rows and a digest over all of them, in no order, without the named columns."""
    row = connection.execute(
        sql.SQL(
            "select count(*) || ':' || coalesce(md5(string_agg(row, '' order by row)), '') from ("
            "select md5((to_jsonb(t) - {without}::text[])::text) as row from {relation} as t) rows"
        ).format(without=sql.Literal(list(without)), relation=sql.Identifier(*relation))
    ).fetchone()
    assert row is not None
    return str(row[0])


def first_difference(found: str, wanted: str) -> str:
    """The first relation whose digest is another one; empty where none is."""
    pairs = itertools.zip_longest(json.loads(found), json.loads(wanted))
    return next((f"{a} in place of {b}; " for a, b in pairs if a != b), "")
