"""The runs of a warehouse, for operators: how each ended and what came of it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import psycopg

from warehouse.read.connection import fetch


@dataclass(frozen=True)
class Past:
    """A run; what it built and changed is None where it never came so far."""

    run_id: int
    flow: str | None
    data_kind: str
    as_of: date
    status: str
    started_at: datetime
    seconds: float | None
    companies_built: int | None
    rows_changed: int | None
    companies_held_back: int | None
    warnings: list[str] | None
    detail: str | None
    is_current: bool

    @property
    def ended_as(self) -> str:
        """Its end in words; the current one is what readers see."""
        if self.is_current:
            return "current"
        return f"{self.status}, warned" if self.warnings else self.status


def past_runs(
    connection: psycopg.Connection[Any], most: int, *, only_failed: bool = False
) -> list[Past]:
    """The newest runs first."""
    return fetch(
        connection,
        Past,
        "select {columns} from ops.nights where not %(only_failed)s or status = 'failed'"
        " order by run_id desc limit %(most)s",
        most=most,
        only_failed=only_failed,
    )


@dataclass(frozen=True)
class AskedSource:
    """What a source answered in a run; counts are of subjects, `why` is its first refusal."""

    source: str
    answered: int
    unanswered: int
    refused: int
    drifted: int
    why: str | None


def asked_sources(connection: psycopg.Connection[Any], run_id: int) -> list[AskedSource]:
    """The sources that were asked in a run, by name."""
    return fetch(
        connection,
        AskedSource,
        "select {columns} from ops.source_nights where run_id = %(run_id)s order by source",
        run_id=run_id,
    )
