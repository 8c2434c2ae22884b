"""The call planner: what filed, what was never asked, what is due, what is stale; in that order."""

from datetime import date, datetime, timedelta

from sqlalchemy import text

from tests.db.packages import deliver, new_run, night, query
from warehouse.db import Warehouse
from warehouse.ops import record_outcome
from warehouse.planner import Call, lagging_filers, last_answered, plan_calls

AS_OF = date(2026, 7, 13)
MONTH = timedelta(days=30)


def fact(cik: int, form: str, filed: date, number: int = 1) -> tuple[object, ...]:
    accession = f"{cik:010d}-26-{number:06d}"
    end = filed - timedelta(days=30)
    return (
        cik, "us-gaap", "Assets", "USD", None, end, 1, accession, 2026, "Q1", form, filed,
    )  # fmt: skip


def answer(warehouse: Warehouse, subject: str, on: date, status: str = "loaded") -> None:
    """A package of that day in which the subject was answered."""
    run_id = new_run(warehouse)
    with warehouse.engine.begin() as connection:
        load_id = connection.execute(
            text(
                "insert into ops.loads (run_id, source, status, started_at)"
                " values (:run, 'vendor', :status, clock_timestamp()) returning load_id"
            ),
            {"run": run_id, "status": status},
        ).scalar_one()
    record_outcome(warehouse, run_id, "vendor", subject, "parse", "ok", load_id=load_id)
    query(
        warehouse,
        "update ops.outcomes set happened_at = %s where load_id = %s",
        datetime(on.year, on.month, on.day, 12),
        load_id,
    )


def test_calls_go_where_they_are_wanted_most(warehouse: Warehouse) -> None:
    deliver(
        warehouse,
        "sec_facts",
        (
            night(1),
            [
                fact(1, "10-Q", date(2026, 7, 10)),  # filed since it was asked
                fact(3, "10-Q", date(2026, 4, 15)),  # the next is due about 2026-07-15
                fact(4, "10-K", date(2026, 5, 20)),  # nothing due before 2027
                fact(5, "10-K", date(2026, 5, 20)),
            ],
        ),
    )
    for subject, on in {
        "filed": date(2026, 7, 1),
        "due": date(2026, 7, 1),
        "stale": date(2026, 6, 1),
        "fresh": date(2026, 7, 1),
    }.items():
        answer(warehouse, subject, on)
    calls = [
        Call("fresh", (5,)),
        Call("stale", (4,)),
        Call("due", (3,)),
        Call("never"),
        Call("filed", (1,)),
    ]
    plan = plan_calls(warehouse, new_run(warehouse), "vendor", calls, None, AS_OF, MONTH)
    assert [(p.call.subject, p.is_planned) for p in plan] == [
        ("filed", True), ("never", True), ("due", True), ("stale", True), ("fresh", False),
    ]  # fmt: skip
    assert [p.reason for p in plan] == [
        "filed on 2026-07-10",
        "never asked",
        "a report is due about 2026-07-15",
        "asked 42 days ago",
        "asked 12 days ago, fresh enough",
    ]


def test_the_budget_is_spent_in_units_and_never_beyond(warehouse: Warehouse) -> None:
    calls = [Call("a", units=2), Call("b", units=2), Call("c", units=1)]
    plan = plan_calls(warehouse, new_run(warehouse), "vendor", calls, 3, AS_OF, MONTH)
    assert [(p.call.subject, p.is_planned) for p in plan] == [
        ("a", True), ("b", False), ("c", True),
    ]  # fmt: skip
    stored = query(warehouse, "select subject, is_planned from ops.call_plan order by position")
    assert stored == [("a", True), ("b", False), ("c", True)]


def test_the_oldest_answers_of_a_kind_come_first(warehouse: Warehouse) -> None:
    for subject, on in {
        "a": date(2026, 3, 1),
        "b": date(2026, 1, 1),
        "c": date(2026, 2, 1),
    }.items():
        answer(warehouse, subject, on)
    calls = [Call("a"), Call("b"), Call("c")]
    plan = plan_calls(warehouse, new_run(warehouse), "vendor", calls, None, AS_OF, MONTH)
    assert [p.call.subject for p in plan] == ["b", "c", "a"]


def test_an_answer_whose_package_was_refused_is_none(warehouse: Warehouse) -> None:
    answer(warehouse, "a", date(2026, 7, 1), status="failed")
    assert last_answered(warehouse, "vendor") == {}


def test_a_report_that_was_announced_and_has_no_facts_yet_is_lagging(
    warehouse: Warehouse,
) -> None:
    announced = [
        (1, "0000000001-26-000001", "10-Q", "One", AS_OF, AS_OF),
        (2, "0000000002-26-000001", "10-Q", "Two", AS_OF, AS_OF),
        (3, "0000000003-26-000001", "8-K", "Three", AS_OF, AS_OF),
        (4, "0000000004-26-000001", "10-K", "Four", AS_OF, AS_OF - timedelta(days=30)),
    ]
    deliver(warehouse, "sec_index_filings", (night(1), announced))
    deliver(warehouse, "sec_facts", (night(1), [fact(2, "10-Q", AS_OF)]))
    assert lagging_filers(warehouse, AS_OF - timedelta(days=14)) == {1}


def test_days_are_new_yorks_and_the_eve_of_a_filing_is_not_its_day(warehouse: Warehouse) -> None:
    """A night at 23:15 in New York is the next day by UTC."""
    deliver(warehouse, "sec_facts", (night(1), [fact(1, "10-Q", date(2026, 7, 13))]))
    answer(warehouse, "prices", AS_OF - timedelta(days=1))
    query(warehouse, "update ops.outcomes set happened_at = '2026-07-13 03:16:00+00'")
    day = timedelta(days=1)
    calls = [Call("prices")]
    [planned] = plan_calls(warehouse, new_run(warehouse), "vendor", calls, None, AS_OF, day)
    assert (planned.is_planned, planned.reason) == (True, "asked 1 days ago")
    [filed] = plan_calls(
        warehouse, new_run(warehouse), "vendor", [Call("prices", (1,))], None, AS_OF, MONTH
    )
    assert (filed.is_planned, filed.reason) == (True, "filed on 2026-07-13")


def test_a_ticker_that_the_source_does_not_know_is_not_the_most_wanted(
    warehouse: Warehouse,
) -> None:
    answer(warehouse, "unknown", date(2026, 7, 1))
    query(
        warehouse,
        "update ops.outcomes set step = 'fetch', status = 'skipped' where subject = 'unknown'",
    )
    calls = [Call("unknown")]
    [planned] = plan_calls(warehouse, new_run(warehouse), "vendor", calls, None, AS_OF, MONTH)
    assert not planned.is_planned
    assert last_answered(warehouse, "vendor") == {}
