"""The night's own records: runs, outcomes, captures, validation results and the watchlist."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as pg_insert

from warehouse.db import Warehouse, has_table
from warehouse.tables import ops as tables
from warehouse.watchlist import Watchlist
from warehouse.writer import NightRefusedError


def require_data_kind(warehouse: Warehouse, data_kind: str) -> None:
    """Refuse to mix sample and live data; a new warehouse takes either."""
    with warehouse.engine.connect() as connection:
        found = connection.execute(select(tables.warehouse_identity.c.data_kind)).scalar()
    if found not in (None, data_kind):
        raise NightRefusedError(
            f"this warehouse holds {found} data and {data_kind} data never joins it; use another "
            "CORPINTEL_HOME or CORPINTEL_DATABASE_URL"
        )


def claim_data_kind(warehouse: Warehouse, data_kind: str) -> None:
    """Mark a new warehouse as sample or live; refuse the other kind for ever after."""
    with warehouse.engine.begin() as connection:
        connection.execute(
            pg_insert(tables.warehouse_identity)
            .values(data_kind=data_kind)
            .on_conflict_do_nothing()
        )
    require_data_kind(warehouse, data_kind)


def start_run(warehouse: Warehouse, data_kind: str, as_of: date, flow: str = "nightly") -> int:
    """Open a run; one that a killed night left running is closed as failed."""
    with warehouse.engine.begin() as connection:
        connection.execute(
            update(tables.runs)
            .where(tables.runs.c.status == "running")
            .values(status="failed", finished_at=func.clock_timestamp(), detail=CUT_SHORT[0])
        )
        run_id: int = connection.execute(
            insert(tables.runs)
            .values(
                data_kind=data_kind,
                as_of=as_of,
                flow=flow,
                started_at=func.clock_timestamp(),
            )
            .returning(tables.runs.c.run_id)
        ).scalar_one()
    return run_id


def last_loaded(warehouse: Warehouse) -> tuple[str, date] | None:
    """Kind of data and logical date of the last run; None where nothing has run.

    A replay is a run of an old day: what it loads joins what readers have, whose date is later.
    """
    with warehouse.engine.connect() as connection:
        if not has_table(connection, "ops.runs"):
            return None
        row = connection.execute(
            text(
                "select r.data_kind, greatest(r.as_of, (select p.as_of from ops.publications p"
                " join ops.current_publication c on c.run_id = p.run_id))"
                " from ops.runs r order by r.run_id desc limit 1"
            )
        ).first()
    return None if row is None else (row[0], row[1])


@dataclass(frozen=True)
class WarehouseState:
    """What a warehouse holds, for an operator; None where there is nothing of a kind yet.

    `last_run` is run, status, date and detail; `published` is run, date and content hash.
    """

    server_version: str
    has_schema: bool
    is_current: bool
    data_kind: str | None
    last_run: tuple[int, str, date, str] | None
    published: tuple[int, date, str] | None


def warehouse_state(warehouse: Warehouse) -> WarehouseState:
    """Look at a warehouse of any age, one without our schemas too."""
    with warehouse.engine.connect() as connection:
        version = connection.execute(text("show server_version")).scalar_one()
        if not has_table(connection, "ops.runs"):
            return WarehouseState(version, False, False, None, None, None)
        last_run = connection.execute(
            text(
                "select run_id, status, as_of, coalesce(detail, '') from ops.runs"
                " order by run_id desc limit 1"
            )
        ).first()
        published = connection.execute(
            text(
                "select run_id, as_of, content_hash from ops.publications"
                " join ops.current_publication using (run_id)"
            )
        ).first()
        return WarehouseState(
            server_version=version,
            has_schema=True,
            is_current=has_table(connection, "ops.breakers"),
            data_kind=connection.execute(
                text("select data_kind from ops.warehouse_identity")
            ).scalar(),
            last_run=None if last_run is None else tuple(last_run),
            published=None if published is None else tuple(published),
        )


# What a run's detail says where the night was cut short and refused by nobody.
CUT_SHORT = ("was killed", "was interrupted")


def unfinished_since(warehouse: Warehouse, data_kind: str, as_of: date) -> datetime | None:
    """When the attempts at this night began that were cut short; None where the last one was not.

    A night of another logical date ends the row of attempts, and so does one that was loaded,
    published or refused: what it had fetched may be why. So do twelve hours.
    """
    with warehouse.engine.connect() as connection:
        return connection.execute(
            text(
                """
                with attempts as (
                    select
                        run_id,
                        started_at,
                        data_kind = :kind and as_of = :as_of
                        and started_at > clock_timestamp() - interval '12 hours'
                        and (status = 'running' or coalesce(detail, '') = any(:cut_short))
                        as is_cut_short
                    from ops.runs
                )
                select min(started_at)
                from attempts
                where run_id > coalesce(
                    (select max(run_id) from attempts where not is_cut_short), 0
                )
                """
            ),
            {"kind": data_kind, "as_of": as_of, "cut_short": list(CUT_SHORT)},
        ).scalar()


def finish_run(
    warehouse: Warehouse,
    run_id: int,
    status: str,
    detail: str | None = None,
    timings: Mapping[str, float] | None = None,
    warnings: Sequence[str] = (),
) -> None:
    """Close a run with its status, per step the seconds it took, and what it warns of."""
    with warehouse.engine.begin() as connection:
        connection.execute(
            update(tables.runs)
            .where(tables.runs.c.run_id == run_id)
            .values(
                status=status,
                detail=detail,
                finished_at=func.clock_timestamp(),
                timings=dict(timings or {}),
                warnings=list(warnings),
            )
        )


def why_source_was_down(warehouse: Warehouse, run_id: int, source: str) -> str | None:
    """What a source said that answered nothing it was asked in this run; None where it answered."""
    with warehouse.engine.connect() as connection:
        row = connection.execute(
            text(
                "select unanswered, why from ops.source_nights"
                " where run_id = :run and source = :source and is_down"
            ),
            {"run": run_id, "source": source},
        ).first()
    if row is None:
        return None
    asked = "its one question" if row.unanswered == 1 else f"any of {row.unanswered:,} questions"
    return f"{source} did not answer {asked}: {row.why}"


def has_facts(warehouse: Warehouse) -> bool:
    """Whether a fact of any filing was ever loaded: without one there is nothing to build on."""
    with warehouse.engine.connect() as connection:
        return bool(
            connection.execute(text("select exists (select from raw.sec_fact_values)")).scalar()
        )


def note_build(
    warehouse: Warehouse,
    run_id: int,
    companies: int,
    held_back: int,
    model_times: Iterable[tuple[str, str, float]],
) -> None:
    """Keep what a run built: how many companies, how many are held back, each model's seconds."""
    with warehouse.engine.begin() as connection:
        connection.execute(
            update(tables.runs)
            .where(tables.runs.c.run_id == run_id)
            .values(companies_built=companies, companies_held_back=held_back)
        )
        rows = [
            {"run_id": run_id, "model": model, "domain": domain, "seconds": seconds}
            for model, domain, seconds in model_times
        ]
        if rows:
            connection.execute(pg_insert(tables.model_times).values(rows).on_conflict_do_nothing())


def record_outcome(
    warehouse: Warehouse,
    run_id: int,
    source: str,
    subject: str,
    step: str,
    status: str,
    detail: str | None = None,
    row_count: int | None = None,
    load_id: int | None = None,
) -> None:
    """Keep what became of one fetch, parse, validation or load; failures too."""
    with warehouse.engine.begin() as connection:
        connection.execute(
            insert(tables.outcomes).values(
                run_id=run_id,
                load_id=load_id,
                source=source,
                subject=subject,
                step=step,
                status=status,
                detail=detail,
                row_count=row_count,
                happened_at=func.clock_timestamp(),
            )
        )


@dataclass(frozen=True)
class CaptureTable:
    """The archive's index in raw.captures, for the HTTP client.

    A response that brings the same bytes at the same recorded time is the same capture.
    """

    warehouse: Warehouse
    # What a row of the index becomes; the connectors' own record, which is not known here.
    make: Callable[..., Any]
    # These answer for their requests, though newer ones may be there.
    preferred: frozenset[int] = frozenset()

    def latest(self, request_key: str) -> tuple[int, Any] | None:
        """The newest capture of that request, with its id."""
        table = tables.captures
        with self.warehouse.engine.connect() as connection:
            row = connection.execute(
                select(table)
                .where(table.c.request_key == request_key)
                .order_by(
                    table.c.capture_id.in_(self.preferred).desc(),
                    table.c.fetched_at.desc(),
                    table.c.capture_id.desc(),
                )
                .limit(1)
            ).first()
        if row is None:
            return None
        values = dict(row._mapping)
        return values.pop("capture_id"), self.make(**values)

    def record(self, capture: Any) -> int:
        table = tables.captures
        values = {
            column.name: getattr(capture, column.name)
            for column in table.columns
            if column.name != "capture_id"
        }
        with self.warehouse.engine.begin() as connection:
            known = connection.execute(
                select(table.c.capture_id).where(
                    table.c.request_key == capture.request_key,
                    table.c.fetched_at == capture.fetched_at,
                    table.c.sha256 == capture.sha256,
                )
            ).scalar()
            if known is not None:
                return int(known)
            return int(
                connection.execute(
                    insert(table).values(values).returning(table.c.capture_id)
                ).scalar_one()
            )


def record_validation(
    warehouse: Warehouse, load_id: int, results: Iterable[Mapping[str, Any]]
) -> None:
    """Keep the verdict of every expectation of a load."""
    rows = [dict(result, load_id=load_id) for result in results]
    if not rows:
        return
    with warehouse.engine.begin() as connection:
        connection.execute(
            insert(tables.validation_results).values(validated_at=func.clock_timestamp()), rows
        )


def store_watchlist(warehouse: Warehouse, watchlist: Watchlist) -> None:
    """Replace the stored watchlist by the configured one, in one transaction."""
    rows = [row for company in watchlist.companies for row in _watchlist_rows(watchlist, company)]
    predecessors = [
        {
            "predecessor_cik": predecessor.cik,
            "company_id": company.id,
            "cik": company.cik,
            "name": predecessor.name,
            "valid_to": predecessor.valid_to,
        }
        for company in watchlist.companies
        for predecessor in company.predecessors
    ]
    handles = [
        {"company_id": company.id, "source": source, "handle": handle}
        for company in watchlist.companies
        for source, handle in company.handles()
    ]
    with warehouse.engine.begin() as connection:
        connection.execute(tables.watchlist.delete())
        connection.execute(insert(tables.watchlist), rows)
        connection.execute(tables.watchlist_predecessors.delete())
        if predecessors:
            connection.execute(insert(tables.watchlist_predecessors), predecessors)
        connection.execute(tables.watchlist_handles.delete())
        if handles:
            connection.execute(insert(tables.watchlist_handles), handles)


def _watchlist_rows(watchlist: Watchlist, company: Any) -> list[dict[str, Any]]:
    shared = {
        "company_id": company.id,
        "cik": company.cik,
        "name": company.name,
        "segment": company.segment,
        "segment_label": watchlist.segments[company.segment],
        "delivery_model": company.delivery_model,
        "annual_form": company.annual_form,
        "reporting_currency": company.reporting_currency,
        "fiscal_year_end": company.fiscal_year_end,
        "listing_status": company.status,
    }
    dated: Sequence[tuple[str | None, date | None, date | None]] = [
        (ticker.symbol, ticker.valid_from, ticker.valid_to) for ticker in company.tickers
    ] or [(None, None, None)]
    return [
        {**shared, "position": n, "symbol": symbol, "valid_from": start, "valid_to": end}
        for n, (symbol, start, end) in enumerate(dated)
    ]


def record_drills(warehouse: Warehouse, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep what drills found; a row has the columns of ops.drills."""
    with warehouse.engine.begin() as connection:
        connection.execute(insert(tables.drills), list(rows))


@dataclass(frozen=True)
class RunSummary:
    """What an operator wants to know of a run; counts are rows."""

    run_id: int
    filings: int
    facts: int
    staged: int
    new: int
    rejected: int
    expectations: int
    expectations_failed: int
    problems: list[tuple[str, str, str, str, str]]
    rejected_by_rule: list[tuple[str, str, int]]


def summarise_run(warehouse: Warehouse, run_id: int) -> RunSummary:
    """Count what the run loaded, rejected and could not get."""
    with warehouse.engine.connect() as connection:
        return RunSummary(
            run_id=run_id,
            filings=_count(
                connection, "select count(distinct accession) from raw.sec_fact_filings"
            ),
            facts=_count(connection, "select count(*) from raw.sec_fact_values"),
            **_load_totals(connection, run_id),
            problems=_problems(connection, run_id),
            rejected_by_rule=_rejected(connection, run_id),
        )


def _count(connection: Connection, statement: str) -> int:
    return int(connection.execute(text(statement)).scalar_one())


def _load_totals(connection: Connection, run_id: int) -> dict[str, Any]:
    loads = connection.execute(
        text(
            "select coalesce(sum(rows_staged), 0), coalesce(sum(rows_new), 0),"
            " coalesce(sum(rows_rejected), 0) from ops.loads where run_id = :run"
        ),
        {"run": run_id},
    ).one()
    checks = connection.execute(
        text(
            "select count(*), count(*) filter (where not is_success) from ops.validation_results"
            " join ops.loads using (load_id) where run_id = :run"
        ),
        {"run": run_id},
    ).one()
    parse_rejects = connection.execute(
        text(
            "select coalesce(sum(row_count), 0) from ops.outcomes"
            " where run_id = :run and step = 'parse' and status = 'failed'"
        ),
        {"run": run_id},
    ).scalar_one()
    return {
        "staged": int(loads[0]),
        "new": int(loads[1]),
        "rejected": int(loads[2]) + int(parse_rejects),
        "expectations": int(checks[0]),
        "expectations_failed": int(checks[1]),
    }


def _problems(connection: Connection, run_id: int) -> list[tuple[str, str, str, str, str]]:
    rows = connection.execute(
        text(
            "select source, subject, step, status, coalesce(detail, '') from ops.outcomes"
            " where run_id = :run and status <> 'ok' order by outcome_id"
        ),
        {"run": run_id},
    )
    return [tuple(row) for row in rows]


def _rejected(connection: Connection, run_id: int) -> list[tuple[str, str, int]]:
    rows = connection.execute(
        text(
            "select table_name, rule, count(*) from ops.rejected_records r"
            " join ops.loads l on l.load_id = r.last_load_id"
            " where run_id = :run group by 1, 2 order by 1, 2"
        ),
        {"run": run_id},
    )
    return [tuple(row) for row in rows]
