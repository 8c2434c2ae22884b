"""Which companies changed: what arrived to whom, when it is known, what the calendar moves."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

import psycopg
import pytest

from connectors.ecb import RATES, EcbRate
from connectors.filed_documents import FILED_DOCUMENTS, FiledDocument
from connectors.sec import FACTS, FILINGS, SecFact, SecFiling
from connectors.yahoo_chart import EVENTS, PRICES, YahooEvent, YahooPrice
from tests.db.packages import AS_OF, deliver, new_run, night, query
from warehouse.building.changes import Changes, note_changes
from warehouse.db import Warehouse

RULES = {"facts": "a", "cells": "a", "market": "a"}
CIKS = {"duolingo": 1, "chegg": 2, "afya": 3}
LAST_PERIOD = date(2026, 3, 31)
SHA = "a" * 64


@pytest.fixture(autouse=True)
def published(warehouse: Warehouse) -> None:
    """Three companies with a publication; one has figures in reais, one filed as another before."""
    with psycopg.connect(warehouse.psycopg_dsn()) as connection:
        connection.execute("create schema if not exists intermediate")
        connection.execute(
            "create table intermediate.int_companies__listed as"
            " select * from unnest(%s::text[], %s::bigint[]) as listed (company_id, cik)",
            (list(CIKS), list(CIKS.values())),
        )
        connection.execute(
            "create table intermediate.int_tickers__listed as select * from ("
            " values ('duolingo', 'DUOL'), ('chegg', 'CHGG')) as listed (company_id, ticker)"
        )
        connection.execute("create table intermediate.int_companies__unreachable (cik bigint)")
        connection.execute(
            "insert into ops.watchlist_predecessors (predecessor_cik, company_id, cik, name)"
            " values (22, 'chegg', 2, 'Before')"
        )
    noted(warehouse)
    publish(warehouse)
    query(
        warehouse,
        "update ops.company_states set currencies = '{BRL}', last_period_end = %s"
        " where company_id = 'afya'",
        LAST_PERIOD,
    )


def noted(
    warehouse: Warehouse, as_of: date = AS_OF, rules: dict[str, str] | None = None
) -> Changes:
    with psycopg.connect(warehouse.psycopg_dsn(), autocommit=True) as connection:
        return note_changes(connection, new_run(warehouse), as_of, rules or RULES)


def publish(warehouse: Warehouse, as_of: date = AS_OF) -> int:
    """What is noted is built and published, as far as the changes are concerned."""
    run_id = new_run(warehouse)
    query(
        warehouse,
        "insert into ops.publications (run_id, published_at, as_of, content_hash,"
        " dbt_manifest_hash, row_counts, rows_changed)"
        " values (%s, clock_timestamp(), %s, '', '', '{}', 0)",
        run_id,
        as_of,
    )
    query(
        warehouse,
        "insert into ops.current_publication (run_id) values (%s)"
        " on conflict (is_singleton) do update set run_id = excluded.run_id",
        run_id,
    )
    query(warehouse, "delete from ops.changed_companies")
    return run_id


def changed(warehouse: Warehouse, as_of: date = AS_OF) -> dict[str, set[str]]:
    return {c.company_id: set(c.domains) for c in noted(warehouse, as_of).companies}


def fact(cik: int, filed: date = AS_OF) -> SecFact:
    return SecFact(
        cik, "us-gaap", "Assets", "USD", None, LAST_PERIOD, Decimal(1), "0000000001-26-000001",
        2026, "Q1", "10-Q", filed,
    )  # fmt: skip


def close(ticker: str, day: date) -> YahooPrice:
    return YahooPrice(ticker, day, None, None, None, Decimal(1), None, 1, "USD")


def test_nothing_changed_after_a_publication(warehouse: Warehouse) -> None:
    assert changed(warehouse) == {}


@pytest.mark.parametrize(
    ("table", "row", "who"),
    [
        (FACTS, fact(1), {"duolingo": {"facts"}}),
        # What a predecessor filed is the company's.
        (FACTS, fact(22), {"chegg": {"facts"}}),
        (FACTS, fact(99), {}),
        (
            FILINGS,
            SecFiling(2, "0000000002-26-000001", "8-K", AS_OF, *(None,) * 8),
            {"chegg": {"filings"}},
        ),
        (PRICES, close("DUOL", AS_OF), {"duolingo": {"market"}}),
        (
            EVENTS,
            YahooEvent("CHGG", AS_OF, "split", None, Decimal(2), Decimal(1)),
            {"chegg": {"cells"}},
        ),
        (
            EVENTS,
            YahooEvent("CHGG", AS_OF, "dividend", Decimal(1), None, None),
            {"chegg": {"market"}},
        ),
        # A rate of a day in a period that has figures; one of a later day has a part in none.
        (RATES, EcbRate("BRL", LAST_PERIOD, Decimal(6)), {"afya": {"cells"}}),
        (RATES, EcbRate("USD", LAST_PERIOD, Decimal("1.1")), {"afya": {"cells"}}),
        (RATES, EcbRate("BRL", AS_OF, Decimal(6)), {}),
        (RATES, EcbRate("GBP", LAST_PERIOD, Decimal(6)), {}),
        (
            FILED_DOCUMENTS,
            FiledDocument(
                1, "0000000001-26-000001", "10-K", "10-K", "a.htm", None, "https://x.example/a",
                AS_OF, SHA,
            ),
            {"duolingo": {"documents"}},
        ),
    ],
)  # fmt: skip
def test_what_arrives_changes_a_domain_of_its_company(
    warehouse: Warehouse, table: str, row: tuple[object, ...], who: dict[str, set[str]]
) -> None:
    deliver(warehouse, table, (night(1), [row]))
    assert changed(warehouse) == who
    # It stays noted until a publication closes it, whoever asks in between.
    assert changed(warehouse) == who
    publish(warehouse)
    assert changed(warehouse) == {}


def test_what_is_loaded_waits_until_it_is_known(warehouse: Warehouse) -> None:
    days = [AS_OF, AS_OF + timedelta(3), AS_OF + timedelta(5)]
    deliver(warehouse, PRICES, (night(1), [close("DUOL", day) for day in days]))
    seen: list[int] = []
    for offset in range(7):
        if changed(warehouse, AS_OF + timedelta(offset)):
            seen.append(offset)
        publish(warehouse, AS_OF + timedelta(offset))
    assert seen == [0, 3, 5]


def test_the_calendar_moves_a_company_on_its_day(warehouse: Warehouse) -> None:
    query(
        warehouse,
        "insert into ops.company_clock values ('chegg', 'market', %s)",
        AS_OF + timedelta(2),
    )
    assert changed(warehouse, AS_OF + timedelta(1)) == {}
    assert changed(warehouse, AS_OF + timedelta(2)) == {"chegg": {"market"}}


@pytest.mark.parametrize("back", [1, 300])
def test_an_earlier_day_is_everyones_and_so_is_the_way_back(
    warehouse: Warehouse, back: int
) -> None:
    everyone = {name: {"companies"} for name in CIKS}
    assert changed(warehouse, AS_OF - timedelta(back)) == everyone
    publish(warehouse, AS_OF - timedelta(back))
    assert changed(warehouse) == everyone
    publish(warehouse)
    assert changed(warehouse) == {}


def test_new_rules_are_everyones_in_their_domain(warehouse: Warehouse) -> None:
    found = noted(warehouse, rules=RULES | {"market": "b"})
    assert {c.company_id: set(c.domains) for c in found.companies} == {
        name: {"market"} for name in CIKS
    }
    assert found.are_rules_new
    # The night failed: they are as new to the next one.
    assert noted(warehouse, rules=RULES | {"market": "b"}).are_rules_new
    publish(warehouse)
    # That seeds and views were made tonight is no new rule.
    query(warehouse, "insert into ops.domain_rules values ('reference', 'a', %s)", 10**9)
    assert not noted(warehouse, rules=RULES | {"market": "b"}).are_rules_new


def test_who_comes_leaves_or_cannot_be_reached_changed(warehouse: Warehouse) -> None:
    query(warehouse, "delete from intermediate.int_companies__listed where company_id = 'afya'")
    query(warehouse, "insert into intermediate.int_companies__listed values ('udemy', 4)")
    query(warehouse, "insert into intermediate.int_companies__unreachable values (2)")
    assert changed(warehouse) == {
        "afya": {"companies"},
        "udemy": {"companies"},
        "chegg": {"cells"},
    }
    publish(warehouse)
    query(warehouse, "delete from intermediate.int_companies__unreachable")
    assert changed(warehouse) == {"chegg": {"cells"}}


def test_a_rollback_changes_whoever_had_other_rows_since(warehouse: Warehouse) -> None:
    [(before,)] = query(warehouse, "select run_id from ops.current_publication")
    later = publish(warehouse)
    digests: Sequence[tuple[str, int, int]] = [
        ("duolingo", before, 2**63 - 1),
        ("chegg", before, later),
        ("chegg", later, 2**63 - 1),
    ]
    for company, opened, closed in digests:
        query(
            warehouse,
            "insert into ops.company_digests values (%s, 'fct_financials', '', 1, %s, %s)",
            company,
            opened,
            closed,
        )
    assert changed(warehouse) == {}
    query(warehouse, "update ops.current_publication set run_id = %s", before)
    assert changed(warehouse) == {"chegg": {"companies"}}
