"""Which publications there are, and which one readers see."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import psycopg

from warehouse.read.connection import fetch
from warehouse.read.errors import NothingPublishedError


@dataclass(frozen=True)
class Published:
    """A publication as marts.publications tells of it; `rows_changed` counts rows of marts.

    `dbt_manifest_hash` is of the models and seeds that were built.
    """

    run_id: int
    published_at: datetime
    as_of: date
    content_hash: str
    dbt_manifest_hash: str
    data_kind: str
    rows_changed: int
    is_current: bool
    forced_reason: str | None


def publications(connection: psycopg.Connection[Any], most: int = 30) -> list[Published]:
    """The newest publications, the newest first."""
    return fetch(
        connection,
        Published,
        "select {columns} from marts.publications order by run_id desc limit %(most)s",
        most=most,
    )


def current_publication(connection: psycopg.Connection[Any]) -> Published:
    """What readers see; NothingPublishedError where they see nothing."""
    found = fetch(
        connection, Published, "select {columns} from marts.publications where is_current"
    )
    if not found:
        raise NothingPublishedError(
            "nothing is published yet; run corpintel nightly --sample first"
        )
    return found[0]


@dataclass(frozen=True)
class Moved:
    """How many cells, of how many companies, a publication moved for one reason."""

    why: str
    cells: int
    companies: int


def moved_by_reason(connection: psycopg.Connection[Any], run_id: int) -> list[Moved]:
    """What a publication moved by why it did, the most first."""
    return fetch(
        connection,
        Moved,
        "select why, count(*) as cells, count(distinct company_id) as companies"
        " from marts.mart_run_changes where run_id = %(run_id)s group by why order by 2 desc, 1",
        run_id=run_id,
    )
