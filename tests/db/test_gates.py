"""Gates: a company whose numbers got worse is held back, it alone, and an override is kept."""

from collections.abc import Sequence
from datetime import date, timedelta

import psycopg
import pytest
from psycopg import sql

from tests.db.packages import AS_OF, as_reader, new_run, query
from warehouse.building.held import Fault, most_held
from warehouse.building.workplace import ToKeep, Workplace, open_workplace
from warehouse.db import Warehouse
from warehouse.publishing.declared import Mart
from warehouse.publishing.gates import Coverage
from warehouse.publishing.publish import publish

SHAPES = {
    "fct_financials": "company_id text, cik bigint, ticker text, line text, period_type text,"
    " period_end date, currency text, value numeric, status text, blank_reason text",
    "mart_accuracy_certificate": "company_id text, cik bigint, ticker text, line text,"
    " period_type text, period_end date, checked_from date, day_kind text, truth_value numeric,"
    " answer_value numeric, verdict text",
}


def declared(mart: str) -> dict[str, str]:
    """All columns of a mart, which its contract names, with a description each."""
    return {column.split()[0]: "A column." for column in SHAPES[mart].split(", ")}


FACTS = Mart(
    name="fct_financials",
    description="Cells.",
    key=("cik", "line", "period_type", "period_end"),
    columns=declared("fct_financials"),
    by_company=True,
)
CERTIFICATE = Mart(
    name="mart_accuracy_certificate",
    description="Hand-checked cells.",
    key=("cik", "line", "period_type", "period_end", "checked_from", "day_kind"),
    columns=declared("mart_accuracy_certificate"),
    may_be_empty=True,
    by_company=True,
)
CIKS = {"duolingo": 1, "chegg": 2}

Cells = Sequence[str | None]


@pytest.fixture(autouse=True)
def listed(warehouse: Warehouse) -> None:
    """Two companies, as the models list them."""
    with psycopg.connect(warehouse.psycopg_dsn()) as connection:
        connection.execute("create schema if not exists intermediate")
        connection.execute("create schema build")
        connection.execute(
            "create table intermediate.int_companies__listed as"
            " select * from unnest(%s::text[], %s::bigint[]) as listed (company_id, cik)",
            (list(CIKS), list(CIKS.values())),
        )
        connection.execute(
            "create table intermediate.int_tickers__listed (company_id text, ticker text)"
        )
        connection.execute("create table intermediate.int_companies__unreachable (cik bigint)")


def built(
    warehouse: Warehouse, cells: dict[str, Cells], verdicts: dict[str, Sequence[str]] | None = None
) -> None:
    """Leave both marts as dbt does: a cell for each reason, None for a value, and each verdict."""
    rows: dict[str, list[tuple[object, ...]]] = {FACTS.name: [], CERTIFICATE.name: []}
    for company, reasons in cells.items():
        rows[FACTS.name] += [
            (
                company, CIKS[company], company[:4].upper(), "revenue", "annual",
                AS_OF - timedelta(n), "USD", None if reason else 1,
                "blank" if reason else "ok", reason,
            )
            for n, reason in enumerate(reasons)
            if reason != "gone"
        ]  # fmt: skip
    for company, found in (verdicts or {}).items():
        rows[CERTIFICATE.name] += [
            (
                company, CIKS[company], company[:4].upper(), "revenue", "annual",
                date(2025, 12, 31) - timedelta(n), date(2026, 2, 28), "last", 1, 2, verdict,
            )
            for n, verdict in enumerate(found)
        ]  # fmt: skip
    with psycopg.connect(warehouse.psycopg_dsn()) as connection:
        for name, shape in SHAPES.items():
            table = sql.Identifier("build", name)
            connection.execute(sql.SQL("drop table if exists {}").format(table))
            connection.execute(
                sql.SQL("create table {} ({})").format(table, sql.SQL(shape))  # type: ignore[arg-type]
            )
            for row in rows[name]:
                connection.execute(
                    sql.SQL("insert into {} values ({})").format(
                        table, sql.SQL(", ").join(map(sql.Literal, row))
                    )
                )


def anybody(_connection: psycopg.Connection[object]) -> None:
    """Nobody else writes here."""


def judged(
    warehouse: Warehouse,
    cells: dict[str, Cells],
    verdicts: dict[str, Sequence[str]] | None = None,
    as_of: date = AS_OF,
) -> tuple[dict[str, str], list[str]]:
    """A night: who fails which gate keeps what readers have, the others are published.

    Returns what was found of each company, and where cells were lost.
    """
    built(warehouse, cells, verdicts)
    run_id = new_run(warehouse)
    coverage = Coverage()
    with open_workplace(warehouse, (FACTS, CERTIFICATE), run_id, as_of, anybody) as place:
        place.set_batch(sorted(cells))
        failures = {one.company_id: str(one) for one in place.compare(coverage)}
        if failures:
            place.hold_back({name: Fault("gate", 1, found) for name, found in failures.items()})
        keep(place, [name for name in sorted(cells) if name not in failures])
    publish(warehouse, run_id, as_of, (FACTS, CERTIFICATE), "rules", None)
    return failures, coverage.losses()


def keep(place: Workplace, companies: Sequence[str]) -> None:
    place.set_batch(companies)
    kept = ToKeep([FACTS.name, CERTIFICATE.name], frozenset({"cells"}), {})
    place.keep(kept, dict.fromkeys(companies, "rules"))


def sound(count: int) -> list[str | None]:
    return [None] * count


def seen(warehouse: Warehouse, company: str = "duolingo") -> dict[str, int]:
    with as_reader(warehouse) as reader:
        return dict(
            reader.execute(
                "select status, count(*) from fct_financials where company_id = %s group by 1",
                (company,),
            )
        )


def test_two_per_cent_of_a_companys_cells_may_fail_a_check(warehouse: Warehouse) -> None:
    judged(warehouse, {"duolingo": sound(100)})
    failures, _ = judged(warehouse, {"duolingo": ["check_failed"] * 2 + sound(98)})
    assert failures == {}
    assert seen(warehouse) == {"ok": 98, "blank": 2}


def test_more_failed_checks_hold_a_company_back_and_no_other(warehouse: Warehouse) -> None:
    judged(warehouse, {"duolingo": sound(100), "chegg": sound(10)})
    failures, _ = judged(
        warehouse, {"duolingo": ["check_failed"] * 3 + sound(97), "chegg": sound(12)}
    )
    assert failures == {
        "duolingo": "check_failed: 3 of 100 sound cells of DUOL break an identity now, more than 2%"
    }
    assert seen(warehouse) == {"ok": 100}
    assert seen(warehouse, "chegg") == {"ok": 12}


def test_cells_that_had_failed_before_are_not_counted_again(warehouse: Warehouse) -> None:
    judged(warehouse, {"duolingo": ["check_failed"] * 50 + sound(50)})
    judged(warehouse, {"duolingo": ["check_failed"] * 51 + sound(49)})
    assert seen(warehouse) == {"ok": 49, "blank": 51}


@pytest.mark.parametrize("reason", ["not_reported", "gone"])
def test_a_twentieth_of_a_companys_cells_may_be_lost_and_no_more(
    warehouse: Warehouse, reason: str
) -> None:
    judged(warehouse, {"duolingo": sound(100)})
    judged(warehouse, {"duolingo": [reason] * 5 + sound(95)})
    failures, _ = judged(warehouse, {"duolingo": [reason] * 10 + sound(90)})
    assert failures["duolingo"].startswith("coverage: 5 of 95 sound cells of DUOL are blank")
    assert seen(warehouse)["ok"] == 95


def test_what_a_large_company_keeps_does_not_hide_what_a_small_one_lost(
    warehouse: Warehouse,
) -> None:
    judged(warehouse, {"duolingo": sound(1000), "chegg": sound(10)})
    failures, losses = judged(warehouse, {"duolingo": sound(1000), "chegg": ["gone", *sound(9)]})
    assert list(failures) == ["chegg"]
    assert losses == ["CHEG 9 of 10", "revenue 1,009 of 1,010"]


def test_cells_lost_when_its_own_fetch_failed_do_not_hold_a_company_back(
    warehouse: Warehouse,
) -> None:
    lost = {"duolingo": ["not_reported"] * 50 + sound(50), "chegg": ["not_reported", None]}
    judged(warehouse, {"duolingo": sound(100), "chegg": sound(2)})
    query(warehouse, "insert into intermediate.int_companies__unreachable values (1)")
    failures, _ = judged(warehouse, lost)
    # The other one's answer came, so nothing explains what it lacks.
    assert list(failures) == ["chegg"]
    assert seen(warehouse) == {"ok": 50, "blank": 50}


def test_an_earlier_day_rightly_knows_less(warehouse: Warehouse) -> None:
    judged(warehouse, {"duolingo": sound(100)})
    judged(warehouse, {"duolingo": sound(40)}, as_of=AS_OF - timedelta(days=1))
    assert seen(warehouse) == {"ok": 40}


@pytest.mark.parametrize("verdict", ["wrong", "invented"])
def test_a_wrong_hand_checked_cell_holds_its_company_back(
    warehouse: Warehouse, verdict: str
) -> None:
    cells: dict[str, Cells] = {"duolingo": sound(1), "chegg": sound(1)}
    judged(warehouse, cells, {"duolingo": ["exact"], "chegg": ["exact"]})
    failures, _ = judged(
        warehouse, cells, {"duolingo": ["exact", verdict], "chegg": ["exact", "abstained"]}
    )
    assert failures == {
        "duolingo": "certificate: 1 hand-checked cells are wrong: "
        "DUOL revenue annual 2025-12-30 is 2 and should be 1"
    }
    with as_reader(warehouse) as reader:
        assert reader.execute(
            "select company_id, verdict from mart_accuracy_certificate order by 1, 2"
        ).fetchall() == [("chegg", "abstained"), ("chegg", "exact"), ("duolingo", "exact")]


def test_a_first_publication_leaves_a_company_with_a_wrong_cell_out(warehouse: Warehouse) -> None:
    judged(
        warehouse,
        {"duolingo": sound(3), "chegg": sound(3)},
        {"duolingo": ["wrong"], "chegg": ["exact"]},
    )
    assert seen(warehouse) == {}
    assert seen(warehouse, "chegg") == {"ok": 3}


@pytest.mark.parametrize(
    ("published", "asked", "most"), [(0, 10, 5), (1, 1, 3), (100, 5, 3), (1000, 1000, 20)]
)
def test_how_many_may_be_held_back_at_once(published: int, asked: int, most: float) -> None:
    assert most_held(published, asked) == most


def test_a_store_that_grew_is_analysed_before_models_read_it(warehouse: Warehouse) -> None:
    """A plan for an empty store joined two thousand rows with each other, for minutes."""
    run_id = new_run(warehouse)
    rows = "select reltuples::int from pg_class where oid = to_regclass('published.grown')"
    with open_workplace(warehouse, (), run_id, AS_OF, anybody) as place:
        place.main.execute(
            "create table published.grown with (autovacuum_enabled = off) as"
            " select 1 as cell where false"
        )
        place.refresh_statistics()
        assert query(warehouse, rows) == [(-1,)]
        place.main.execute("insert into published.grown select generate_series(1, 2000)")
        place.main.execute("select pg_stat_force_next_flush()")
        place.refresh_statistics()
    assert query(warehouse, rows) == [(2000,)]
