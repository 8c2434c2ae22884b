"""What is done to a night, and what must hold afterwards, point by point.

Each drill runs one point, says in a few words what it came to, and raises BrokenPromiseError where
a promise does not hold. After every blow readers must have the night before or tonight whole; after
the next night everything must be as if nothing had happened.
"""

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import httpx

from chaos import lane as lanes
from chaos import worker
from chaos.lane import TONIGHT, BrokenPromiseError, Fault, Lane, Point, Running
from chaos.scripted_server import scripted
from chaos.worker import STEPS, Errand
from connectors.sample.addresses import BASE_URLS
from connectors.sample.transport import FOLDER, SampleTransport

# A killed night's statement may go on in the server; the lock is free within this time.
FREE_SECONDS = 60.0
ROOT = Path(__file__).parents[1]

# Random statements by step: where rows are written rather than where most statements are.
_SHARES = {"prepare": 10, "collect": 40, "load": 60, "build": 36, "check": 8, "publish": 38}
MID_LOAD = ("collect", "load")
BETWEEN_PASSES = ("build", "check", "publish")
# So that the few companies of a drill are several batches.
_SMALL_BATCHES = {"CORPINTEL_BATCH_ROWS": "10000"}


@dataclass(frozen=True)
class NotRunError(Exception):
    """A drill that this machine cannot run, and why."""

    why: str


class NotStruckError(RuntimeError):
    """A night ended before it was struck: nothing was shown."""


@dataclass(frozen=True)
class Blow:
    """One point of a drill: where in a step a night is struck, and whether before a statement.

    `share` is how far into the step's statements; None is its end.
    """

    step: str
    share: float | None = None
    is_before: bool = True

    def __str__(self) -> str:
        if self.share is None:
            return f"at the end of {self.step}"
        return f"{'before' if self.is_before else 'after'} {self.share:.1%} of {self.step}"

    def sooner(self) -> "Blow":
        """The same, earlier in its step."""
        return self if self.share is None else replace(self, share=self.share / 2)


def blows(count: int, chosen: random.Random) -> list[Blow]:
    """So many points: every step's end where there is room for them, and random statements."""
    ends = [Blow(step) for step in STEPS if step != "close"]
    ends = chosen.sample(ends, min(len(ends), count // 2))
    return ends + random_blows(count - len(ends), chosen)


def random_blows(
    count: int, chosen: random.Random, steps: Sequence[str] = tuple(_SHARES)
) -> list[Blow]:
    """So many random statements of these steps."""
    weights = [_SHARES[step] for step in steps]
    return [
        Blow(step, chosen.random(), chosen.random() < 0.5)
        for step in chosen.choices(steps, weights=weights, k=count)
    ]


def fault(lane: Lane, blow: Blow, action: Callable[[Running], None]) -> Fault:
    """Strike with `action` at that point."""
    before = STEPS[STEPS.index(blow.step) - 1] if blow.step != STEPS[0] else None

    def strike(running: Running, step: str | None) -> None:
        if blow.share is None:
            if step == blow.step:
                action(running)
        elif step == before:
            at = 1 + int(blow.share * lane.statements[blow.step])
            running.proxy.arm(at, lambda: action(running), before=blow.is_before)

    return strike


def kill_a_night(
    lane: Lane, point: Point, blow: Blow, extra: Mapping[str, str] | None = None
) -> None:
    """Kill a night of that warehouse; NotStruckError where it had too few statements for that.

    `extra` are settings of that night.
    """
    errand = lane.errand(point, extra=extra)
    deadline = time.monotonic() + FREE_SECONDS
    while True:
        ended = lane.struck(point, fault(lane, blow, Running.kill), errand)
        if ended.code == -signal.SIGKILL:
            return
        if ended.code == worker.PUBLISHED:
            raise NotStruckError(f"a night was whole before {blow}")
        if ended.code != worker.REFUSED:
            raise BrokenPromiseError(f"a night ended by itself with code {ended.code}, not {blow}")
        if time.monotonic() > deadline:
            raise BrokenPromiseError(f"the lock was not free after {FREE_SECONDS:.0f} s")
        time.sleep(0.5)


def kill(lane: Lane, blow: Blow) -> str:
    """Kill a night at that point, and look; run the next night, and look again."""
    point = lane.warehouse()
    try:
        kill_a_night(lane, point, blow)
    except NotStruckError:
        return kill(lane, blow.sooner())
    lane.require_readable(point)
    recover(lane, point)
    return str(blow)


def kill_among_lanes(lane: Lane, blow: Blow) -> str:
    """Kill a night that builds its companies in several processes, batch by batch."""
    point = lane.warehouse()
    try:
        kill_a_night(lane, point, blow, _SMALL_BATCHES)
    except NotStruckError:
        return kill_among_lanes(lane, blow.sooner())
    lane.require_readable(point)
    recover(lane, point)
    return f"{blow}, in batches"


def kill_twice(lane: Lane, first: Blow, second: Blow) -> str:
    """Kill a night, and the next one too."""
    point = lane.warehouse()
    try:
        kill_a_night(lane, point, first)
        lane.require_readable(point)
        kill_a_night(lane, point, second)
    except NotStruckError:
        return kill_twice(lane, first.sooner(), second.sooner())
    lane.require_readable(point)
    recover(lane, point)
    return f"{first}, then {second}"


def stop_server(lane: Lane, blow: Blow) -> str:
    """Stop PostgreSQL at once under a night, as a power cut would."""
    point = lane.warehouse()
    errand = lane.errand(point)
    ended = lane.struck(point, fault(lane, blow, lambda _running: lane.stop_at_once()), errand)
    if ended.code == worker.PUBLISHED:
        return stop_server(lane, blow.sooner())
    lane.restart()
    lane.require_readable(point)
    recover(lane, point)
    return str(blow)


def recover(lane: Lane, point: Point) -> None:
    """Run the next night; what a killed one left in the server is waited for, a minute at most."""
    errand = lane.errand(point)
    deadline = time.monotonic() + FREE_SECONDS
    while (ended := lane.struck(point, None, errand)).code == worker.REFUSED:
        if time.monotonic() > deadline:
            raise BrokenPromiseError(f"the lock was not free after {FREE_SECONDS:.0f} s")
        time.sleep(0.5)
    if ended.code != worker.PUBLISHED:
        raise BrokenPromiseError(f"the next night ended with code {ended.code} after {ended.step}")
    lane.require_whole(point)


def together(lane: Lane, count: int) -> str:
    """Start nights at the same moment: one of them writes, the others leave and say so."""
    point = lane.warehouse()
    lane.proxy.arm()
    started = [lane.start(point, lane.errand(point)) for _ in range(count)]
    codes: list[int] = []
    broken: list[BaseException] = []

    def follow(running: Running, pipe: object) -> None:
        try:
            codes.append(lanes.follow(running, pipe).code)
        except BrokenPromiseError as error:
            broken.append(error)

    threads = [threading.Thread(target=follow, args=one) for one in started]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if broken:
        raise broken[0]
    if set(codes) != {worker.PUBLISHED, worker.REFUSED}:
        raise BrokenPromiseError(f"{count} nights at once ended with codes {sorted(codes)}")
    lane.require_whole(point)
    return f"{count} nights: {codes.count(worker.PUBLISHED)} published"


def threads(lane: Lane, count: int) -> str:
    """Build with so many dbt threads: the same bytes."""
    point = lane.warehouse()
    lane.night(point, errand=replace(lane.errand(point), threads=count))
    lane.require_whole(point)
    return f"{count} threads"


def clock_back(lane: Lane, hours: int) -> str:
    """All that the warehouse noted of itself lies ahead of the clock, as after it was put back."""
    point = lane.warehouse()
    lane.execute(
        point,
        f"""
        do $$ declare c record; begin
            for c in
                select table_name, column_name from information_schema.columns
                where table_schema = 'ops' and data_type = 'timestamp with time zone'
            loop
                execute format('update ops.%I set %I = %I + interval ''{hours} hours''',
                    c.table_name, c.column_name, c.column_name);
            end loop;
        end $$
        """,
    )
    recover(lane, point)
    return f"{hours} hours back"


def disk_full(lane: Lane, free: int) -> str:
    """Leave so many bytes to everything in the home, the server's data among it."""
    point = lane.warehouse()
    ballast = lane.home / "ballast"
    lane.execute(point, "checkpoint")
    with open(ballast, "wb") as file:
        left = shutil.disk_usage(lane.home).free
        os.posix_fallocate(file.fileno(), 0, max(1, left - free))
    ended = lane.struck(point, None)
    ballast.unlink()
    lane.restart()
    lane.require_readable(point)
    recover(lane, point)
    outcome = "published" if ended.code == worker.PUBLISHED else f"failed after {ended.step}"
    return f"{free // 1024:,} KiB left: {outcome}"


def server_temp_full(lane: Lane) -> str:
    """Leave next to nothing to the server's temporary files."""
    with small_disk("512k") as disk:
        point = lane.warehouse()
        place = disk / "server"
        place.mkdir(mode=0o700)
        shutil.chown(place, lane.data_directory().owner())
        lane.execute(
            point,
            f"create tablespace small location '{place}'",
            "grant create on tablespace small to public",
            f"alter database {point.name} set temp_tablespaces = small",
            f"alter database {point.name} set work_mem = '64kB'",
        )
        ended = lane.struck(point, None)
        lane.execute(
            point,
            f"alter database {point.name} reset temp_tablespaces",
            f"alter database {point.name} reset work_mem",
            "drop tablespace small",
        )
    if ended.code == worker.PUBLISHED:
        raise NotStruckError("the full disk was not noticed")
    lane.require_readable(point)
    recover(lane, point)
    return f"failed after {ended.step}"


def own_temp_full(lane: Lane) -> str:
    """Leave nothing to the night's own temporary files, such as Great Expectations' pages."""
    with small_disk("16k") as disk:
        point = lane.warehouse()
        (disk / "ballast").write_bytes(bytes(shutil.disk_usage(disk).free))
        ended = lane.struck(point, None, lane.errand(point, extra={"TMPDIR": str(disk)}))
    lane.require_readable(point)
    recover(lane, point)
    return "published" if ended.code == worker.PUBLISHED else f"failed after {ended.step}"


def storm(lane: Lane, weather: str, calm: str | None) -> str:
    """A live night whose every address first answers as the weather is; `calm` is the wanted end.

    Returns what readers see.
    """
    point = lane.warehouse(template="template1")
    with ExitStack() as stack:
        # A host of its own for each, as the sources have: breakers are a host's.
        urls = {
            f"CORPINTEL_{field.upper()}": f"{server.url}/{weather}/{field}"
            for field in BASE_URLS
            if (server := stack.enter_context(scripted(_bundled)))
        }
        errand = Errand(
            "live",
            TONIGHT[0],
            None,
            log=lane.home / "nights.log",
            variables=lane.variables(point)
            | urls
            | {
                "CORPINTEL_SEC_USER_AGENT": "Drill drill@example.com",
                "CORPINTEL_WATCHLIST": str(FOLDER / "watchlist.yaml"),
            },
        )
        lane.night(point, errand=errand)
    # When it was asked is another thing each time.
    found = lane.content(point, is_timeless=True).marts
    if calm is not None and found != calm:
        raise BrokenPromiseError(
            f"{weather}: {lanes.first_difference(found, calm)} though every answer came in the end"
        )
    return found


def storms(lane: Lane, weathers: Sequence[str]) -> str:
    """The same night in each weather as in the calm."""
    calm = storm(lane, "ok", None)
    for weather in weathers:
        storm(lane, weather, calm)
    return ", ".join(weathers)


def _bundled(rest: str) -> tuple[str, bytes]:
    """What the bundled sample has for an address; KeyError for nothing."""
    field, _, path = rest.partition("/")
    request = httpx.Request("GET", f"{BASE_URLS[field]}/{path}")
    answer = SampleTransport().handle_request(request)
    if answer.status_code != 200:
        raise KeyError(rest)
    return answer.headers["content-type"], answer.read()


def corrupt(lane: Lane, seed: int) -> str:
    """Answers that are cut, flipped, too deep, too large or no numbers."""
    point = lane.warehouse()
    errand = replace(lane.errand(point), is_corrupt=True, seed=seed)
    ended = lane.struck(point, None, errand)
    if ended.code != worker.PUBLISHED:
        raise BrokenPromiseError(
            f"corrupt answers ended a night with code {ended.code} after {ended.step}; "
            f"see {errand.log}"
        )
    lane.require_readable(point)
    return "every corrupt answer has a verdict"


def kill_command(lane: Lane, seconds: float) -> str:
    """Kill the command itself with all its processes, Prefect's server among them."""
    point = lane.warehouse()
    command = [
        *(sys.executable, "-m", "flows.cli.main", "nightly", "--sample"),
        *("--tickers", ",".join(TONIGHT[0])),
    ]
    variables = {
        k: v for k, v in os.environ.items() if not k.startswith(("CORPINTEL_", "PREFECT_"))
    }
    variables |= lane.variables(point)
    with open(lane.home / "nights.log", "ab") as log:
        night = subprocess.Popen(
            command, cwd=ROOT, env=variables, stdout=log, stderr=log, start_new_session=True
        )
        with suppress(subprocess.TimeoutExpired):
            night.wait(seconds)
            return kill_command(lane, seconds / 2)
        os.killpg(night.pid, signal.SIGKILL)
        night.wait()
        lane.require_readable(point)
        again = subprocess.run(
            command, cwd=ROOT, env=variables, stdout=log, stderr=log, check=False
        )
    if again.returncode != 0:
        raise BrokenPromiseError(f"the next command ended with code {again.returncode}")
    lane.require_whole(point)
    return f"after {seconds:.1f} s"


@contextmanager
def small_disk(size: str) -> Iterator[Path]:
    """A file system of that size; NotRunError where this account may not mount one."""
    place = Path(tempfile.mkdtemp(prefix="corpintel-disk-"))
    place.chmod(0o755)
    try:
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={size},mode=755", "none", str(place)],
            capture_output=True,
            text=True,
            check=False,
        )
        if mounted.returncode:
            raise NotRunError(f"a small disk needs root to be mounted ({mounted.stderr.strip()})")
        try:
            yield place
        finally:
            subprocess.run(["umount", "-l", str(place)], check=True)
    except FileNotFoundError as error:
        raise NotRunError(f"a small disk needs the program mount ({error})") from None
    finally:
        place.rmdir()
