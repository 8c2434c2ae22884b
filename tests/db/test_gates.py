"""Gates of a publication: a night whose numbers got worse is refused, and an override is kept."""

from collections.abc import Sequence
from datetime import date, timedelta

import pytest

from tests.db.packages import AS_OF, as_reader, new_run, query
from tests.db.test_publish import build
from warehouse.db import Warehouse
from warehouse.ops import record_outcome
from warehouse.publishing.declared import Mart
from warehouse.publishing.errors import PublishRefusedError
from warehouse.publishing.publications import Publication
from warehouse.publishing.publish import publish

FACTS = Mart(
    name="fct_financials",
    description="Cells.",
    key=("cik", "line", "period_type", "period_end"),
    columns={"cik": "Company."},
)
FACTS_SHAPE = (
    "cik int, ticker text, line text, period_type text, period_end date, status text,"
    " blank_reason text"
)
CERTIFICATE = Mart(
    name="mart_accuracy_certificate",
    description="Hand-checked cells.",
    key=("cik", "line", "period_type", "period_end", "checked_from", "day_kind"),
    columns={"cik": "Company."},
    may_be_empty=True,
)
CERTIFICATE_SHAPE = (
    "cik int, ticker text, line text, period_type text, period_end date, checked_from date,"
    " day_kind text, scored_at timestamptz,"
    " truth_value numeric, answer_value numeric, verdict text"
)


def publish_cells(
    warehouse: Warehouse,
    reasons: Sequence[str | None],
    verdicts: Sequence[str] = ("exact",),
    as_of: date = AS_OF,
    forced_reason: str | None = None,
    run_id: int | None = None,
    scored_at: str = "2026-02-28",
) -> Publication:
    """One cell for each blank reason, None for a value; one hand-checked cell for each verdict."""
    cells = [
        (1, "DUOL", "revenue", "annual", AS_OF - timedelta(n), "blank" if reason else "ok", reason)
        for n, reason in enumerate(reasons)
        if reason != "gone"
    ]
    build(warehouse, cells, FACTS_SHAPE, FACTS)
    checked = [
        (
            n,
            "DUOL",
            "revenue",
            "annual",
            "2025-12-31",
            "2026-02-28",
            "last",
            scored_at,
            1,
            2,
            verdict,
        )
        for n, verdict in enumerate(verdicts)
    ]
    build(warehouse, checked, CERTIFICATE_SHAPE, CERTIFICATE)
    run = new_run(warehouse) if run_id is None else run_id
    return publish(
        warehouse, run, as_of, (FACTS, CERTIFICATE), "manifest", "revision", forced_reason
    )


def sound(count: int) -> list[str | None]:
    return [None] * count


def statuses(warehouse: Warehouse) -> dict[str, int]:
    with as_reader(warehouse) as reader:
        return dict(reader.execute("select status, count(*) from fct_financials group by 1"))


def test_two_per_cent_of_cells_may_fail_a_check(warehouse: Warehouse) -> None:
    publish_cells(warehouse, sound(100))
    publish_cells(warehouse, ["check_failed"] * 2 + sound(98))
    assert statuses(warehouse) == {"ok": 98, "blank": 2}


def test_more_failed_checks_leave_readers_on_the_last_good_night(warehouse: Warehouse) -> None:
    publish_cells(warehouse, sound(100))
    with pytest.raises(PublishRefusedError, match="3 of 100 sound cells break an identity"):
        publish_cells(warehouse, ["check_failed"] * 3 + sound(97))
    assert statuses(warehouse) == {"ok": 100}


def test_cells_that_had_failed_before_are_not_counted_again(warehouse: Warehouse) -> None:
    publish_cells(warehouse, ["check_failed"] * 50 + sound(50))
    publish_cells(warehouse, ["check_failed"] * 51 + sound(49))
    assert statuses(warehouse) == {"ok": 49, "blank": 51}


@pytest.mark.parametrize("reason", ["not_reported", "gone"])
def test_a_twentieth_of_the_cells_may_be_lost_and_no_more(
    warehouse: Warehouse, reason: str
) -> None:
    publish_cells(warehouse, sound(100))
    publish_cells(warehouse, [reason] * 5 + sound(95))
    with pytest.raises(PublishRefusedError, match="5 of 95 sound cells are blank or gone"):
        publish_cells(warehouse, [reason] * 10 + sound(90))
    assert statuses(warehouse)["ok"] == 95


def test_companies_and_lines_with_fewer_cells_are_named(warehouse: Warehouse) -> None:
    publish_cells(warehouse, sound(100))
    assert publish_cells(warehouse, sound(100)).coverage_losses == ()
    done = publish_cells(warehouse, ["not_reported", "gone", *sound(98)])
    assert done.coverage_losses == ("DUOL 98 of 100", "revenue 98 of 100")


def test_cells_lost_in_an_outage_do_not_block(warehouse: Warehouse) -> None:
    publish_cells(warehouse, sound(100))
    run_id = new_run(warehouse)
    record_outcome(warehouse, run_id, "sec", "DUOL companyfacts", "fetch", "failed", "503")
    publish_cells(warehouse, ["not_reported"] * 50 + sound(50), run_id=run_id)
    assert statuses(warehouse) == {"ok": 50, "blank": 50}


def test_an_earlier_day_rightly_knows_less(warehouse: Warehouse) -> None:
    publish_cells(warehouse, sound(100))
    publish_cells(warehouse, sound(40), as_of=AS_OF - timedelta(days=1))
    assert statuses(warehouse) == {"ok": 40}


@pytest.mark.parametrize("before", ["exact", "alternative", "rightly_blank", "abstained"])
@pytest.mark.parametrize("now", ["wrong", "invented"])
def test_a_hand_checked_cell_must_not_turn_wrong(
    warehouse: Warehouse, before: str, now: str
) -> None:
    publish_cells(warehouse, sound(1), ["exact", before])
    with pytest.raises(
        PublishRefusedError,
        match="1 hand-checked cells were not wrong and are now: DUOL revenue annual 2025-12-31 "
        "as of 2026-02-28 is 2 and should be 1",
    ):
        publish_cells(warehouse, sound(1), ["exact", now])


def test_the_newest_answer_is_compared_though_its_day_moves(warehouse: Warehouse) -> None:
    publish_cells(warehouse, sound(1), ["exact"], scored_at="2026-07-09")
    with pytest.raises(PublishRefusedError, match="1 hand-checked cells"):
        publish_cells(warehouse, sound(1), ["wrong"], scored_at="2026-07-10")


@pytest.mark.parametrize(("before", "now"), [("wrong", "invented"), ("exact", "abstained")])
def test_a_cell_that_stays_wrong_or_turns_blank_is_no_regression(
    warehouse: Warehouse, before: str, now: str
) -> None:
    publish_cells(warehouse, sound(1), [before])
    publish_cells(warehouse, sound(1), [now])
    with as_reader(warehouse) as reader:
        assert reader.execute("select verdict from mart_accuracy_certificate").fetchall() == [
            (now,)
        ]


def test_an_override_is_kept_with_its_reason_and_what_it_overrode(warehouse: Warehouse) -> None:
    publish_cells(warehouse, sound(10), ["exact"])
    publish_cells(warehouse, ["check_failed"] * 10, ["wrong"], forced_reason="the truth was wrong")
    with as_reader(warehouse) as reader:
        rows = reader.execute("select forced_reason from publications order by run_id").fetchall()
    assert rows[0] == (None,)
    assert rows[1][0].startswith("the truth was wrong [check_failed: 10 of 10")
    assert "certificate: 1 hand-checked cells" in rows[1][0]


def test_a_reason_without_need_is_not_kept(warehouse: Warehouse) -> None:
    publish_cells(warehouse, sound(10))
    publish_cells(warehouse, sound(10), forced_reason="to be safe")
    assert query(warehouse, "select distinct forced_reason from ops.publications") == [(None,)]
