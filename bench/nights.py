"""Nights by how many companies there are: the first publication, everyone again, and quieter ones.

An ordinary night is one in which one filer in a hundred files, every company has a close and two
currencies a rate. The start of the process is not counted, nor is the loading.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from bench import clones
from bench.machine import bytes_by_schema, peak_memory
from connectors.sample import SAMPLE_AS_OF
from flows.night.open import open_night
from flows.steps import build, publication

# The models that cost most are named, so many of them.
SLOWEST = 12


@dataclass
class Nights:
    """What nights of so many filers cost, in seconds, MiB and bytes; None was not measured."""

    filers: int
    first: float
    everyone: float | None = None
    unchanged: float | None = None
    filed: float | None = None
    ordinary: float | None = None
    peak_mib: float = 0.0
    bytes_by_schema: dict[str, int] = field(default_factory=dict)
    slowest_models: dict[str, float] = field(default_factory=dict)


def measure(count: int, folder: Path | None, only_first: bool) -> Nights:
    """Measure the nights of a new home with so many filers."""
    with clones.home() as (path, warehouse), _at_home(path):
        clones.fill(warehouse, count, folder)
        server = int((path / "postgres" / "pgdata" / "postmaster.pid").read_text().split()[0])
        models: dict[str, float] = {}
        with peak_memory(server) as most:
            measured = Nights(count, _night(models=models))
            if not only_first:
                measured.everyone = _night(everyone=True)
        slowest = sorted(models.items(), key=lambda model: -model[1])[:SLOWEST]
        measured.slowest_models = dict(slowest)
        measured.peak_mib = most[0]
        measured.bytes_by_schema = bytes_by_schema(warehouse)
        if only_first:
            return measured
        step = max(count // max(count // 100, 1), 1)
        measured.unchanged = _night()
        clones.file_again(warehouse, clones.clones(count)[::step])
        measured.filed = _night()
        clones.trade(warehouse, count, SAMPLE_AS_OF - timedelta(1))
        _night()  # the first close of each brings its market rows
        clones.file_again(warehouse, clones.clones(count)[1::step])
        clones.trade(warehouse, count, SAMPLE_AS_OF)
        measured.ordinary = _night()
    return measured


def _night(everyone: bool = False, models: dict[str, float] | None = None) -> float:
    """A night from what is loaded; the seconds from planning to publication."""
    with open_night("sample", (), SAMPLE_AS_OF) as opened:
        started = time.perf_counter()
        build.build_models(opened, _quiet, everyone=everyone)
        build.compare_companies(opened, _quiet)
        publication.publish_marts(opened)
        took = time.perf_counter() - started
        if models is not None:
            models.update(opened.built.result.seconds_of)
        return took


def _quiet(_count: int) -> None:
    """Nobody watches."""


@contextmanager
def _at_home(path: Path) -> Iterator[None]:
    """Let nights run in that home."""
    before = {name: os.environ.pop(name, None) for name in _SETTINGS}
    os.environ["CORPINTEL_HOME"] = str(path)
    try:
        yield
    finally:
        del os.environ["CORPINTEL_HOME"]
        os.environ.update({name: value for name, value in before.items() if value is not None})


# What would lead a night of a throw-away home to another warehouse.
_SETTINGS = ("CORPINTEL_HOME", "CORPINTEL_DATABASE_URL")
