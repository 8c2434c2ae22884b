"""One transaction that makes the night's marts what readers see.

dbt builds the night's marts in schema build. Publishing is data, not DDL: one transaction closes
what changed or vanished, inserts what is new and moves the single row of ops.current_publication,
so readers never wait and never see two runs mixed.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import psycopg

from warehouse.db import Warehouse
from warehouse.publishing.declared import Mart
from warehouse.publishing.errors import PublishRefusedError
from warehouse.publishing.gates import coverage_losses, failed_gates
from warehouse.publishing.publications import (
    Publication,
    current_run,
    oldest_kept,
    publication_of,
    record,
)
from warehouse.publishing.shape import bring_to_shape, check_shape
from warehouse.publishing.store import (
    apply,
    audit,
    content_sha,
    count_changes,
    forget_versions,
    stage_rows,
)
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
) -> Publication:
    """Audit the built marts and make them the current publication, whole or not at all.

    A run that has published answers with what it did: its first attempt may have lost the
    connection after the commit. `forced_reason` overrides the gates and is kept with what they
    found; `hold` keeps the right to write, or raises where it is lost. Raises PublishRefusedError
    for a duplicate or null key, a mart that must not be empty, a shape that is not the store's, or
    a gate that is not passed.
    """
    with psycopg.connect(warehouse.psycopg_dsn()) as connection:
        done = publication_of(connection, run_id)
        if done is not None:
            return done
        if hold is not None:
            hold(connection)
        # All audits come before the first change, so that a refused night adds no column either.
        for mart in marts:
            check_shape(connection, mart)
            audit(connection, mart)
        losses = coverage_losses(connection, current_run(connection))
        overridden = _pass_gates(connection, run_id, as_of, forced_reason)
        connection.commit()
        bring_to_shape(connection, marts)
        with connection.transaction():
            if hold is not None:
                hold(connection)
            current = current_run(connection)
            changed = 0
            counts: dict[str, int] = {}
            digest = hashlib.sha256()
            for mart in marts:
                counts[mart.name] = stage_rows(connection, mart)
                digest.update(f"{mart.name}:{content_sha(connection, mart)}\n".encode())
                changed += count_changes(connection, mart, current)
                apply(connection, mart, run_id, current)
            done = Publication(run_id, digest.hexdigest(), counts, changed, current, tuple(losses))
            record(connection, done, as_of, manifest_hash, git_revision, overridden, timings or {})
            forget_versions(connection, marts, oldest_kept(connection))
    return done


def _pass_gates(
    connection: psycopg.Connection[Any], run_id: int, as_of: date, forced_reason: str | None
) -> str | None:
    """Refuse a night that got worse; say what was overridden and why when it is forced."""
    failures = failed_gates(connection, run_id, as_of, current_run(connection))
    if not failures:
        return None
    found = "; ".join(map(str, failures))
    if forced_reason is None:
        raise PublishRefusedError(
            f"{found}; look at it, and if it is right publish with corpintel publish --force REASON"
        )
    return f"{forced_reason} [{found}]"
