"""Retention: old records of nights go, and all that a later night or a reader asks by stays."""

from tests.db.packages import query
from warehouse.db import Warehouse
from warehouse.retention import forget

# A night long ago and one of yesterday, each with a row of each kind.
NIGHTS = """
insert into ops.runs (data_kind, as_of, started_at) values
    ('live', '2020-01-01', now() - interval '500 days'),
    ('live', '2026-01-01', now() - interval '1 day');
insert into ops.loads (run_id, source, status, started_at)
select run_id, 'sec', 'loaded', started_at from ops.runs;
insert into ops.outcomes (run_id, load_id, source, subject, step, status, happened_at)
select r.run_id, l.load_id, 'sec', 'DUOL', s.step, s.status, r.started_at
from ops.runs r inner join ops.loads l using (run_id)
cross join (
    values ('fetch', 'ok'), ('fetch', 'failed'), ('fetch', 'skipped'), ('parse', 'ok'),
        ('parse', 'failed'), ('load', 'ok'), ('validate', 'empty')
) as s (step, status);
insert into ops.validation_results
select load_id, 'sec_facts', 'rule', 'expectation', true, 1, 0, started_at from ops.loads;
insert into ops.model_times select run_id, 'fct_financials', 'marts', 1 from ops.runs;
insert into ops.measures select run_id, 'run', '', 'failed_nights', 0 from ops.runs;
insert into ops.alerts (alert, scope, subject, value, threshold, raised_at, cleared_at)
select 'night_late', 'run', '', 30, 26, started_at, started_at from ops.runs
union all
select 'disk_nearly_full', 'run', '', 95, 90, started_at, null from ops.runs;
insert into ops.drills
    (started_at, finished_at, form, seed, drill, points, points_held)
select started_at, started_at, 'quick', 1, 'kill', 1, 1 from ops.runs;
"""
KEPT = """
select step, status, count(*) from ops.outcomes group by 1, 2 order by 1, 2
"""


def test_what_is_old_goes_and_what_is_asked_by_stays(warehouse: Warehouse) -> None:
    query(warehouse, NIGHTS)
    assert forget(warehouse, 400) == {
        "outcomes": 4,
        "validation_results": 1,
        "model_times": 1,
        "measures": 1,
        "alerts": 1,
        "drills": 1,
    }
    assert query(warehouse, KEPT) == [
        ("fetch", "failed", 1),
        ("fetch", "ok", 1),
        ("fetch", "skipped", 2),
        ("load", "ok", 1),
        ("parse", "failed", 2),
        ("parse", "ok", 2),
        ("validate", "empty", 1),
    ]
    standing = query(warehouse, "select alert from ops.alerts where cleared_at is null")
    assert standing == [("disk_nearly_full",)] * 2
    assert query(warehouse, "select count(*) from ops.runs") == [(2,)]
    assert sum(forget(warehouse, 400).values()) == 0
