"""Rules and suites as they are written down, without a database."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import BigInteger, Column, Date, DateTime, MetaData, Numeric, Table, Text

from expectations.rules import Rule, in_range, in_set, matches, not_after, not_null, required
from expectations.suites import DeclarationError, suite_of
from flows.steps.gate import SUITES
from warehouse.tables import SOURCE_TABLES, record_columns


def declared(*columns: Column[Any], may_be_empty: bool = False) -> Table:
    """A table as a source declares it, outside the warehouse's own."""
    record = tuple(column.name for column in columns)
    info = {"record": record, "may_be_empty": may_be_empty}
    return Table("prices", MetaData(), *columns, Column("load_id", BigInteger), info=info)


def test_a_suite_says_what_the_table_declares() -> None:
    table = declared(
        Column("ticker", Text, nullable=False, info={"matches": "^[A-Z]+$"}),
        Column("day", Date, info={"in_range": (date(2020, 1, 1), None), "not_after": "told_at"}),
        Column("told_at", DateTime(timezone=True), info={"in_range": (None, date(2100, 1, 1))}),
        Column("close", Numeric, nullable=False, info={"is_positive": True}),
        Column("volume", BigInteger, info={"in_range": (0, None)}),
        Column("kind", Text, info={"in_set": ("a", "b")}),
    )
    assert [(rule.name, rule.reject_where) for rule in suite_of(table)] == [
        ("batch_has_rows", None),
        ("has_columns", None),
        ("ticker_not_null", "ticker is null"),
        ("close_not_null", "close is null"),
        ("ticker_matches", "ticker !~ '^[A-Z]+$'"),
        ("day_in_range", "day < '2020-01-01'::date"),
        ("day_not_after_told_at", "day > told_at"),
        ("told_at_in_range", "told_at > '2100-01-01'::timestamptz"),
        ("close_positive", "close <= 0"),
        ("volume_in_range", "volume < 0"),
        ("kind_in_set", "kind not in ('a', 'b')"),
    ]


def test_a_table_that_may_be_empty_says_so() -> None:
    rules = suite_of(declared(Column("day", Date, nullable=False), may_be_empty=True))
    assert [rule.name for rule in rules] == ["has_columns", "day_not_null"]


def test_a_declaration_without_a_rule_is_refused() -> None:
    table = declared(Column("day", Date, nullable=False, info={"in_rnage": (0, 1)}))
    with pytest.raises(
        DeclarationError, match=r"prices\.day declares .in_rnage.+known are matches"
    ):
        suite_of(table)


@pytest.mark.parametrize("table", SUITES)
def test_a_suite_names_each_rule_once(table: str) -> None:
    names = [rule.name for rule in SUITES[table]]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("table", SUITES)
def test_a_suite_demands_what_the_raw_table_cannot_do_without(table: str) -> None:
    # A null there that passed the gate would end the merge of the whole package.
    columns = {c.name for c in record_columns(SOURCE_TABLES[table]) if not c.nullable}
    assert {
        rule.arguments["column"]
        for rule in SUITES[table]
        if rule.expectation == "expect_column_values_to_not_be_null"
    } == columns
    (shape,) = [r for r in SUITES[table] if r.name == "has_columns"]
    assert set(shape.arguments["column_set"]) == columns


@pytest.mark.parametrize("table", SUITES)
def test_a_suite_speaks_of_columns_of_its_table(table: str) -> None:
    known = {column.name for column in record_columns(SOURCE_TABLES[table])}
    for rule in SUITES[table]:
        named = {v for k, v in rule.arguments.items() if k in {"column", "column_A", "column_B"}}
        assert named <= known, rule.name


@pytest.mark.parametrize("table", SUITES)
def test_a_predicate_holds_nothing_that_a_driver_would_take_for_a_parameter(table: str) -> None:
    for rule in SUITES[table]:
        predicate = (rule.reject_where or "").replace("::", "")
        assert "%" not in predicate, rule.name
        assert ":" not in predicate, rule.name


def test_the_key_of_a_table_is_never_empty_but_for_the_start_of_an_instant() -> None:
    nullable = {
        (table.name, name)
        for table in SOURCE_TABLES.values()
        for name in table.info["key"]
        if table.columns[name].nullable
    }
    assert nullable == {("sec_facts", "start_date")}


@pytest.mark.parametrize(
    ("rule", "name", "predicate"),
    [
        (not_null("a"), "a_not_null", "a is null"),
        (in_range("a", 0), "a_in_range", "a < 0"),
        (in_range("a", None, 9), "a_in_range", "a > 9"),
        (in_range("a", 0, 9), "a_in_range", "a < 0 or a > 9"),
        (
            in_range("a", date(2020, 1, 1), cast="date"),
            "a_in_range",
            "a < '2020-01-01'::date",
        ),
        (in_set("a", ["x", "y"]), "a_in_set", "a not in ('x', 'y')"),
        (matches("a", "^x$"), "a_matches", "a !~ '^x$'"),
        (not_after("a", "b"), "a_not_after_b", "a > b"),
    ],
)
def test_a_predicate_is_true_for_rows_that_fail(rule: Rule, name: str, predicate: str) -> None:
    assert (rule.name, rule.reject_where) == (name, predicate)


def test_required_columns_must_be_there_and_filled() -> None:
    shape, *filled = required("a", "b")
    assert (shape.arguments["column_set"], shape.reject_where) == (["a", "b"], None)
    assert [rule.reject_where for rule in filled] == ["a is null", "b is null"]


def test_a_range_without_bounds_is_refused() -> None:
    with pytest.raises(ValueError, match="passes everything"):
        in_range("a")
