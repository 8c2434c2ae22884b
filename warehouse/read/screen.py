"""A screen: companies by conditions on where they stand and on their newest quarter."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, LiteralString

from psycopg import sql
from psycopg.rows import dict_row

from warehouse.read.connection import Reader
from warehouse.read.errors import QuestionError, nearest
from warehouse.read.marts import MartPage, UnknownColumnError, mart_columns
from warehouse.read.statement import Column, Kind, kind_of

STANDING: Final = "mart_company_performance"
QUARTERS: Final = "mart_company_quarters"
# Before the name of a column of the newest quarter, since both marts have some names.
QUARTER: Final = "quarter."
# Longer ones first, so that <= is not read as < with a value that begins with =.
OPERATORS: Final[Mapping[str, LiteralString]] = {
    ">=": "{} >= {}",
    "<=": "{} <= {}",
    "!=": "{} <> {}",
    "=": "{} = {}",
    ">": "{} > {}",
    "<": "{} < {}",
}
_EQUALITY: Final = ("=", "!=")
_CONDITION: Final = re.compile(
    r"\s*([A-Za-z0-9_.]+)\s*(" + "|".join(OPERATORS) + r")\s*(.*\S)\s*", re.DOTALL
)
# No more digits than numeric of PostgreSQL takes, and no exponent.
_NUMBER: Final = re.compile(r"[+-]?\d{1,40}(\.\d{1,40})?", re.ASCII)
_FROM: Final = sql.SQL(
    " from marts.mart_company_performance as c"
    " left join lateral ("
    "select * from marts.mart_company_quarters as n where n.company_id = c.company_id"
    " order by n.newest_first, n.period_end desc, n.cik limit 1"
    ") as q on true"
)


class WrongConditionError(QuestionError):
    """A condition that is not written as one, or whose value is none of its column's type."""


@dataclass(frozen=True)
class ScreenColumn:
    """A column that a screen may ask for; `is_plain` is false for lists and objects."""

    column: Column
    is_plain: bool


def screen_columns(connection: Reader) -> dict[str, ScreenColumn]:
    """By name: those of mart_company_performance, and with `quarter.` those of the quarter."""
    return {
        before + told.column: ScreenColumn(
            Column(before + told.column, kind_of(told.data_type)),
            not told.data_type.endswith(("[]", "json", "jsonb")),
        )
        for mart, before in ((STANDING, ""), (QUARTERS, QUARTER))
        for told in mart_columns(connection, mart)
    }


def screen(
    connection: Reader,
    conditions: Sequence[str],
    columns: Sequence[str],
    *,
    order_by: Sequence[str] = (),
    most: int,
    skip: int = 0,
) -> MartPage:
    """Companies that meet every condition, such as `revenue_growth_pct>=0.2`, with these columns.

    A condition is a column, one of OPERATORS and a value of the column's type; texts, true and
    false have = and != alone. A blank meets none. `order_by` names columns, from high to low with a
    minus sign before them, blanks last; company_id comes after them. Raises UnknownColumnError with
    the nearest names, and WrongConditionError.
    """
    known = screen_columns(connection)
    told, values = _conditions(known, conditions)
    ordered = [(name.removeprefix("-"), name.startswith("-")) for name in order_by]
    for name in (*columns, *(name for name, _ in ordered)):
        _known(known, name)
    for name, _ in ordered:
        if not known[name].is_plain:
            raise WrongConditionError(
                f"{name} has a list or an object, which has no order; sort by another column"
            )
    where = sql.SQL(" where " if told else "") + sql.SQL(" and ").join(told)
    orders = [
        _name(name) + sql.SQL(" desc nulls last" if falling else " asc nulls last")
        for name, falling in (*ordered, ("company_id", False))
    ]
    given = [_name(name) + sql.SQL(" as ") + sql.Identifier(name) for name in columns]
    statement = (
        sql.SQL("select ") + sql.SQL(", ").join(given) + _FROM + where
        + sql.SQL(" order by ") + sql.SQL(", ").join(orders)
        + sql.SQL(" limit {} offset {}").format(sql.Literal(most), sql.Literal(skip))
    )  # fmt: skip
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(statement, values).fetchall()
    counted = connection.execute(sql.SQL("select count(*)") + _FROM + where, values).fetchone()
    assert counted is not None
    return MartPage(rows, counted[0])


def condition_column(condition: str) -> str:
    """The column that a condition is on; raises WrongConditionError."""
    return _split(condition)[0]


def _split(condition: str) -> tuple[str, str, str]:
    found = _CONDITION.fullmatch(condition)
    if found is None:
        raise WrongConditionError(
            f"{condition!r} is no condition; write a column, one of {' '.join(OPERATORS)} and a "
            "value, such as revenue_growth_pct>=0.2"
        )
    return found[1], found[2], found[3]


def _conditions(
    known: Mapping[str, ScreenColumn], conditions: Sequence[str]
) -> tuple[list[sql.Composed], dict[str, Any]]:
    told = []
    values: dict[str, Any] = {}
    for number, condition in enumerate(conditions):
        name, operator, said = _split(condition)
        place = f"value_{number}"
        values[place] = _value(_known(known, name), operator, said)
        told.append(sql.SQL(OPERATORS[operator]).format(_name(name), sql.Placeholder(place)))
    return told, values


def _known(known: Mapping[str, ScreenColumn], name: str) -> ScreenColumn:
    if name not in known:
        raise UnknownColumnError(
            f"{name!r} is no column of {STANDING}, nor with {QUARTER} of {QUARTERS}; "
            f"{nearest(name, list(known))}"
        )
    return known[name]


def _name(name: str) -> sql.Composed:
    if name.startswith(QUARTER):
        return sql.SQL("q.{}").format(sql.Identifier(name.removeprefix(QUARTER)))
    return sql.SQL("c.{}").format(sql.Identifier(name))


def _value(column: ScreenColumn, operator: str, said: str) -> Any:
    name, kind = column.column.name, column.column.kind
    if not column.is_plain:
        raise WrongConditionError(
            f"{name} has a list or an object, which no value is compared with; ask for another one"
        )
    if kind in (Kind.text, Kind.boolean) and operator not in _EQUALITY:
        raise WrongConditionError(f"{name} is no number and no day; compare it by = or !=")
    reading, example = _READ[kind]
    try:
        return reading(said)
    except ValueError:
        raise WrongConditionError(
            f"{name} {operator} {said!r}: {name} is of type {kind}; give a value such as {example}"
        ) from None


def _number(said: str) -> Decimal:
    if not _NUMBER.fullmatch(said):
        raise ValueError
    return Decimal(said)


def _truth(said: str) -> bool:
    if said not in ("true", "false"):
        raise ValueError
    return said == "true"


def _instant(said: str) -> datetime:
    instant = datetime.fromisoformat(said)
    if instant.tzinfo is None:
        raise ValueError
    return instant


_READ: Final[Mapping[Kind, tuple[Callable[[str], Any], str]]] = {
    Kind.integer: (_number, "3"),
    Kind.decimal: (_number, "0.2"),
    Kind.float: (_number, "0.2"),
    Kind.date: (date.fromisoformat, "2026-06-30"),
    Kind.timestamp: (_instant, "2026-06-30T12:00:00Z"),
    Kind.boolean: (_truth, "true"),
    Kind.text: (str, "a text"),
}
