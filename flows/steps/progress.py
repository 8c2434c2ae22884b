"""Progress of long steps: a bar with rate and ETA on a terminal, plain lines elsewhere.

A run of Prefect shows it too: as an artifact, where it is known how much there is.
"""

import logging
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import UUID

from prefect.artifacts import create_progress_artifact, update_progress_artifact
from prefect.context import FlowRunContext, TaskRunContext
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
log = logging.getLogger(__name__)
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


class _Step:
    """A step under way: what is done of it, and who is told."""

    def __init__(self, name: str, unit: str) -> None:
        self.name = name
        self.unit = unit
        self.done = 0
        self._total: int | None = None
        self._bars = _bars.get()
        self._bar = self._bars.add_task(name, total=None, rate="") if self._bars else None
        self._began = time.monotonic()
        self._told = 0
        self._counting = threading.Lock()
        self._artifact: UUID | None = None
        if self._bars is None:
            print(f"{name} …", file=sys.stderr, flush=True)

    def expect(self, total: int) -> None:
        """Say how much there is; called where the step began, not in a thread of its own."""
        self._total = total
        if self._bars is not None and self._bar is not None:
            self._bars.update(self._bar, total=total)
        if total and (TaskRunContext.get() or FlowRunContext.get()):
            key = f"progress-{self.name.replace(' ', '-')}"
            self._tell_prefect(lambda: create_progress_artifact(0.0, key, self.name))

    def advance(self, count: int) -> None:
        """Count what is done; it is told every few seconds, and at once by a bar."""
        with self._counting:
            self.done += count
            took = time.monotonic() - self._began
            is_due = QUIET_SECONDS * (self._told + 1) < took
            self._told += is_due
        if self._bars is not None and self._bar is not None:
            rate = f"{self.done / max(took, 0.001):,.0f} {self.unit}/s" if self.unit else ""
            self._bars.update(self._bar, advance=count, rate=rate)
        elif is_due:
            counted = _counted(self.done, self._total, self.unit)
            line = f"{self.name}: {counted}{_rate(self.done, self._total, took)}"
            print(line, file=sys.stderr, flush=True)
        if is_due and self._total:
            self._show(100.0 * min(1.0, self.done / self._total))

    def end(self) -> None:
        """Show the step as done."""
        took = time.monotonic() - self._began
        if self._bars is not None and self._bar is not None:
            self._bars.update(self._bar, total=self.done or 1, completed=self.done or 1)
        else:
            counted = f"{_counted(self.done, None, self.unit)}, " if self.done else ""
            print(f"{self.name}: {counted}{took:.1f} s", file=sys.stderr, flush=True)
        self._show(100.0)

    def _show(self, percent: float) -> None:
        artifact = self._artifact
        if artifact is not None:
            self._tell_prefect(lambda: update_progress_artifact(artifact, percent))

    def _tell_prefect(self, say_it: Callable[[], object]) -> None:
        try:
            told = say_it()
            assert isinstance(told, UUID), "outside of coroutines Prefect's functions wait"
            self._artifact = told
        except Exception:
            # Whoever looks on sees an older figure; the step goes on.
            log.warning("progress could not be told to Prefect", exc_info=True)


_step: ContextVar[_Step | None] = ContextVar("step", default=None)


def expect(total: int) -> None:
    """Say how much there is to do in the step that is under way, once that is known."""
    step = _step.get()
    if step is not None:
        step.expect(total)


@contextmanager
def step(name: str, total: int | None = None, unit: str = "") -> Iterator[Advance]:
    """Show one step; the yielded function takes how many units are done since its last call."""
    shown = _Step(name, unit)
    if total is not None:
        shown.expect(total)
    token = _step.set(shown)
    try:
        yield shown.advance
    finally:
        _step.reset(token)
    shown.end()


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
