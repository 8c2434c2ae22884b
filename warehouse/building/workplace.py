"""Where a batch is built, audited and kept: a lane's sessions on the warehouse.

A batch's rows are kept in the store under the night's run, which no reader sees before it is
published. Who fails an audit is held back, with the rows that readers have.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import psycopg
from psycopg import sql

from warehouse.building.audits import Audits, Check, Failure
from warehouse.building.held import Fault, hold_back, release
from warehouse.building.lanes import Lane
from warehouse.db import Warehouse
from warehouse.publishing.declared import OPEN_END, Mart
from warehouse.publishing.gates import Coverage, GateFailure, failed_gates
from warehouse.publishing.publications import current_run, last_run
from warehouse.publishing.shape import ensure_store
from warehouse.publishing.store import keep_rows, show_open_rows, take_back
from warehouse.writer import Hold

# Any constant does; it is not the night's own lock.
STORE_LOCK = 4_020_260_119
# Sessions that audit and keep a batch side by side.
SESSIONS = 2

# What a session that builds works with: a batch's sorts stay in memory, queries that are run once
# are not compiled, and keys of several texts are hashed, which takes half as long as sorting them.
# Lanes share the cores, so no query takes several. What is built can be lost: the commit that
# publishes is another session's, and takes with it all that was committed before. The server
# notices within a second that a killed night has gone.
_SESSION = {
    "timezone": "UTC",
    "datestyle": "ISO",
    "work_mem": "64MB",
    "jit": "off",
    "enable_mergejoin": "off",
    # Tables that live for a batch are sampled lightly: their joins are by company.
    "default_statistics_target": "10",
    "max_parallel_workers_per_gather": "0",
    "synchronous_commit": "off",
    "client_connection_check_interval": "1000",
}

# What a batch's answers depend on beside its own rows: rates, by currency and time.
_STATES = """
update ops.company_states s set
    currencies = found.currencies, last_period_end = found.last_period_end
from (
    select
        b.company_id,
        array_agg(distinct f.currency) filter (where f.currency <> 'USD') as currencies,
        max(f.period_end) filter (where f.value is not null) as last_period_end
    from ops.batch b left join {financials} f using (company_id)
    group by b.company_id
) found
where s.company_id = found.company_id
"""


def session_settings(as_of: date, lane: int = 1) -> dict[str, str]:
    """The settings of a session that builds or audits as of a day."""
    return _SESSION | {"corpintel.as_of": str(as_of), "corpintel.lane": str(lane)}


@contextmanager
def working_connection(
    warehouse: Warehouse, as_of: date, lane: int = 1
) -> Iterator[psycopg.Connection[Any]]:
    """A session with the settings of dbt's own, the logical date among them."""
    with psycopg.connect(warehouse.psycopg_dsn(), autocommit=True) as connection:
        for name, value in session_settings(as_of, lane).items():
            connection.execute("select set_config(%s, %s, false)", (name, value))
        yield connection


@dataclass(frozen=True)
class ToKeep:
    """What is to be kept of a batch: marts, domains that were built, and when they next move."""

    marts: Sequence[str]
    domains: frozenset[str]
    moves: Mapping[str, Sequence[str]]


@dataclass
class Workplace:
    """A lane of one night's run, on open sessions."""

    sessions: Sequence[psycopg.Connection[Any]]
    marts: Mapping[str, Mart]
    run_id: int
    as_of: date
    hold: Hold
    lane: Lane = field(default_factory=Lane)
    _stored: set[str] = field(default_factory=set)

    @property
    def main(self) -> psycopg.Connection[Any]:
        """The session for what is not shared out."""
        return self.sessions[0]

    def set_batch(self, companies: Sequence[str]) -> None:
        """Make these companies the batch in work, with the names raw tables know them by."""
        lane = self.lane.number
        with self.main.transaction():
            for table in _BATCH_TABLES:
                self.main.execute(
                    sql.SQL("delete from ops.{} where lane = %s").format(sql.Identifier(table)),
                    (lane,),
                )
            # One that is not listed any more has no CIK: what it had is closed.
            self.main.execute(
                "insert into ops.lane_companies (lane, company_id, cik)"
                " select %s, wanted.company_id, companies.cik"
                " from unnest(%s::text[]) as wanted (company_id)"
                " left join intermediate.int_companies__listed companies using (company_id)",
                (lane, list(companies)),
            )
            self.main.execute(
                "insert into ops.lane_ciks (lane, cik)"
                " select %(lane)s, cik from ops.batch where cik is not null"
                " union select %(lane)s, predecessor_cik from ops.watchlist_predecessors"
                " where cik in (select cik from ops.batch)",
                {"lane": lane},
            )
            self.main.execute(
                "insert into ops.lane_tickers (lane, ticker)"
                " select distinct %s::int, ticker from intermediate.int_tickers__listed"
                " where company_id in (select company_id from ops.batch)",
                (lane,),
            )
            self.main.execute(
                "insert into ops.lane_documents (lane, sha256)"
                " select %(lane)s, sha256 from raw.filed_documents"
                " where cik in (select cik from ops.batch_ciks)"
                " union select %(lane)s, sha256 from raw.investor_documents"
                " where company_id in (select company_id from ops.batch)",
                {"lane": lane},
            )
        for table in _BATCH_TABLES:
            self.main.execute(sql.SQL("analyze ops.{}").format(sql.Identifier(table)))

    def refresh_statistics(self) -> None:
        """Analyse stores that changed by a tenth: models that read them are planned by it.

        The server does so by itself, but some minutes late; a plan for an empty store once ran for
        ten minutes in place of a second.
        """
        changed = self.main.execute(
            "select relname from pg_stat_user_tables where schemaname = 'published'"
            " and n_mod_since_analyze > 1000 + n_live_tup / 10 order by relname"
        ).fetchall()
        for (name,) in changed:
            self.main.execute(sql.SQL("analyze {}").format(sql.Identifier("published", name)))

    def show(self, marts: Iterable[str], of_batch: bool = True) -> None:
        """Let models read kept marts that are not built: open rows, of the batch or of everyone."""
        for name in marts:
            show_open_rows(self.main, self.marts[name], of_batch, self.lane.schema("build"))

    def audit(self, checks: Sequence[Check]) -> list[Failure]:
        """Run the checks on what was built."""
        return Audits(checks, self.lane.translate).run(self.sessions)

    def compare(self, coverage: Coverage) -> list[GateFailure]:
        """Whose new rows are worse than what readers have."""
        return failed_gates(
            self.main, self.as_of, current_run(self.main), coverage, self.lane.schema("build")
        )

    def hold_back(self, faults: Mapping[str, Fault]) -> None:
        """Give these companies the rows that readers have, and keep why."""
        with self.main.transaction():
            self.hold(self.main)
            self._take_back(list(faults))
            hold_back(self.main, faults, self.run_id, self.as_of)

    def release(self, companies: Collection[str]) -> None:
        """These companies are held back no longer."""
        release(self.main, companies)

    def held_in_publication(self) -> set[str]:
        """Who was held back already in the publication that readers have.

        A night that stopped kept whom it would have held back, too: they are as new to the next.
        """
        rows = self.main.execute(
            "select company_id from ops.held_back where since_run <= %s",
            (current_run(self.main),),
        )
        return {row[0] for row in rows}

    def published_companies(self) -> int:
        """How many companies readers have rows of."""
        current = current_run(self.main)
        row = self.main.execute(
            "select count(distinct company_id) from ops.company_digests"
            " where valid_from_run <= %s and valid_to_run > %s",
            (current, current),
        ).fetchone()
        assert row is not None
        return int(row[0])

    def rows_of(self, companies: Sequence[str], marts: Sequence[str]) -> dict[str, int]:
        """How many open rows each of these companies has in these marts."""
        rows = self.main.execute(
            "select company_id, sum(row_count)::bigint from ops.company_digests"
            " where company_id = any(%s) and mart = any(%s) and valid_to_run = %s"
            " group by company_id",
            (list(companies), list(marts), OPEN_END),
        )
        return dict(rows.fetchall())

    def already_built(self, made_from: Mapping[str, str]) -> set[str]:
        """Companies whose rows a night that was cut short kept, made from the same."""
        rows = self.main.execute(
            "select company_id, made_from from ops.built_companies"
            " where made_from is not null and company_id = any(%s)",
            (list(made_from),),
        )
        return {company_id for company_id, made in rows if made == made_from[company_id]}

    def take_back_leftovers(self, companies: Sequence[str]) -> None:
        """What an earlier night kept of these companies and nobody published is taken back."""
        left = [
            row[0]
            for row in self.main.execute(
                "select company_id from ops.built_companies where company_id = any(%s)",
                (list(companies),),
            )
        ]
        if current_run(self.main) != last_run(self.main):
            # Readers were moved back: rows are compared with what they have.
            left = list(companies)
        if left:
            with self.main.transaction():
                self.hold(self.main)
                self._take_back(left)

    def _take_back(self, companies: Sequence[str]) -> None:
        stored = [mart for mart in self.marts.values() if mart.by_company and self._has_store(mart)]
        take_back(
            self.main, stored, companies, current_run(self.main), last_run(self.main), self.run_id
        )
        self.main.execute(
            "delete from ops.built_companies where company_id = any(%s)", (list(companies),)
        )

    def _has_store(self, mart: Mart) -> bool:
        row = self.main.execute(
            "select to_regclass(%s) is not null", (f"published.{mart.name}",)
        ).fetchone()
        return row is not None and bool(row[0])

    def keep(self, kept: ToKeep, made_from: Mapping[str, str]) -> None:
        """Keep the rows of these companies, which are the batch, under this run."""
        marts = [self.marts[name] for name in kept.marts]
        build = self.lane.schema("build")
        new = [mart for mart in marts if mart.name not in self._stored]
        if new:
            # Two lanes may find a store wanting at the same time.
            with self.main.transaction():
                self.main.execute("select pg_advisory_xact_lock(%s)", (STORE_LOCK,))
                for mart in new:
                    ensure_store(self.main, mart, build)
            self._stored.update(mart.name for mart in new)
        self.main.execute(
            "insert into ops.built_companies (company_id, run_id, rows_changed)"
            " select company_id, %s, 0 from ops.batch"
            " on conflict (company_id) do update set run_id = excluded.run_id, made_from = null",
            (self.run_id,),
        )

        def keep_share(share: int) -> int:
            changed = 0
            session = self.sessions[share]
            for mart in marts[share :: len(self.sessions)]:
                with session.transaction():
                    self.hold(session)
                    done = keep_rows(session, mart, self.run_id, build)
                # What nobody is shown changes nothing for readers.
                if not mart.is_internal:
                    changed += done.closed + done.opened
            return changed

        with ThreadPoolExecutor(len(self.sessions)) as pool:
            changed = sum(pool.map(keep_share, range(len(self.sessions))))
        with self.main.transaction():
            self._remember(kept)
            # The sum is what is told; whose rows they were is in the store.
            self.main.execute(
                "update ops.built_companies b set made_from = made.made_from,"
                " rows_changed = b.rows_changed + case when made.place = 1 then %s else 0 end"
                " from unnest(%s::text[], %s::text[]) with ordinality"
                " as made (company_id, made_from, place)"
                " where b.company_id = made.company_id",
                (changed, list(made_from), list(made_from.values())),
            )

    def _remember(self, kept: ToKeep) -> None:
        """When the batch's answers next move, and which rates have a part in them."""
        if "fct_financials" in kept.marts:
            self.main.execute(
                sql.SQL(_STATES).format(
                    financials=sql.Identifier(self.lane.schema("build"), "fct_financials")
                )
            )
        self.main.execute(
            "delete from ops.company_clock where domain = any(%s)"
            " and company_id in (select company_id from ops.batch)",
            (sorted(kept.domains),),
        )
        for domain, queries in kept.moves.items():
            moves = " union all ".join(f"({self.lane.translate(query)})" for query in queries)
            self.main.execute(
                sql.SQL(
                    "insert into ops.company_clock (company_id, domain, next_day)"
                    " select company_id, {domain}, min(day) from ({moves}) moving"
                    " where day is not null and company_id in (select company_id from ops.batch)"
                    " group by company_id"
                ).format(
                    domain=sql.Literal(domain),
                    moves=sql.SQL(moves),  # declared, not input
                )
            )

    def clear(self, own: Collection[str]) -> None:
        """Drop what lanes made for their last batches, which may be half of the disk.

        `own` are the models that each lane makes for its batch alone; those of the first lane are
        emptied, since other models are views on them.
        """
        rows = self.main.execute(
            "select nspname from pg_namespace"
            " where nspname ~ '^(staging|intermediate|build)_[0-9]+$' order by nspname"
        ).fetchall()
        for (schema,) in rows:
            self.main.execute(sql.SQL("drop schema {} cascade").format(sql.Identifier(schema)))
        tables = self.main.execute(
            "select schemaname, tablename from pg_tables where tablename = any(%s)"
            " and schemaname in ('staging', 'intermediate', 'build') order by 1, 2",
            (sorted(own),),
        ).fetchall()
        if tables:
            self.main.execute(
                sql.SQL("truncate {}").format(
                    sql.SQL(", ").join(sql.Identifier(*table) for table in tables)
                )
            )

    def surroundings(self) -> tuple[str, str]:
        """What rows depend on beside rules: the server's major version, and who reads documents."""
        row = self.main.execute(
            "select (current_setting('server_version_num')::int / 10000)::text, ("
            " select reader_sha from ops.readers order by last_used_at desc, reader_sha limit 1)"
        ).fetchone()
        assert row is not None
        return row[0], row[1] or ""

    def is_prepared(self, reference: str) -> bool:
        """Whether seeds and staging views are there as these rules make them."""
        row = self.main.execute(
            "select to_regclass('reference.lines') is not null"
            " and to_regclass('staging.stg_ops__batch') is not null and exists ("
            " select from ops.domain_rules where domain = 'reference' and rules_sha = %s)",
            (reference,),
        ).fetchone()
        return row is not None and bool(row[0])

    def note_prepared(self, reference: str) -> None:
        """Seeds and staging views are there as these rules make them."""
        self.main.execute(
            "insert into ops.domain_rules (domain, rules_sha, since_run)"
            " values ('reference', %s, %s) on conflict (domain) do update set"
            " rules_sha = excluded.rules_sha, since_run = excluded.since_run",
            (reference, self.run_id),
        )


_BATCH_TABLES = ("lane_companies", "lane_ciks", "lane_tickers", "lane_documents")


@contextmanager
def open_workplace(
    warehouse: Warehouse,
    marts: Sequence[Mart],
    run_id: int,
    as_of: date,
    hold: Hold,
    lane: Lane | None = None,
) -> Iterator[Workplace]:
    """Open a lane's sessions for the time of the block."""
    lane = lane or Lane()
    with ExitStack() as stack:
        sessions = [
            stack.enter_context(working_connection(warehouse, as_of, lane.number))
            for _ in range(SESSIONS)
        ]
        yield Workplace(sessions, {mart.name: mart for mart in marts}, run_id, as_of, hold, lane)


def by_domain(moves: Iterable[tuple[str, Sequence[str]]]) -> dict[str, list[str]]:
    """Queries that say when answers move, by domain; domains without any are left out."""
    found: dict[str, list[str]] = defaultdict(list)
    for domain, queries in moves:
        if queries:
            found[domain] += queries
    return found
