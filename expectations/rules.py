"""A rule: one Great Expectations expectation and, for row rules, the rows it sets aside.

Great Expectations says whether a batch passes; which rows to set aside is our own SQL predicate,
because its `unexpected_index_query` forgets row conditions and breaks for compound keys. The
predicate travels in the expectation's `meta`, and the gate refuses a batch on which the verdict
and the predicate count differently.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Rule:
    """`expectation` is the class's snake-case name, `arguments` its keywords.

    `reject_where` is true, in SQL over the staged row, for the rows that fail; None for a rule
    about the whole batch, whose failure refuses the package.
    """

    name: str
    expectation: str
    arguments: dict[str, Any] = field(default_factory=dict)
    reject_where: str | None = None


def batch_has_rows() -> Rule:
    """An empty batch is never a silent pass."""
    return Rule("batch_has_rows", "expect_table_row_count_to_be_between", {"min_value": 1})


def has_columns(columns: Sequence[str]) -> Rule:
    """The staged batch carries at least these columns."""
    return Rule(
        "has_columns",
        "expect_table_columns_to_match_set",
        {"column_set": list(columns), "exact_match": False},
    )


def not_null(column: str) -> Rule:
    return Rule(
        f"{column}_not_null",
        "expect_column_values_to_not_be_null",
        {"column": column},
        f"{column} is null",
    )


def required(*columns: str) -> list[Rule]:
    """The batch carries these columns and no row of it lacks one of their values.

    They are what the raw table declares not null: a null that got past the gate would end the merge
    of the whole package.
    """
    return [has_columns(columns), *map(not_null, columns)]


def in_range(column: str, low: Any = None, high: Any = None, *, cast: str = "") -> Rule:
    """The column lies in [low, high]; nulls pass. `cast` names the SQL type of the bounds."""
    if low is None and high is None:
        raise ValueError(f"a range for {column} without a bound passes everything")
    literal = f"'{{}}'::{cast}" if cast else "{}"
    tests = []
    if low is not None:
        tests.append(f"{column} < {literal.format(low)}")
    if high is not None:
        tests.append(f"{column} > {literal.format(high)}")
    return Rule(
        f"{column}_in_range",
        "expect_column_values_to_be_between",
        {"column": column, "min_value": low, "max_value": high},
        " or ".join(tests),
    )


def positive(column: str) -> Rule:
    """The column is above zero: later arithmetic divides by it. Nulls pass."""
    return Rule(
        f"{column}_positive",
        "expect_column_values_to_be_between",
        {"column": column, "min_value": 0, "strict_min": True},
        f"{column} <= 0",
    )


def in_set(column: str, values: Sequence[str]) -> Rule:
    listed = ", ".join(f"'{value}'" for value in values)
    return Rule(
        f"{column}_in_set",
        "expect_column_values_to_be_in_set",
        {"column": column, "value_set": list(values)},
        f"{column} not in ({listed})",
    )


def matches(column: str, pattern: str) -> Rule:
    """The text matches a POSIX regular expression, which both sides hand to PostgreSQL."""
    return Rule(
        f"{column}_matches",
        "expect_column_values_to_match_regex",
        {"column": column, "regex": pattern},
        f"{column} !~ '{pattern}'",
    )


def not_after(earlier: str, later: str) -> Rule:
    """`earlier` <= `later` where both are known."""
    return Rule(
        f"{earlier}_not_after_{later}",
        "expect_column_pair_values_a_to_be_greater_than_b",
        {
            "column_A": later,
            "column_B": earlier,
            "or_equal": True,
            "ignore_row_if": "either_value_is_missing",
        },
        f"{earlier} > {later}",
    )
