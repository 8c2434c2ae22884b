"""A raw table's suite, made from what its declaration says of its columns."""

from collections.abc import Callable, Iterator
from typing import Any, Final

from sqlalchemy import Column, Date, DateTime, Table

from expectations.rules import (
    Rule,
    batch_has_rows,
    in_range,
    in_set,
    matches,
    not_after,
    positive,
    required,
)

_BUILDERS: Final[dict[str, Callable[[Column[Any], Any], Rule]]] = {
    "matches": lambda column, pattern: matches(column.name, pattern),
    "in_set": lambda column, values: in_set(column.name, values),
    "in_range": lambda column, bounds: in_range(column.name, *bounds, cast=_cast(column)),
    "is_positive": lambda column, _: positive(column.name),
    "not_after": lambda column, later: not_after(column.name, later),
}


class DeclarationError(ValueError):
    """A table whose declaration says something that the gate has no rule for."""


def suite_of(table: Table) -> list[Rule]:
    """The rules that a batch of the table must satisfy before it is merged.

    What is declared not null is demanded: a null that got past the gate would end the merge of the
    whole package. `info` of the table gives the names of its `record` columns and whether a batch
    `may_be_empty`, `info` of a column its rules. Raises DeclarationError for a rule of another
    name.
    """
    record = [table.columns[name] for name in table.info["record"]]
    rules = [] if table.info["may_be_empty"] else [batch_has_rows()]
    rules += required(*(column.name for column in record if not column.nullable))
    for column in record:
        rules += _rules_of(table, column)
    return rules


def _rules_of(table: Table, column: Column[Any]) -> Iterator[Rule]:
    for name, argument in column.info.items():
        if name not in _BUILDERS:
            raise DeclarationError(
                f"{table.name}.{column.name} declares {name!r}, for which there is no rule; "
                f"known are {', '.join(_BUILDERS)}"
            )
        yield _BUILDERS[name](column, argument)


def _cast(column: Column[Any]) -> str:
    """The SQL type in which a bound of the column is written."""
    if isinstance(column.type, DateTime):
        return "timestamptz"
    return "date" if isinstance(column.type, Date) else ""
