"""Publications: what was published, which of them readers see, and moving them to another."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from warehouse.db import Warehouse
from warehouse.publishing.errors import PublishRefusedError
from warehouse.writer import Hold

KEPT_PUBLICATIONS = 30


@dataclass(frozen=True)
class Publication:
    """What one publication did; counts are rows per mart.

    `coverage_losses` names companies and lines with fewer sound cells than the night before.
    """

    run_id: int
    content_hash: str
    row_counts: dict[str, int]
    rows_changed: int
    previous_run_id: int | None
    coverage_losses: tuple[str, ...] = ()


def move_readers(warehouse: Warehouse, run_id: int | None, hold: Hold) -> tuple[int, int]:
    """Let readers see an earlier or later publication; return the run they saw and the new one.

    Without a run it is the publication that the current one replaced. Moves one row, so readers
    wait for nothing. Raises PublishRefusedError where that publication is not kept whole.
    """
    with psycopg.connect(warehouse.psycopg_dsn()) as connection, connection.transaction():
        hold(connection)
        current = current_run(connection)
        if current is None:
            raise PublishRefusedError("nothing is published yet, so there is nothing to go back to")
        if run_id is None:
            row = connection.execute(
                "select previous_run_id from ops.publications where run_id = %s", (current,)
            ).fetchone()
            run_id = row[0] if row else None
        kept = connection.execute(
            "select run_id from ops.publications order by run_id desc limit %s",
            (KEPT_PUBLICATIONS,),
        ).fetchall()
        if run_id is None or (run_id,) not in kept:
            asked = f"run {run_id}" if run_id is not None else f"what run {current} replaced"
            raise PublishRefusedError(
                f"{asked} is not among the {len(kept)} kept publications; corpintel publish list "
                "shows them"
            )
        connection.execute("update ops.current_publication set run_id = %s", (run_id,))
    return current, run_id


def record(
    connection: psycopg.Connection[Any],
    publication: Publication,
    as_of: date,
    manifest_hash: str,
    git_revision: str | None,
    forced_reason: str | None,
    timings: Mapping[str, float],
) -> None:
    """Write down the publication and let readers see its run, in the caller's transaction."""
    connection.execute(
        """
        insert into ops.publications (
            run_id, published_at, as_of, content_hash, git_revision, dbt_manifest_hash,
            row_counts, rows_changed, previous_run_id, forced_reason, timings
        )
        values (%s, clock_timestamp(), %s, %s, %s, %s, %s, %s, %s, %s, %s)
        """,
        (
            publication.run_id,
            as_of,
            publication.content_hash,
            git_revision,
            manifest_hash,
            Jsonb(publication.row_counts),
            publication.rows_changed,
            publication.previous_run_id,
            forced_reason,
            Jsonb(dict(timings)),
        ),
    )
    connection.execute(
        "insert into ops.current_publication (run_id) values (%s)"
        " on conflict (is_singleton) do update set run_id = excluded.run_id",
        (publication.run_id,),
    )


def publication_of(connection: psycopg.Connection[Any], run_id: int) -> Publication | None:
    """What that run published; None where it did not."""
    row = connection.execute(
        "select run_id, content_hash, row_counts, rows_changed, previous_run_id"
        " from ops.publications where run_id = %s",
        (run_id,),
    ).fetchone()
    return Publication(*row) if row else None


def current_run(connection: psycopg.Connection[Any]) -> int | None:
    """The run that readers see; None before the first publication."""
    row = connection.execute("select run_id from ops.current_publication").fetchone()
    return row[0] if row else None


def last_run(connection: psycopg.Connection[Any]) -> int | None:
    """The newest run that published, whether readers see it or not."""
    row = connection.execute("select max(run_id) from ops.publications").fetchone()
    return row[0] if row else None


def oldest_kept(connection: psycopg.Connection[Any]) -> int | None:
    """The oldest run that readers can go back to; None while none is too many."""
    row = connection.execute(
        "select run_id from ops.publications order by run_id desc offset %s limit 1",
        (KEPT_PUBLICATIONS - 1,),
    ).fetchone()
    return row[0] if row else None
