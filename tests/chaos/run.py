"""Running the drills: their number in each form, the lanes they share, and what came of them."""

import os
import queue
import random
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from flows.cli import environment
from flows.steps.progress import Advance
from tests.chaos import drills
from tests.chaos.lane import BrokenPromiseError, Lane, opened

_MIB: Final = 1 << 20
_KIB: Final = 1 << 10


@dataclass(frozen=True)
class Form:
    """How often each drill is run."""

    name: str
    kills: int
    second_kills: int
    server_stops: int
    disk_free: tuple[int, ...]
    nights_at_once: tuple[int, ...]
    hours_back: tuple[int, ...]
    threads: tuple[int, ...]
    weathers: tuple[str, ...]
    commands: int


FULL: Final = Form(
    "full",
    kills=200,
    second_kills=20,
    server_stops=20,
    disk_free=(0, 256 * _KIB, _MIB, 4 * _MIB, 8 * _MIB, 16 * _MIB, 32 * _MIB, 64 * _MIB),
    nights_at_once=(2, 8),
    hours_back=(1, 2, 13, 30),
    threads=(1, 16),
    weathers=("limited-then-ok", "busy-then-ok", "torn-then-ok", "reset-then-ok"),
    commands=6,
)
QUICK: Final = Form(
    "quick",
    kills=6,
    second_kills=1,
    server_stops=1,
    disk_free=(_MIB,),
    nights_at_once=(2,),
    hours_back=(2,),
    threads=(),
    weathers=("limited-then-ok",),
    commands=0,
)


@dataclass
class Result:
    """What came of one drill; `broken` is the first promise that did not hold."""

    drill: str
    points: int
    held: int = 0
    started_at: datetime | None = None
    finished_at: datetime | None = None
    broken: str | None = None
    not_run: str | None = None


@dataclass(frozen=True)
class _Job:
    result: Result
    run: Callable[[Lane], object]
    needs_small_disk: bool = False


@dataclass
class Drills:
    """All drills of a form, shared by the lanes; the first broken promise ends them."""

    form: Form
    seed: int
    folder: Path
    results: list[Result] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def broken(self) -> list[Result]:
        """The drills whose promise did not hold."""
        return [result for result in self.results if result.broken]

    def run(self, advance: Callable[[int], Advance]) -> None:
        """Open the lanes, then run all points; `advance` takes how many there are."""
        with ExitStack() as stack:
            try:
                disk: Path | None = stack.enter_context(drills.small_disk("6g"))
                why = None
            except drills.NotRunError as error:
                disk, why = None, error.why
            places = [self.folder / "one", (disk or self.folder) / "two"]
            with ThreadPoolExecutor(len(places)) as pool:
                lanes = list(pool.map(lambda place: stack.enter_context(opened(place)), places))
            if lanes[0].after != lanes[1].after:
                raise BrokenPromiseError("two homes gave different bytes for the same night")
            jobs = self._jobs(lanes[0].statements, why)
            done = advance(len(jobs))
            general: queue.SimpleQueue[_Job] = queue.SimpleQueue()
            own: queue.SimpleQueue[_Job] = queue.SimpleQueue()
            for job in jobs:
                (own if job.needs_small_disk else general).put(job)
            workers = [
                threading.Thread(target=self._work, args=(lanes[0], [general], done)),
                threading.Thread(target=self._work, args=(lanes[1], [own, general], done)),
            ]
            for worker in workers:
                worker.start()
            for worker in workers:
                worker.join()

    def _work(self, lane: Lane, queues: list["queue.SimpleQueue[_Job]"], done: Advance) -> None:
        for job in _until_empty(queues):
            if self._stop.is_set():
                return
            result = job.result
            with self._lock:
                result.started_at = result.started_at or datetime.now(UTC)
            try:
                job.run(lane)
            except drills.NotRunError as error:
                result.not_run = error.why
            except Exception as error:
                # Whatever it is, a drill that did not end as it should has not shown its promise.
                result.broken = f"{type(error).__name__}: {error} (in {lane.home})"
                self._stop.set()
            else:
                with self._lock:
                    result.held += 1
            with self._lock:
                result.finished_at = datetime.now(UTC)
            done(1)

    def _jobs(self, statements: dict[str, int], no_disk: str | None) -> list[_Job]:
        chosen = random.Random(self.seed)
        form = self.form
        jobs: list[_Job] = []

        def drill(name: str, runs: list[Callable[[Lane], object]], on_disk: bool = False) -> None:
            if not runs:
                return
            result = Result(name, len(runs))
            self.results.append(result)
            if on_disk and no_disk:
                result.not_run = no_disk
                return
            jobs.extend(_Job(result, run, on_disk) for run in runs)

        drill("corrupt answers", [lambda lane: drills.corrupt(lane, self.seed)])
        drill("429, 503, torn and reset answers", [lambda lane: self._storm(lane)])
        drill(
            "kill -9 at a step's end or a statement",
            [
                _bound(drills.kill, blow, number % drills.CHECKED_EVERY == 0)
                for number, blow in enumerate(drills.blows(statements, form.kills, chosen))
            ],
        )
        drill(
            "kill -9, and again while it recovers",
            [
                _bound(drills.kill_twice, *drills.random_blows(statements, 2, chosen))
                for _ in range(form.second_kills)
            ],
        )
        drill(
            "PostgreSQL stopped at once in mid-load",
            [
                _bound(drills.stop_server, blow)
                for blow in drills.random_blows(
                    statements, form.server_stops, chosen, drills.MID_LOAD
                )
            ],
        )
        drill(
            "disk full, data",
            [_bound(drills.disk_full, free) for free in form.disk_free],
            on_disk=True,
        )
        drill("disk full, temporary files", [drills.temp_full])
        for count in form.nights_at_once:
            drill(f"{count} nights at once", [_bound(drills.together, count)])
        drill("other numbers of dbt threads", [_bound(drills.threads, n) for n in form.threads])
        drill("clock put back", [_bound(drills.clock_back, hours) for hours in form.hours_back])
        drill(
            "kill -9 of the command and all its processes",
            [_bound(drills.kill_command, chosen.uniform(3, 45)) for _ in range(form.commands)],
        )
        return jobs

    def _storm(self, lane: Lane) -> None:
        calm = drills.storm(lane, "ok", None)
        for weather in self.form.weathers:
            drills.storm(lane, weather, calm)


def _bound(run: Callable[..., object], *arguments: object) -> Callable[[Lane], object]:
    return lambda lane: run(lane, *arguments)


def _until_empty(queues: list["queue.SimpleQueue[_Job]"]) -> Iterator[_Job]:
    for jobs in queues:
        while True:
            try:
                yield jobs.get_nowait()
            except queue.Empty:
                break


@contextmanager
def prepared(form: Form, seed: int) -> Iterator[Drills]:
    """The drills in a throw-away folder; it stays where a promise was broken."""
    folder = Path(tempfile.mkdtemp(prefix="corpintel-chaos-"))
    folder.chmod(0o755)
    environment.prepare(folder)
    # A killed night cannot give its semaphores back; what tracks them would say so at the end.
    os.environ.setdefault("PYTHONWARNINGS", "ignore:resource_tracker:UserWarning")
    made = Drills(form, seed, folder)
    yield made
    if not made.broken:
        shutil.rmtree(folder, ignore_errors=True)
