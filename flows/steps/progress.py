"""Progress of long steps: a bar with rate and ETA on a terminal, plain lines elsewhere."""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

Advance = Callable[[int], None]
# Where no bar can be drawn, a line at most this often.
QUIET_SECONDS = 10.0
_bars: ContextVar[Progress | None] = ContextVar("bars", default=None)


@contextmanager
def shown_progress() -> Iterator[None]:
    """Draw bars on a terminal for the time of the block; plain lines need no preparation."""
    if not sys.stderr.isatty():
        yield
        return
    bars = Progress(
        TextColumn("{task.description:<28}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )
    token = _bars.set(bars)
    try:
        with bars:
            yield
    finally:
        _bars.reset(token)


def say(text: str) -> None:
    """Tell something beside the bars, or in a line."""
    bars = _bars.get()
    if bars is not None:
        bars.console.print(text, highlight=False)
    else:
        print(text, file=sys.stderr, flush=True)


@contextmanager
def step(name: str, total: int | None = None, unit: str = "") -> Iterator[Advance]:
    """Show one step; the yielded function takes how many units are done since its last call."""
    bars = _bars.get()
    started = time.monotonic()
    done = 0
    printed = 0
    counting = threading.Lock()
    task = bars.add_task(name, total=total, rate="") if bars is not None else None

    def advance(count: int) -> None:
        nonlocal done, printed
        with counting:
            done += count
        if bars is not None and task is not None:
            rate = done / max(time.monotonic() - started, 0.001)
            bars.update(task, advance=count, rate=f"{rate:,.0f} {unit}/s" if unit else "")

        elif started + QUIET_SECONDS * (printed + 1) < time.monotonic():
            printed += 1
            took = time.monotonic() - started
            line = f"{name}: {_counted(done, total, unit)}{_rate(done, total, took)}"
            print(line, file=sys.stderr, flush=True)

    if bars is None:
        print(f"{name} …", file=sys.stderr, flush=True)
    yield advance
    took = time.monotonic() - started
    if bars is not None and task is not None:
        bars.update(task, total=done or 1, completed=done or 1)
    else:
        counted = f"{_counted(done, None, unit)}, " if done else ""
        print(f"{name}: {counted}{took:.1f} s", file=sys.stderr, flush=True)


def _rate(done: int, total: int | None, seconds: float) -> str:
    """How many a second there were, and about how long the rest takes."""
    if not done or not total or done >= total:
        return ""
    rate = done / seconds
    left = (total - done) / rate
    shown = f"{left / 60:,.0f} min" if left >= 90 else f"{left:.0f} s"
    return f", {rate:,.1f}/s, about {shown} left"


def _counted(done: int, total: int | None, unit: str) -> str:
    return f"{done:,}{f' of {total:,}' if total else ''} {unit}".rstrip()
