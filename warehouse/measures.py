"""What is watched of a warehouse: numbers of its nights, its sources and its companies.

One list for all who watch: alert rules name a measure, metrics carry each as a gauge, and each run
keeps them in ops.measures as they were at its end.
"""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert

from warehouse.db import Warehouse, has_table
from warehouse.quotas import Limit, RequestLedger
from warehouse.tables import ops as tables

# Of how many runs a source's trouble is counted.
RUNS_LOOKED_AT = 40
_DAY = 86_400.0

# What each measure says, for people and for metrics.
MEASURES: Mapping[str, str] = {
    "hours_since_published": "Hours since live nights last published, or since the first run.",
    "failed_nights": "Runs that failed since the last one that published.",
    "night_seconds": "Seconds of the last run that published.",
    "rows_changed": "Mart rows that the last publication changed.",
    "companies_built": "Companies that the last publication built.",
    "companies_held_back": "Companies that keep earlier rows since new ones fail a check.",
    "views_with_notice": "Views of others that read a column which goes, and block until they go.",
    "rejected_open": "Rejected rows that were not resolved yet.",
    "certificate_right": "Hand-checked answers that are right.",
    "certificate_wrong": "Hand-checked answers that are wrong or invented.",
    "certificate_fall": "Hand-checked answers right in the publication before and no more.",
    "disk_used_percent": "How full the disk of CORPINTEL_HOME is.",
    "warehouse_bytes": "Size of the warehouse's database.",
    "nights_down": "Runs in a row in which a source answered nothing it was asked.",
    "quota_used_percent": "How much of a source's daily quota is spent.",
    "breakers_open": "Hosts of a source that are left alone now.",
    "nights_held_back": "Publications in which a company has been held back.",
}

_OF_NIGHTS = """
with published as (
    select
        max(p.published_at) as at,
        max(p.run_id) as run_id
    from ops.publications p
),
last_night as (
    select r.* from ops.nights r inner join published p on r.run_id = p.run_id
)
select 'run', '', 'hours_since_published',
    extract(epoch from clock_timestamp() - coalesce(p.at, (select min(started_at) from ops.runs)))
    / 3600.0
from published p where exists (select from ops.runs where data_kind = 'live')
union all
select 'run', '', 'failed_nights', count(*)
from ops.runs r where r.status = 'failed'
    and r.run_id > coalesce((select run_id from published), 0)
union all
select 'run', '', m.measure, m.value
from last_night n
cross join lateral (
    values ('night_seconds', n.seconds), ('rows_changed', n.rows_changed),
        ('companies_built', n.companies_built)
) as m (measure, value)
where m.value is not null
union all
select 'run', '', 'companies_held_back', count(*) from ops.held_back
union all
select 'run', '', 'rejected_open', count(*)
from ops.rejected_records where resolved_load_id is null
union all
select 'run', '', 'warehouse_bytes', pg_database_size(current_database())
union all
select 'company', company_id, 'nights_held_back', nights from ops.held_back_companies
union all
select 'source', source, 'breakers_open', count(*) filter (where open_until > clock_timestamp())
from ops.breakers where closed_at is null group by source
union all
select 'source', source, 'nights_down', count(*) filter (where run_id > last_answer)
from (
    select source, run_id,
        coalesce(max(run_id) filter (where not is_down) over (partition by source), 0)
        as last_answer
    from ops.source_nights
    where run_id > (select max(run_id) from ops.runs) - :looked_at
        and answered + unanswered > 0
) as nights
group by source
"""
_NOTICES = """
select 'run', '', 'views_with_notice', count(*)
from ops.view_notices where dropped_at is null and withdrawn_at is null
"""
_CERTIFICATE = """
with counted as (
    select
        count(*) filter (where verdict in ('exact', 'alternative', 'rightly_blank')) as right_now,
        count(*) filter (where verdict in ('wrong', 'invented')) as wrong_now
    from marts.mart_accuracy_certificate
),
before as (
    select m.value from ops.measures m
    where m.measure = 'certificate_right'
        and m.run_id < (select run_id from ops.current_publication)
    order by m.run_id desc limit 1
)
select 'run', '', m.measure, m.value
from counted c
cross join lateral (
    values ('certificate_right', c.right_now), ('certificate_wrong', c.wrong_now),
        ('certificate_fall', greatest(0, (select value from before) - c.right_now))
) as m (measure, value)
where m.value is not null
"""


@dataclass(frozen=True)
class Measure:
    """A number that is watched: of the run, of a source or of a company."""

    scope: str
    subject: str
    name: str
    value: float

    @property
    def about(self) -> str:
        """What it is of, in words."""
        return about(self.scope, self.subject)


def about(scope: str, subject: str) -> str:
    """What is measured or alerted, in words: a source or company by name, of a run nothing."""
    return f" of {scope} {subject}" if subject else ""


def measure(
    warehouse: Warehouse, home: Path, limits: Mapping[str, Sequence[Limit]]
) -> list[Measure]:
    """All measures as they are now; of a warehouse without a run there are few."""
    disk = shutil.disk_usage(home)
    # As df counts: what is kept for the system alone is neither used nor free.
    used = 100.0 * disk.used / (disk.used + disk.free)
    found = [Measure("run", "", "disk_used_percent", used)]
    with warehouse.engine.connect() as connection:
        if not has_table(connection, "ops.measures"):
            return found
        statements = [text(_OF_NIGHTS).bindparams(looked_at=RUNS_LOOKED_AT)]
        if has_table(connection, "ops.view_notices"):
            statements.append(text(_NOTICES))
        if has_table(connection, "marts.mart_accuracy_certificate"):
            statements.append(text(_CERTIFICATE))
        for statement in statements:
            found += [
                Measure(scope, subject, name, float(value))
                for scope, subject, name, value in connection.execute(statement)
            ]
    return found + list(_quotas(warehouse, limits))


def keep_measures(warehouse: Warehouse, run_id: int, measures: Sequence[Measure]) -> None:
    """Keep what was measured at the end of a run."""
    statement = insert(tables.measures).values(
        [
            {
                "run_id": run_id,
                "scope": one.scope,
                "subject": one.subject,
                "measure": one.name,
                "value": one.value,
            }
            for one in measures
        ]
    )
    with warehouse.engine.begin() as connection:
        connection.execute(
            statement.on_conflict_do_update(
                index_elements=["run_id", "scope", "subject", "measure"],
                set_={"value": statement.excluded.value},
            )
        )


def _quotas(warehouse: Warehouse, limits: Mapping[str, Sequence[Limit]]) -> Iterator[Measure]:
    ledger = RequestLedger(warehouse, limits)
    for source, declared in limits.items():
        longest = max(declared, key=lambda limit: limit.seconds)
        if longest.seconds < _DAY:
            continue
        left = ledger.left_today(source)
        assert left is not None, "a source with limits has some units left, or none"
        yield Measure("source", source, "quota_used_percent", 100.0 * (1 - left / longest.units))
