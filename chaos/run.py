"""Running the drills: their number in each form, the lanes they share, and what came of them."""

import queue
import random
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from chaos import drills
from chaos.lane import BrokenPromiseError, Lane, opened
from flows.cli import environment
from flows.steps.progress import Advance

_MIB: Final = 1 << 20
_KIB: Final = 1 << 10


@dataclass(frozen=True)
class Form:
    """How often each drill is run."""

    name: str
    kills: int
    second_kills: int
    lane_kills: int
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
    lane_kills=30,
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
    kills=4,
    second_kills=1,
    lane_kills=1,
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
    told: list[str] = field(default_factory=list)

    @property
    def verdict(self) -> str:
        """What to print beside the counts."""
        if self.broken:
            return "broken"
        if self.not_run:
            return f"not run: {self.not_run}"
        return "pass" if self.held == self.points else "stopped before its end"


@dataclass(frozen=True)
class _Job:
    result: Result
    name: str
    run: Callable[[Lane], str]
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
            try:
                with ThreadPoolExecutor(len(places)) as pool:
                    lanes = list(pool.map(lambda place: stack.enter_context(opened(place)), places))
                if lanes[0].after != lanes[1].after:
                    raise BrokenPromiseError("two homes gave different bytes for the same night")
            except BrokenPromiseError as error:
                self.results.append(Result("the same night in two homes", 1, broken=str(error)))
                return
            jobs = self._jobs(why)
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
                told = job.run(lane)
            except drills.NotRunError as error:
                result.not_run = error.why
            except Exception as error:
                # Whatever it is, a drill that did not end as it should has not shown its promise.
                result.broken = f"{job.name}: {type(error).__name__}: {error} (in {lane.home})"
                self._stop.set()
            else:
                with self._lock:
                    result.held += 1
                    result.told.append(told)
            with self._lock:
                result.finished_at = datetime.now(UTC)
            done(1)

    def _jobs(self, no_disk: str | None) -> list[_Job]:
        chosen = random.Random(self.seed)
        form = self.form
        jobs: list[_Job] = []

        def drill(
            name: str,
            run: Callable[..., str],
            points: Sequence[tuple[object, ...]],
            on_disk: bool = False,
        ) -> None:
            if not points:
                return
            result = Result(name, len(points))
            self.results.append(result)
            if on_disk and no_disk:
                result.not_run = no_disk
                return
            for point in points:
                shown = ", ".join(map(str, point)) or name
                jobs.append(_Job(result, shown, _bound(run, *point), on_disk))

        def each(values: Iterable[object]) -> list[tuple[object, ...]]:
            return [(value,) for value in values]

        kills = drills.blows(form.kills, chosen)
        seconds = [drills.random_blows(2, chosen) for _ in range(form.second_kills)]
        among = drills.random_blows(form.lane_kills, chosen, drills.BETWEEN_PASSES)
        stops = drills.random_blows(form.server_stops, chosen, drills.MID_LOAD)
        drill("corrupt answers", drills.corrupt, [(self.seed,)])
        drill("429, 503, torn and reset answers", drills.storms, [(form.weathers,)])
        drill("kill -9 at a step's end or a statement", drills.kill, each(kills))
        drill("kill -9 of a night in lanes", drills.kill_among_lanes, each(among))
        drill("kill -9, and again while it recovers", drills.kill_twice, list(map(tuple, seconds)))
        drill("PostgreSQL stopped at once in mid-load", drills.stop_server, each(stops))
        drill("disk full, data", drills.disk_full, each(form.disk_free), on_disk=True)
        drill("disk full, the server's temporary files", drills.server_temp_full, [()])
        drill("disk full, the night's temporary files", drills.own_temp_full, [()])
        for count in form.nights_at_once:
            drill(f"{count} nights at once", drills.together, [(count,)])
        drill("other numbers of dbt threads", drills.threads, each(form.threads))
        drill("clock put back", drills.clock_back, each(form.hours_back))
        waits = [chosen.uniform(3, 30) for _ in range(form.commands)]
        drill("kill -9 of the command and its processes", drills.kill_command, each(waits))
        return jobs


def _bound(run: Callable[..., str], *arguments: object) -> Callable[[Lane], str]:
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
    made = Drills(form, seed, folder)
    yield made
    if not made.broken:
        shutil.rmtree(folder, ignore_errors=True)
