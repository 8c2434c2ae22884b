"""Load packages: what re-delivery, corrections, late answers and bad rows do to schema raw."""

import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.ecb import RATES, EcbRate
from connectors.sec import COMPANIES, FACTS, SecCompany, SecFact
from connectors.yahoo_chart import PRICES, YahooPrice
from expectations.rules import Rule
from flows.steps.gate import SUITES
from tests.db.packages import (
    PATIENCE,
    as_reader,
    deliver,
    kill,
    new_capture,
    new_run,
    night,
    query,
    stage,
    staged,
    wait_until_blocked,
)
from tests.limits import seconds
from warehouse.db import Warehouse
from warehouse.load import LoadRefusedError, abandon, merge, open_load, record_rejects

DAY = date(2026, 1, 2)
FACT = SecFact(
    cik=1097864,
    taxonomy="us-gaap",
    concept="Assets",
    unit="USD",
    start_date=None,
    end_date=date(2025, 12, 31),
    value=Decimal(12_000),
    accession="0001097864-26-000010",
    fy=2025,
    fp="FY",
    form="10-K",
    filed_date=date(2026, 2, 9),
)


def rate(value: str, currency: str = "USD") -> EcbRate:
    return EcbRate(currency, DAY, Decimal(value))


def versions(warehouse: Warehouse, currency: str = "USD") -> list[str]:
    """Every stored rate of the currency, the oldest first."""
    rows = query(
        warehouse,
        "select rate::text from raw.ecb_rates where currency = %s order by fetched_at",
        currency,
    )
    return [row[0] for row in rows]


def row_of(table: str, value: str, name: str = "USD") -> tuple[Any, ...]:
    """A row of a plain table, or of a compact one, whose key is that name."""
    return rate(value, name) if table == RATES else FACT._replace(unit=name, value=Decimal(value))


def versions_of(warehouse: Warehouse, table: str, name: str = "USD") -> list[str]:
    """Every stored value of that key, the oldest first."""
    if table == RATES:
        return versions(warehouse, name)
    rows = query(
        warehouse,
        "select value::text from raw.sec_facts where unit = %s order by fetched_at",
        name,
    )
    return [row[0] for row in rows]


def stored(warehouse: Warehouse) -> list[Any]:
    """All rates with lineage and with the transaction that wrote each row."""
    return query(warehouse, "select xmin::text, r.* from raw.ecb_rates r order by key_sha, rate")


def rejected(warehouse: Warehouse) -> list[Any]:
    return query(
        warehouse,
        "select table_name, rule, record, capture_id from ops.rejected_records"
        " order by rejected_id",
    )


def test_identical_redelivery_changes_no_row(warehouse: Warehouse) -> None:
    rows = [rate("1.10"), rate("9.5", "SEK")]
    assert deliver(warehouse, RATES, (night(1), rows)).new == {RATES: 2}
    before = stored(warehouse)
    again = deliver(warehouse, RATES, (night(2), rows))
    assert (again.staged, again.new, again.rejected) == ({RATES: 2}, {RATES: 0}, {RATES: 0})
    assert stored(warehouse) == before


def test_the_same_capture_loaded_twice_changes_no_row(warehouse: Warehouse) -> None:
    deliver(warehouse, RATES, (night(1), [rate("1.10")]), (night(2), [rate("1.20")]))
    before = stored(warehouse)
    assert deliver(warehouse, RATES, (night(1), [rate("1.10")])).new == {RATES: 0}
    assert stored(warehouse) == before


def test_a_changed_value_is_a_new_row_and_the_old_one_stays(warehouse: Warehouse) -> None:
    deliver(warehouse, RATES, (night(1), [rate("1.10"), rate("9.5", "SEK")]))
    before = stored(warehouse)
    changed = deliver(warehouse, RATES, (night(2), [rate("1.20"), rate("9.5", "SEK")]))
    assert changed.new == {RATES: 1}
    after = stored(warehouse)
    assert [row for row in after if row in before] == before
    assert versions(warehouse) == ["1.10", "1.20"]


def test_a_value_that_comes_back_is_a_third_version(warehouse: Warehouse) -> None:
    for number, value in enumerate(["1.10", "1.20", "1.10"]):
        assert deliver(warehouse, RATES, (night(number), [rate(value)])).new == {RATES: 1}
    assert versions(warehouse) == ["1.10", "1.20", "1.10"]


def test_answers_of_one_package_are_versions_by_the_time_they_were_fetched(
    warehouse: Warehouse,
) -> None:
    answers = [(night(n), [rate(value)]) for n, value in [(3, "3"), (1, "1"), (2, "1"), (4, "1")]]
    assert deliver(warehouse, RATES, *answers).new == {RATES: 3}
    assert versions(warehouse) == ["1", "3", "1"]


def test_an_older_capture_that_arrives_late_does_not_become_current(warehouse: Warehouse) -> None:
    deliver(warehouse, RATES, (night(1), [rate("1.10")]))
    deliver(warehouse, RATES, (night(3), [rate("1.30")]))
    assert deliver(warehouse, RATES, (night(2), [rate("1.20")])).new == {RATES: 1}
    assert versions(warehouse) == ["1.10", "1.20", "1.30"]


def test_a_late_answer_beside_a_new_one_does_not_hide_what_lies_between(
    warehouse: Warehouse,
) -> None:
    # The newest answer equals the late one, but differs from the version that is stored.
    deliver(warehouse, RATES, (night(3), [rate("1.30"), rate("9.5", "SEK")]))
    late = (night(1), [rate("1.10"), rate("9.4", "SEK")])
    newest = (night(5), [rate("1.10"), rate("9.5", "SEK")])
    assert deliver(warehouse, RATES, late, newest).new == {RATES: 3}
    assert versions(warehouse) == ["1.10", "1.30", "1.10"]
    assert versions(warehouse, "SEK") == ["9.4", "9.5"]


def test_two_rows_under_one_key_in_one_answer_are_both_set_aside(warehouse: Warehouse) -> None:
    rows = [rate("1.10"), rate("1.20"), rate("9.5", "SEK"), rate("11", "NOK"), rate("11", "NOK")]
    result = deliver(warehouse, RATES, (night(1), rows))
    assert result.rejected == {RATES: 2}
    assert query(warehouse, "select currency from raw.ecb_rates order by 1") == [("NOK",), ("SEK",)]
    found = [(rule, record["rate"]) for _, rule, record, _ in rejected(warehouse)]
    assert sorted(found) == [("conflicting_key", 1.10), ("conflicting_key", 1.20)]


@pytest.mark.parametrize("rules", [SUITES, {FACTS: []}], ids=["all rules", "none broken"])
def test_two_facts_under_one_key_in_one_answer_are_both_set_aside(
    warehouse: Warehouse, rules: Mapping[str, Sequence[Rule]]
) -> None:
    rows = [
        FACT,
        FACT._replace(value=Decimal("1.00")),
        FACT._replace(concept="Liabilities", value=Decimal(1)),
        FACT._replace(concept="Liabilities", value=Decimal("1.0")),
        *[FACT._replace(concept="StockholdersEquity")] * 2,
        FACT._replace(concept="NetIncomeLoss"),
        FACT._replace(concept="Revenues"),
        FACT._replace(concept="GrossProfit"),
    ]
    result = merge(staged(warehouse, FACTS, (night(1), rows)), rules)
    assert (result.rejected, result.new) == ({FACTS: 4}, {FACTS: 4})
    assert query(warehouse, "select concept from raw.sec_facts order by 1") == [
        ("GrossProfit",),
        ("NetIncomeLoss",),
        ("Revenues",),
        ("StockholdersEquity",),
    ]


@pytest.mark.parametrize("rules", [SUITES, {FACTS: []}], ids=["all rules", "none broken"])
def test_of_a_fact_given_exactly_and_rounded_the_exact_one_is_kept(
    warehouse: Warehouse, rules: Mapping[str, Sequence[Rule]]
) -> None:
    def amounts(concept: str, *values: int) -> list[SecFact]:
        return [FACT._replace(concept=concept, value=Decimal(value)) for value in values]

    rows = [
        *amounts("Assets", 171_797_000_000, 172_000_000_000),
        *amounts("Revenues", -3_000_000, -3_499_999),
        # Half a unit is as far as rounding goes, and three are no pair.
        *amounts("Goodwill", 3_000_000, 3_500_001),
        *amounts("Liabilities", 171_797_000_000, 171_798_000_000, 172_000_000_000),
        *[fact for number in range(8) for fact in amounts(f"Sound{number}", number)],
    ]
    result = merge(staged(warehouse, FACTS, (night(1), rows)), rules)
    assert (result.rejected, result.new) == ({FACTS: 7}, {FACTS: 10})
    assert query(
        warehouse, "select concept, value from raw.sec_facts where abs(value) > 9 order by 1"
    ) == [("Assets", 171_797_000_000), ("Revenues", -3_499_999)]
    found = Counter(rule for _, rule, _, _ in rejected(warehouse))
    assert found == {"rounded_twin": 2, "conflicting_key": 5}


def test_two_values_under_one_key_in_two_answers_are_no_conflict(warehouse: Warehouse) -> None:
    result = deliver(warehouse, RATES, (night(1), [rate("1.1")]), (night(2), [rate("1.2")]))
    assert (result.new, result.rejected) == ({RATES: 2}, {RATES: 0})


def test_a_failing_row_is_kept_once_with_its_rule_and_capture_over_two_nights(
    warehouse: Warehouse,
) -> None:
    rows = [rate("1.10"), rate("-3", "SEK")]
    load = open_load(warehouse, new_run(warehouse), "test")
    capture = stage(load, RATES, rows, night(1))
    assert merge(load, SUITES).rejected == {RATES: 1}
    kept = [
        (RATES, "rate_positive", {"currency": "SEK", "rate_date": str(DAY), "rate": -3}, capture)
    ]
    assert rejected(warehouse) == kept
    assert deliver(warehouse, RATES, (night(2), rows)).rejected == {RATES: 1}
    assert rejected(warehouse) == kept
    assert versions(warehouse, "SEK") == []


def test_a_row_that_breaks_two_rules_is_kept_under_both_and_counted_once(
    warehouse: Warehouse,
) -> None:
    rows = [rate("1.10"), rate("-3", "sek")]
    assert deliver(warehouse, RATES, (night(1), rows)).rejected == {RATES: 1}
    rules = [rule for _, rule, _, _ in rejected(warehouse)]
    assert sorted(rules) == ["currency_matches", "rate_positive"]


def test_a_package_of_mostly_bad_rows_is_refused_and_raw_stays_untouched(
    warehouse: Warehouse,
) -> None:
    deliver(warehouse, RATES, (night(1), [rate("1.10")]))
    before = stored(warehouse)
    rows = [rate("1.20"), rate("-3", "SEK"), rate("-4", "NOK")]
    load = staged(warehouse, RATES, (night(2), rows))
    with pytest.raises(LoadRefusedError, match="2 of 3 rows of ecb_rates"):
        merge(load, SUITES)
    abandon(load)
    assert stored(warehouse) == before
    kept = [(rule, row["rate"]) for _, rule, row, _ in rejected(warehouse)]
    assert sorted(kept) == [("rate_positive", -4), ("rate_positive", -3)]
    assert query(warehouse, "select status from ops.loads order by load_id desc limit 1") == [
        ("failed",)
    ]


def test_one_bad_table_refuses_the_whole_package(warehouse: Warehouse) -> None:
    load = staged(warehouse, RATES, (night(1), [rate("1.10")]))
    stage(load, FACTS, [FACT._replace(accession="none")], night(1))
    with pytest.raises(LoadRefusedError, match="1 of 1 rows of sec_facts"):
        merge(load, SUITES)
    assert stored(warehouse) == []


def test_a_package_of_which_half_is_bad_is_merged(warehouse: Warehouse) -> None:
    result = deliver(warehouse, RATES, (night(1), [rate("1.10"), rate("-3", "SEK")]))
    assert (result.new, result.rejected) == ({RATES: 1}, {RATES: 1})


def test_the_package_keeps_its_counts_and_leaves_no_stage_table(warehouse: Warehouse) -> None:
    load = staged(warehouse, RATES, (night(1), [rate("1.10"), rate("-3", "SEK")]))
    merge(load, SUITES)
    kept = query(
        warehouse,
        "select status, rows_staged, rows_rejected, rows_new, finished_at >= started_at"
        " from ops.loads where load_id = %s",
        load.load_id,
    )
    assert kept == [("loaded", 2, 1, 1, True)]
    assert stage_tables(warehouse) == []


def stage_tables(warehouse: Warehouse) -> list[str]:
    rows = query(warehouse, "select tablename from pg_tables where schemaname = 'stage' order by 1")
    return [row[0] for row in rows]


def test_a_package_whose_connection_is_killed_leaves_raw_and_is_swept_by_the_next(
    warehouse: Warehouse,
) -> None:
    deliver(warehouse, RATES, (night(1), [rate("1.10")]))
    before = stored(warehouse)
    load = staged(warehouse, RATES, (night(2), [rate("1.20")]))
    kill(warehouse, load.connection.info.backend_pid)
    with pytest.raises(psycopg.OperationalError):
        merge(load, SUITES)
    assert stored(warehouse) == before
    assert stage_tables(warehouse) == [load.stage_table(RATES)]
    other = open_load(warehouse, new_run(warehouse), "another source")
    assert stage_tables(warehouse) == [load.stage_table(RATES)]
    abandon(other)
    following = open_load(warehouse, new_run(warehouse), "test")
    assert stage_tables(warehouse) == []
    abandon(following)
    assert query(warehouse, "select status from ops.loads order by load_id") == [
        ("loaded",), ("failed",), ("failed",), ("failed",),
    ]  # fmt: skip


def test_a_package_killed_in_the_middle_of_its_merge_leaves_nothing(warehouse: Warehouse) -> None:
    load = staged(warehouse, RATES, (night(1), [rate("1.10"), rate("-3", "SEK")]))
    backend = load.connection.info.backend_pid
    failures: list[BaseException] = []

    def merging() -> None:
        try:
            merge(load, SUITES)
        except psycopg.OperationalError as error:
            failures.append(error)

    with psycopg.connect(warehouse.psycopg_dsn()) as blocker:
        # Bad rows are already set aside when the merge comes to this table.
        blocker.execute("lock table raw.ecb_rates in share mode")
        thread = threading.Thread(target=merging)
        thread.start()
        wait_until_blocked(warehouse, backend)
        kill(warehouse, backend)
        thread.join(seconds(PATIENCE))
    assert len(failures) == 1
    abandon(load)
    assert stored(warehouse) == []
    assert rejected(warehouse) == []


def test_an_abandoned_package_leaves_raw_and_no_stage_table(warehouse: Warehouse) -> None:
    load = staged(warehouse, RATES, (night(2), [rate("1.20")]))
    abandon(load)
    abandon(load)
    assert stored(warehouse) == []
    assert stage_tables(warehouse) == []
    assert query(warehouse, "select status from ops.loads") == [("failed",)]


def test_abandoning_a_package_whose_connection_was_lost_is_left_to_the_next_one(
    warehouse: Warehouse,
) -> None:
    # Its caller is about to raise what really happened; nothing may come before that.
    load = staged(warehouse, RATES, (night(2), [rate("1.20")]))
    kill(warehouse, load.connection.info.backend_pid)
    abandon(load)
    assert load.connection.closed
    abandon(open_load(warehouse, new_run(warehouse), "test"))
    assert stage_tables(warehouse) == []


def test_sweeping_one_package_spares_those_whose_number_ends_alike(warehouse: Warehouse) -> None:
    orphan = staged(warehouse, RATES, (night(1), [rate("1.10")]))
    query(warehouse, f"alter table ops.loads alter load_id restart with {orphan.load_id}1")
    alive = open_load(warehouse, orphan.run_id, "another source")
    stage(alive, RATES, [rate("1.20")], night(2))
    orphan.connection.close()
    abandon(open_load(warehouse, new_run(warehouse), "test"))
    assert stage_tables(warehouse) == [alive.stage_table(RATES)]
    abandon(alive)


def test_a_package_of_the_same_run_is_alive_while_another_is_filled(warehouse: Warehouse) -> None:
    full = staged(warehouse, RATES, (night(1), [rate("1.10")]))
    following = open_load(warehouse, full.run_id, "test")
    assert merge(full, SUITES).new == {RATES: 1}
    abandon(following)
    assert versions(warehouse) == ["1.10"]


def test_facts_without_a_start_date_share_one_key(warehouse: Warehouse) -> None:
    deliver(warehouse, FACTS, (night(1), [FACT]))
    assert deliver(warehouse, FACTS, (night(2), [FACT])).new == {FACTS: 0}
    assert deliver(warehouse, FACTS, (night(3), [FACT._replace(value=Decimal(1))])).new == {
        FACTS: 1
    }
    other = FACT._replace(start_date=date(2025, 1, 1))
    assert deliver(warehouse, FACTS, (night(4), [other])).new == {FACTS: 1}
    keys = query(warehouse, "select count(*) from raw.sec_facts group by start_date order by 1")
    assert keys == [(1,), (2,)]
    conflict = [FACT, FACT._replace(value=Decimal(2)), other]
    with pytest.raises(LoadRefusedError):
        deliver(warehouse, FACTS, (night(5), conflict))


@pytest.mark.parametrize(
    "digits",
    [
        "1.10",
        "0.000000000000000000000000000001",
        "123456789012345678901234567890.123456789012345678901234567890",
        "0.1000000000000000055511151231257827",
        "100000000000000000000",
        "0.10",
        "10.00",
    ],
)
def test_every_digit_of_a_number_survives(warehouse: Warehouse, digits: str) -> None:
    deliver(warehouse, RATES, (night(1), [rate(digits)]))
    assert versions(warehouse) == [digits]


def test_json_that_only_spells_otherwise_is_the_same_value(warehouse: Warehouse) -> None:
    company = SecCompany(
        1, "submissions", "Učí, s.r.o. \\ \"x\"\t\n", None, "", None, None,
        '["A", "B"]', '{"a": 1, "b": 2}', None,
    )  # fmt: skip
    deliver(warehouse, COMPANIES, (night(1), [company]))
    same = company._replace(tickers='["A","B"]', exchanges='{"b":2,"a":1}')
    assert deliver(warehouse, COMPANIES, (night(2), [same])).new == {COMPANIES: 0}
    assert query(warehouse, "select name, sic, sic_description from raw.sec_companies") == [
        (company.name, None, "")
    ]


def test_rows_that_no_parser_could_type_are_kept_as_they_came(warehouse: Warehouse) -> None:
    load = open_load(warehouse, new_run(warehouse), "test")
    capture = new_capture(warehouse, night(1))
    # Neither a NUL nor the six characters that spell one in JSON may end the package.
    rows = [{"rate": "N/A"}, {"rate": "a\0b"}, {"rate": "a\\u0000b"}, {"rate": "\\"}]
    rejects = [(RATES, "rate_not_numeric", "in words", row) for row in rows]
    assert record_rejects(load, rejects, capture) == 4
    assert record_rejects(load, rejects, capture) == 4
    abandon(load)
    assert [record for _, _, record, _ in rejected(warehouse)] == [
        {"rate": "N/A"}, {"rate": "ab"}, {"rate": "a\\u0000b"}, {"rate": "\\"},
    ]  # fmt: skip


def test_readers_see_nothing_of_a_package(warehouse: Warehouse) -> None:
    load = staged(warehouse, RATES, (night(1), [rate("1.10")]))
    name = load.stage_table(RATES)
    with as_reader(warehouse) as reader, pytest.raises(psycopg.errors.InsufficientPrivilege):
        reader.execute(f"select 1 from stage.{name}")
    abandon(load)


ANSWER = st.dictionaries(st.sampled_from(["AAA", "BBB"]), st.sampled_from("12"), min_size=1)


@pytest.mark.parametrize("table", [RATES, FACTS])
@settings(
    max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)
@given(packages=st.lists(st.lists(ANSWER, min_size=1, max_size=3), min_size=1, max_size=5))
def test_after_any_deliveries_the_last_value_is_current_and_only_changes_are_stored(
    warehouse: Warehouse, table: str, packages: list[list[dict[str, str]]]
) -> None:
    query(warehouse, "truncate raw.ecb_rates, raw.sec_fact_values")
    delivered: dict[str, list[str]] = {}
    number = 0
    for package in packages:
        answers = []
        for answer in package:
            number += 1
            answers.append((night(number), [row_of(table, v, k) for k, v in answer.items()]))
            for currency, value in answer.items():
                history = delivered.setdefault(currency, [])
                if history[-1:] != [value]:
                    history.append(value)
        deliver(warehouse, table, *answers)
    assert {key: versions_of(warehouse, table, key) for key in delivered} == delivered


@pytest.mark.parametrize("table", [RATES, FACTS])
@settings(
    max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)
@given(data=st.data(), nights=st.permutations(range(1, 6)))
def test_answers_that_all_differ_end_in_one_history_in_whatever_order_they_arrive(
    warehouse: Warehouse, table: str, data: st.DataObject, nights: list[int]
) -> None:
    query(warehouse, "truncate raw.ecb_rates, raw.sec_fact_values")
    while nights:
        size = data.draw(st.integers(1, len(nights)))
        package, nights = nights[:size], nights[size:]
        deliver(warehouse, table, *[(night(n), [row_of(table, str(n))]) for n in package])
    assert versions_of(warehouse, table) == ["1", "2", "3", "4", "5"]


def test_a_company_whose_rows_are_mostly_bad_does_not_cost_the_others(
    warehouse: Warehouse,
) -> None:
    def close(ticker: str, day: int, price: int) -> YahooPrice:
        return YahooPrice(
            ticker, date(2026, 7, day), None, None, None, Decimal(price), None, 1, "USD"
        )

    # Far more rows of A than of the others together, and most of them have no price.
    bad = [close("A", day, 0 if day > 1 else 7) for day in range(1, 29)]
    good = [close(ticker, day, 7) for ticker in "BCD" for day in (1, 2)]
    # One bad row of two is not most of them.
    result = deliver(warehouse, PRICES, (night(1), [*bad, *good, close("B", 3, 0)]))
    assert (result.rejected, result.refused) == ({PRICES: 28}, {PRICES: ["A"]})
    assert query(
        warehouse, "select ticker, count(*) from raw.yahoo_prices group by 1 order by 1"
    ) == [("B", 2), ("C", 2), ("D", 2)]


def test_a_package_is_refused_whole_where_most_companies_have_mostly_bad_rows(
    warehouse: Warehouse,
) -> None:
    rows = [
        YahooPrice(ticker, date(2026, 7, 1), None, None, None, Decimal(price), None, 1, "USD")
        for ticker, price in (("A", 0), ("B", 0), ("C", 7))
    ]
    with pytest.raises(LoadRefusedError, match="2 of 3 rows of yahoo_prices break a rule"):
        deliver(warehouse, PRICES, (night(1), rows))
    assert query(warehouse, "select count(*) from raw.yahoo_prices") == [(0,)]
