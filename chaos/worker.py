"""A night in a process of its own, which says after each step that the step is done.

The steps are those of a night without Prefect's tasks around them: what Prefect adds is run by the
drills that use the command itself.
"""

import os
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from multiprocessing.connection import Connection
from pathlib import Path

# Imported here for all nights: the process that they are forked from pays for it once.
import dbt.cli.main  # noqa: F401
import great_expectations  # noqa: F401

from chaos.payloads import load_corrupt, refuse_on_the_wire
from flows.night.open import open_night
from flows.night.plan import DataKind
from flows.sources import SOURCES, WAVES
from flows.steps import build, gate, publication
from flows.steps.collect import collect
from warehouse.writer import NightRefusedError

STEPS = ("prepare", "collect", "load", "build", "check", "publish", "close")
PUBLISHED, REFUSED = 0, 3


@dataclass(frozen=True)
class Errand:
    """What a night is asked to do, and the variables it finds."""

    data: DataKind
    tickers: tuple[str, ...]
    as_of: date | None
    log: Path
    threads: int = 4
    variables: dict[str, str] = field(default_factory=dict)
    # Corrupt answers are loaded in place of the sources', and nothing is published.
    is_corrupt: bool = False
    seed: int = 0


def run(errand: Errand, boundary: Connection) -> None:
    """Run the night; at the end of each step wait until the other side answers."""
    descriptor = os.open(errand.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    for name in [name for name in os.environ if name.startswith("CORPINTEL_")]:
        del os.environ[name]
    os.environ.update(errand.variables)

    def done(step: str) -> None:
        boundary.send(step)
        boundary.recv()

    try:
        (_corrupt if errand.is_corrupt else _night)(errand, done)
    except NightRefusedError as refused:
        print(refused, file=sys.stderr)
        sys.exit(REFUSED)


def _night(errand: Errand, done: Callable[[str], None]) -> None:
    with open_night(errand.data, errand.tickers, errand.as_of) as night:
        done("prepare")
        for number, names in enumerate(WAVES):
            with ThreadPoolExecutor(len(names)) as pool:
                loads = list(pool.map(lambda name: collect(night, SOURCES[name], _quiet), names))
            # The blows fall on the first wave, whose rows the marts of a drill are made of.
            if number == 0:
                done("collect")
            gate.load_all(night, loads)
            if number == 0:
                done("load")
        dbt = build.dbt_of(night, threads=errand.threads)
        build.build_models(night, _quiet, dbt=dbt)
        done("build")
        build.compare_companies(night, _quiet)
        done("check")
        publication.publish_marts(night)
        done("publish")
    done("close")


def _corrupt(errand: Errand, done: Callable[[str], None]) -> None:
    with open_night(errand.data, errand.tickers, errand.as_of) as night:
        done("prepare")
        refuse_on_the_wire(night, errand.seed)
        load_corrupt(night, errand.seed)
        done("load")


def _quiet(_count: int) -> None:
    """Nobody watches."""
