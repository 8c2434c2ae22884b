"""Rules and suites as they are written down, without a database."""

from datetime import date

import pytest

from expectations.rules import Rule, in_range, in_set, matches, not_after, not_null, required
from expectations.suites import SUITES
from warehouse.raw import SOURCE_TABLES, record_columns


def test_every_raw_table_has_a_suite_and_every_suite_a_table() -> None:
    assert set(SUITES) == set(SOURCE_TABLES)


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
