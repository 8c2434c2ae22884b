"""One transaction that makes the night's rows what readers see.

dbt builds in schema build, batch by batch; the rows of each batch are kept in the store under the
night's run, where no reader sees them. Publishing is data, not DDL: one transaction keeps the
marts over all companies, records the publication and moves the single row of
ops.current_publication, so readers never wait and never see two runs mixed.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import psycopg

from warehouse.db import Warehouse
from warehouse.publishing.declared import OPEN_END, Mart
from warehouse.publishing.errors import PublishRefusedError
from warehouse.publishing.publications import (
    Publication,
    current_run,
    last_run,
    oldest_kept,
    publication_of,
    record,
)
from warehouse.publishing.shape import bring_to_shape, ensure_store, gone_columns, narrow
from warehouse.publishing.store import (
    audit,
    content_sha,
    forget_versions,
    keep_rows,
    take_back,
)
from warehouse.publishing.views import meet
from warehouse.writer import Hold


def publish(
    warehouse: Warehouse,
    run_id: int,
    as_of: date,
    marts: Sequence[Mart],
    manifest_hash: str,
    git_revision: str | None,
    forced_reason: str | None = None,
    hold: Hold | None = None,
    timings: Mapping[str, float] | None = None,
    losses: Sequence[str] = (),
    notice_days: int = 7,
) -> Publication:
    """Make what was kept, and the marts over all companies, the current publication.

    A run that has published answers with what it did: its first attempt may have lost the
    connection after the commit. `forced_reason` says which gates were overridden and why; `hold`
    keeps the right to write, or raises where it is lost. Raises PublishRefusedError for a duplicate
    or null key, a mart that must not be empty, a shape that is not the store's, and while views of
    others that read a column which goes have notice, `notice_days` from when it was first met.
    """
    whole = [mart for mart in marts if not mart.by_company]
    with psycopg.connect(warehouse.psycopg_dsn()) as connection:
        done = publication_of(connection, run_id)
        if done is not None:
            return done
        if hold is not None:
            hold(connection)
        for mart in whole:
            ensure_store(connection, mart)
            audit(connection, mart)
        connection.commit()
        gone = gone_columns(connection, marts)
        meet(connection, gone, notice_days)
        bring_to_shape(connection, marts)
        with connection.transaction():
            if hold is not None:
                hold(connection)
            current, last = current_run(connection), last_run(connection)
            if current != last:
                # Readers were moved back: what they have is what these rows are compared with.
                take_back(connection, whole, None, current, last, run_id)
            counts, digests, changed = _of_companies(connection, marts)
            for mart in whole:
                kept = keep_rows(connection, mart, run_id)
                if mart.is_internal:
                    continue
                counts[mart.name] = kept.rows
                changed += kept.closed + kept.opened
                digests.append(f"{mart.name}:{content_sha(connection, mart)}")
            _require_rows(marts, counts)
            digest = hashlib.sha256("\n".join([*digests, ""]).encode()).hexdigest()
            done = Publication(run_id, digest, counts, changed, current, tuple(losses))
            record(
                connection, done, as_of, manifest_hash, git_revision, forced_reason, timings or {}
            )
            if len(whole) < len(marts):
                _close_changes(connection)
            forget_versions(connection, marts, oldest_kept(connection))
            narrow(connection, marts, gone)
    return done


def _of_companies(
    connection: psycopg.Connection[Any], marts: Sequence[Mart]
) -> tuple[dict[str, int], list[str], int]:
    """Rows by mart, a line for each company's digest, and how many rows the night changed."""
    shown = [mart.name for mart in marts if mart.by_company and not mart.is_internal]
    counts = dict.fromkeys(shown, 0)
    if not shown:
        return counts, [], 0
    rows = connection.execute(
        "select mart, sum(row_count)::bigint from ops.company_digests"
        " where valid_to_run = %s and mart = any(%s) group by mart",
        (OPEN_END, shown),
    ).fetchall()
    counts.update(rows)
    digests = connection.execute(
        """
        select company_id || ':' || encode(sha256(convert_to(
            string_agg(mart || ':' || digest, E'\\n' order by mart collate "C"), 'UTF8'
        )), 'hex')
        from ops.company_digests
        where valid_to_run = %s and mart = any(%s)
        group by company_id order by company_id collate "C"
        """,
        (OPEN_END, shown),
    ).fetchall()
    changed = connection.execute(
        "select coalesce(sum(rows_changed), 0)::bigint from ops.built_companies"
    ).fetchone()
    assert changed is not None
    return counts, [row[0] for row in digests], int(changed[0])


def _require_rows(marts: Sequence[Mart], counts: Mapping[str, int]) -> None:
    for mart in marts:
        if not mart.is_internal and not counts[mart.name] and not mart.may_be_empty:
            raise PublishRefusedError(f"{mart.name} is empty")


def _close_changes(connection: psycopg.Connection[Any]) -> None:
    """What was built is published; a company that is held back stays on the list."""
    connection.execute(
        "delete from ops.changed_companies c"
        " where not exists (select from ops.held_back h where h.company_id = c.company_id)"
    )
    connection.execute("delete from ops.built_companies")
