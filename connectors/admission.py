"""A place within the quotas and rate limits that all processes of a warehouse share."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from connectors.errors import QuotaSpentError

_LONGEST_SLEEP = 5.0


class Limits(Protocol):
    """The quotas and rate limits that all processes of a warehouse share."""

    def wait(self, source: str, units: int) -> float:
        """Seconds until the source's quota has so many units; 0 when it has."""

    def ask(self, source: str, units: int) -> tuple[int | None, float]:
        """Draw the units and return (ticket, 0.0), or (None, the seconds to wait)."""

    def leave(self, ticket: int) -> None:
        """The request of that ticket has been answered, or never will be."""


@contextmanager
def admitted(
    limits: Limits, source: str, units: int, patience: float
) -> Iterator[Callable[[], None]]:
    """A place within the limits, given up once: when the answer begins, or when none will.

    Raises QuotaSpentError where it would be waited for longer than `patience` seconds.
    """
    ticket, wait = limits.ask(source, units)
    while ticket is None:
        check_quota(source, wait, patience)
        time.sleep(min(wait, _LONGEST_SLEEP))
        ticket, wait = limits.ask(source, units)
    held = ticket
    is_held = True

    def answered() -> None:
        nonlocal is_held
        if is_held:
            is_held = False
            limits.leave(held)

    try:
        yield answered
    finally:
        answered()


def check_quota(source: str, wait: float, patience: float) -> None:
    """Raise QuotaSpentError where the quota is free again only after more than `patience`."""
    if wait > patience:
        raise QuotaSpentError(
            source,
            "the quota is spent",
            f"free again in {wait / 3600:.1f} hours",
            "what is left out is asked first another night",
        )
