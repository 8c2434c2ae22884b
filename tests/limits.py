"""How long tests wait: the seconds of an idle machine, scaled to this one and its load.

A limit here only ends a test that would hang; what must hold against the clock is a benchmark in
`tests/bench`. CORPINTEL_TEST_PATIENCE gives the factor in place of the measured one.
"""

import functools
import hashlib
import os
import time
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")

# What the piece of work below takes on the machine for which the seconds were chosen.
_USUAL_SECONDS = 0.08
_PIECE = b"corpintel" * 100_000
_TIMES = 150


def seconds(idle: float) -> float:
    """The time to allow for what is done within `idle` seconds where nothing else runs."""
    given = os.environ.get("CORPINTEL_TEST_PATIENCE")
    if given:
        return idle * float(given)
    busy, _, _ = os.getloadavg()
    return idle * _slowness() * max(1.0, 2 * busy / (os.cpu_count() or 1))


@functools.cache
def _slowness() -> float:
    """How much more time of a core than usual a piece of work takes here, measured once."""
    started = time.process_time()
    for _ in range(_TIMES):
        hashlib.sha256(_PIECE).digest()
    return max(1.0, (time.process_time() - started) / _USUAL_SECONDS)


def wait_for(look: Callable[[], Found | None], idle: float, what: str) -> Found:
    """Look again and again until something true is found; AssertionError when it is too late."""
    deadline = time.monotonic() + seconds(idle)
    while not (found := look()):
        assert time.monotonic() < deadline, f"waited in vain: {what}"
        time.sleep(0.05)
    return found
