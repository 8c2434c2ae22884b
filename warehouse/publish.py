"""Write-audit-publish: the versioned store behind the views of schema marts.

dbt builds the night's marts in schema build. A row of published.<mart> is visible in the runs
[valid_from_run, valid_to_run). Publishing is data, not DDL: one transaction closes what changed or
vanished, inserts what is new and moves the single row of ops.current_publication, so readers never
wait and never see two runs mixed.
"""

import hashlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from warehouse.db import SEARCHED_CHARACTERS, Warehouse
from warehouse.faces import ensure_faces
from warehouse.gates import coverage_losses, failed_gates
from warehouse.writer import Hold

OPEN_END = 2**63 - 1
KEPT_PUBLICATIONS = 30
_VERSION_COLUMNS = ("row_sha", "valid_from_run", "valid_to_run")


class PublishRefusedError(RuntimeError):
    """An audit that failed: the marts stay on the last good night."""


# How long a reader may wait for a view that changes, and how long a change may be tried.
READERS_WAIT_MS = 50
RESHAPE_SECONDS = 120.0
RESHAPE_PAUSE_SECONDS = 0.5


@dataclass(frozen=True)
class Mart:
    """A mart as dbt declares it: columns map to descriptions; `key` is unique and not null.

    One that keeps its history can be asked as of any publication, the others of the kept ones.
    """

    name: str
    description: str
    key: tuple[str, ...]
    columns: Mapping[str, str]
    may_be_empty: bool = False
    keeps_history: bool = False
    not_hashed: tuple[str, ...] = ()
    searched: str | None = None


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


def marts_from_manifest(manifest: Mapping[str, Any]) -> list[Mart]:
    """Read the published marts from a dbt manifest: every model of schema build.

    A model's `config.meta` names its `key`, and may say `may_be_empty`, `keeps_history`,
    `not_hashed` and `searched`, a column of text to be found by its words.
    """
    marts = []
    for node in manifest["nodes"].values():
        if node["resource_type"] != "model" or node["schema"] != "build":
            continue
        meta = node["config"]["meta"]
        marts.append(
            Mart(
                name=node["name"],
                description=node["description"].strip(),
                key=tuple(meta["key"]),
                columns={
                    name: column["description"].strip() for name, column in node["columns"].items()
                },
                may_be_empty=bool(meta.get("may_be_empty", False)),
                keeps_history=bool(meta.get("keeps_history", False)),
                not_hashed=tuple(meta.get("not_hashed", ())),
                searched=meta.get("searched"),
            )
        )
    return sorted(marts, key=lambda mart: mart.name)


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
        done = _publication_of(connection, run_id)
        if done is not None:
            return done
        if hold is not None:
            hold(connection)
        # All audits come before the first change, so that a refused night adds no column either.
        for mart in marts:
            _check_shape(connection, mart)
            _audit(connection, mart)
        losses = coverage_losses(connection, _current_run(connection))
        overridden = _pass_gates(connection, run_id, as_of, forced_reason)
        connection.commit()
        _bring_to_shape(connection, marts)
        with connection.transaction():
            if hold is not None:
                hold(connection)
            current = _current_run(connection)
            changed = 0
            counts: dict[str, int] = {}
            digest = hashlib.sha256()
            for mart in marts:
                counts[mart.name] = _stage_rows(connection, mart)
                digest.update(f"{mart.name}:{_content_sha(connection, mart)}\n".encode())
                changed += _count_changes(connection, mart, current)
                _apply(connection, mart, run_id, current)
            content_hash = digest.hexdigest()
            connection.execute(
                """
                insert into ops.publications (
                    run_id, published_at, as_of, content_hash, git_revision, dbt_manifest_hash,
                    row_counts, rows_changed, previous_run_id, forced_reason, timings
                )
                values (%s, clock_timestamp(), %s, %s, %s, %s, %s, %s, %s, %s, %s)
                """,
                (
                    run_id,
                    as_of,
                    content_hash,
                    git_revision,
                    manifest_hash,
                    Jsonb(counts),
                    changed,
                    current,
                    overridden,
                    Jsonb(dict(timings or {})),
                ),
            )
            connection.execute(
                "insert into ops.current_publication (run_id) values (%s)"
                " on conflict (is_singleton) do update set run_id = excluded.run_id",
                (run_id,),
            )
            _forget_old_versions(connection, marts)
    return Publication(run_id, content_hash, counts, changed, current, tuple(losses))


def move_readers(warehouse: Warehouse, run_id: int | None, hold: Hold) -> tuple[int, int]:
    """Let readers see an earlier or later publication; return the run they saw and the new one.

    Without a run it is the publication that the current one replaced. Moves one row, so readers
    wait for nothing. Raises PublishRefusedError where that publication is not kept whole.
    """
    with psycopg.connect(warehouse.psycopg_dsn()) as connection, connection.transaction():
        hold(connection)
        current = _current_run(connection)
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


def _pass_gates(
    connection: psycopg.Connection[Any], run_id: int, as_of: date, forced_reason: str | None
) -> str | None:
    """Refuse a night that got worse; say what was overridden and why when it is forced."""
    failures = failed_gates(connection, run_id, as_of, _current_run(connection))
    if not failures:
        return None
    found = "; ".join(map(str, failures))
    if forced_reason is None:
        raise PublishRefusedError(
            f"{found}; look at it, and if it is right publish with corpintel publish --force REASON"
        )
    return f"{forced_reason} [{found}]"


def _publication_of(connection: psycopg.Connection[Any], run_id: int) -> Publication | None:
    row = connection.execute(
        "select run_id, content_hash, row_counts, rows_changed, previous_run_id"
        " from ops.publications where run_id = %s",
        (run_id,),
    ).fetchone()
    return Publication(*row) if row else None


def _current_run(connection: psycopg.Connection[Any]) -> int | None:
    row = connection.execute("select run_id from ops.current_publication").fetchone()
    return row[0] if row else None


def _columns(connection: psycopg.Connection[Any], schema: str, name: str) -> dict[str, str]:
    rows = connection.execute(
        """
        select attname, format_type(atttypid, atttypmod)
        from pg_attribute
        where attrelid = to_regclass(%s) and attnum > 0 and not attisdropped
        order by attnum
        """,
        (f"{schema}.{name}",),
    ).fetchall()
    return dict(rows)


def _check_shape(connection: psycopg.Connection[Any], mart: Mart) -> None:
    """Refuse a built table whose columns the store cannot take; it can take new ones."""
    built = _columns(connection, "build", mart.name)
    if not built:
        raise PublishRefusedError(f"build.{mart.name} was not built")
    stored = _columns(connection, "published", mart.name)
    for name, kind in built.items():
        if stored.get(name, kind) != kind:
            raise PublishRefusedError(
                f"{mart.name}.{name} is {stored[name]} in the store and {kind} in the build; "
                "a change of type needs a migration of published."
                f"{mart.name}"
            )
    gone = set(stored) - set(built) - set(_VERSION_COLUMNS)
    if gone:
        raise PublishRefusedError(
            f"{mart.name} lost {', '.join(sorted(gone))}; a dropped column needs a migration of "
            f"published.{mart.name} and its view"
        )


def _bring_to_shape(connection: psycopg.Connection[Any], marts: Sequence[Mart]) -> None:
    """Give store, views and faces the built columns; most nights there is nothing to do.

    A changed view needs a lock that excludes its readers, and a waiting lock makes new readers wait
    behind it: so it is asked for in short moments, until an idle reader lets it through.
    """
    deadline = time.monotonic() + RESHAPE_SECONDS
    while True:
        try:
            with connection.transaction():
                connection.execute(f"set local lock_timeout = '{READERS_WAIT_MS}ms'")
                for mart in marts:
                    _ensure_shape(connection, mart)
                    _describe(connection, mart)
                ensure_faces(
                    connection,
                    {mart.name: list(_columns(connection, "marts", mart.name)) for mart in marts},
                )
        except psycopg.errors.LockNotAvailable:
            if time.monotonic() > deadline:
                raise PublishRefusedError(
                    "a mart has new columns and its view is in use by a transaction that does not "
                    "end; look for the oldest xact_start in pg_stat_activity"
                ) from None
            time.sleep(RESHAPE_PAUSE_SECONDS)
        else:
            return


def _ensure_shape(connection: psycopg.Connection[Any], mart: Mart) -> None:
    """Bring store and view to the built table's columns."""
    built = _columns(connection, "build", mart.name)
    stored = _columns(connection, "published", mart.name)
    store = sql.Identifier("published", mart.name)
    if not stored:
        connection.execute(
            sql.SQL(
                "create table {store} (like {build}, row_sha uuid not null,"
                " valid_from_run bigint not null, valid_to_run bigint not null)"
            ).format(store=store, build=sql.Identifier("build", mart.name))
        )
        for columns in (("valid_to_run", "row_sha"), mart.key):
            connection.execute(
                sql.SQL("create index on {} ({})").format(
                    store, sql.SQL(", ").join(map(sql.Identifier, columns))
                )
            )
        if mart.searched is not None:
            connection.execute(
                sql.SQL(
                    "create index on {} using gin (to_tsvector('english', left({}, {})))"
                ).format(store, sql.Identifier(mart.searched), sql.Literal(SEARCHED_CHARACTERS))
            )
    for name, kind in built.items():
        if stored and name not in stored:
            connection.execute(
                sql.SQL("alter table {} add column {} {}").format(
                    store,
                    sql.Identifier(name),
                    sql.SQL(kind),  # from pg_attribute, not input
                )
            )
    if set(_columns(connection, "marts", mart.name)) != set(built):
        _create_view(connection, mart, list(built))


def _create_view(connection: psycopg.Connection[Any], mart: Mart, built: list[str]) -> None:
    # PostgreSQL lets a replaced view only gain columns at its end.
    existing = list(_columns(connection, "marts", mart.name))
    ordered = existing + [name for name in built if name not in existing]
    connection.execute(
        sql.SQL(
            """
            create or replace view {view} as
            select {columns} from {store}
            where valid_from_run <= (select run_id from ops.current_publication)
                and valid_to_run > (select run_id from ops.current_publication)
            """
        ).format(
            view=sql.Identifier("marts", mart.name),
            store=sql.Identifier("published", mart.name),
            columns=sql.SQL(", ").join(map(sql.Identifier, ordered)),
        )
    )
    view = sql.Identifier("marts", mart.name)
    connection.execute(sql.SQL("grant select on {} to corpintel_reader").format(view))


def _describe(connection: psycopg.Connection[Any], mart: Mart) -> None:
    """Bring the comments of view and columns to the declared descriptions."""
    view = sql.Identifier("marts", mart.name)
    rows = connection.execute(
        """
        select attname, col_description(attrelid, attnum) from pg_attribute
        where attrelid = to_regclass(%(view)s) and attnum > 0
        union all
        select '', obj_description(to_regclass(%(view)s), 'pg_class')
        """,
        {"view": f"marts.{mart.name}"},
    ).fetchall()
    known = dict(rows)
    if known[""] != mart.description:
        connection.execute(
            sql.SQL("comment on view {} is {}").format(view, sql.Literal(mart.description))
        )
    for name, description in mart.columns.items():
        if known[name] != description:
            connection.execute(
                sql.SQL("comment on column {} is {}").format(
                    sql.Identifier("marts", mart.name, name), sql.Literal(description)
                )
            )


def _stage_rows(connection: psycopg.Connection[Any], mart: Mart) -> int:
    """Copy the built rows into a temporary table with their hash; return how many."""
    # The store's column order, which after an added column may differ from the build's.
    columns = [n for n in _columns(connection, "published", mart.name) if n not in _VERSION_COLUMNS]
    cursor = connection.execute(
        sql.SQL(
            "create temporary table {} on commit drop as"
            " select {columns}, md5(row({columns})::text)::uuid as row_sha from {}"
        ).format(
            sql.Identifier(f"night_{mart.name}"),
            sql.Identifier("build", mart.name),
            columns=sql.SQL(", ").join(map(sql.Identifier, columns)),
        )
    )
    connection.execute(sql.SQL("analyze {}").format(sql.Identifier(f"night_{mart.name}")))
    return cursor.rowcount


def _audit(connection: psycopg.Connection[Any], mart: Mart) -> None:
    """Refuse a built table without rows, or with a key that is null or there twice."""
    key = [sql.Identifier(name) for name in mart.key]
    found = connection.execute(
        sql.SQL(
            "select count(*) - count(distinct row({key})), count(*) filter (where {nulls}),"
            " count(*) from {build}"
        ).format(
            key=sql.SQL(", ").join(key),
            nulls=sql.SQL(" or ").join(sql.SQL("{} is null").format(name) for name in key),
            build=sql.Identifier("build", mart.name),
        )
    ).fetchone()
    assert found is not None
    if not found[2] and not mart.may_be_empty:
        raise PublishRefusedError(f"{mart.name} is empty")
    if found[0] or found[1]:
        raise PublishRefusedError(
            f"{mart.name}: {found[0]} duplicate and {found[1]} null keys in ({', '.join(mart.key)})"
        )


def _content_sha(connection: psycopg.Connection[Any], mart: Mart) -> str:
    """sha256 over the mart's sorted, typed rows, without columns that tell of the load."""
    columns = [
        name
        for name in sorted(_columns(connection, "build", mart.name))
        if name not in mart.not_hashed
    ]
    row = connection.execute(
        sql.SQL(
            """
            select encode(sha256(convert_to(
                coalesce(string_agg(line, E'\\n' order by line collate "C"), ''), 'UTF8'
            )), 'hex')
            from (
                select encode(sha256(convert_to(row({columns})::text, 'UTF8')), 'hex') as line
                from {night}
            ) rows_of_the_night
            """
        ).format(
            columns=sql.SQL(", ").join(map(sql.Identifier, columns)),
            night=sql.Identifier(f"night_{mart.name}"),
        )
    ).fetchone()
    assert row is not None
    return f"{','.join(columns)}:{row[0]}"


def _count_changes(connection: psycopg.Connection[Any], mart: Mart, current: int | None) -> int:
    """Rows that readers of the current run will lose, and rows that they will get."""
    row = connection.execute(
        sql.SQL(
            """
            select count(*)
            from (
                select row_sha from {store}
                where valid_from_run <= %(current)s and valid_to_run > %(current)s
            ) p
            full join {night} n using (row_sha)
            where p.row_sha is null or n.row_sha is null
            """
        ).format(
            store=sql.Identifier("published", mart.name),
            night=sql.Identifier(f"night_{mart.name}"),
        ),
        {"current": current},
    ).fetchone()
    assert row is not None
    return int(row[0])


def _apply(
    connection: psycopg.Connection[Any], mart: Mart, run_id: int, current: int | None
) -> None:
    """Close and insert row versions.

    A row is kept when it is open, visible in the current run and built again unchanged. All other
    open rows are closed, rows of runs abandoned by a rollback among them.
    """
    names = {
        "store": sql.Identifier("published", mart.name),
        "night": sql.Identifier(f"night_{mart.name}"),
    }
    parameters = {"run": run_id, "current": current, "open_end": OPEN_END}
    connection.execute(
        sql.SQL(
            """
            update {store} p set valid_to_run = %(run)s
            where p.valid_to_run = %(open_end)s
                and (
                    p.valid_from_run <= %(current)s
                    and exists (select from {night} n where n.row_sha = p.row_sha)
                ) is not true
            """
        ).format(**names),
        parameters,
    )
    columns = [n for n in _columns(connection, "published", mart.name) if n not in _VERSION_COLUMNS]
    connection.execute(
        sql.SQL(
            """
            insert into {store} ({columns}, row_sha, valid_from_run, valid_to_run)
            select {columns}, row_sha, %(run)s, %(open_end)s from {night} n
            where not exists (
                select from {store} p
                where p.row_sha = n.row_sha and p.valid_to_run = %(open_end)s
            )
            """
        ).format(**names, columns=sql.SQL(", ").join(map(sql.Identifier, columns))),
        parameters,
    )


def _forget_old_versions(connection: psycopg.Connection[Any], marts: Sequence[Mart]) -> None:
    """Drop row versions that no kept publication shows."""
    row = connection.execute(
        "select run_id from ops.publications order by run_id desc offset %s limit 1",
        (KEPT_PUBLICATIONS - 1,),
    ).fetchone()
    if row is None:
        return
    for mart in marts:
        if mart.keeps_history:
            continue
        connection.execute(
            sql.SQL("delete from {} where valid_to_run <= %s").format(
                sql.Identifier("published", mart.name)
            ),
            (row[0],),
        )
