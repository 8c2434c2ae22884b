"""Rows of any published mart: its columns as the contract describes them, and rows by company."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from warehouse.read.connection import fetch
from warehouse.read.errors import QuestionError, nearest

# One row of a mart: values by column, as psycopg reads them (Decimal, date, datetime, JSON).
MartRow = dict[str, Any]


@dataclass(frozen=True)
class MartColumn:
    """A column of a published mart, with the type and the meaning that its contract states."""

    mart: str
    mart_description: str
    column: str
    data_type: str
    description: str


class UnknownColumnError(QuestionError):
    """A mart or a column of it that is not published."""


def mart_columns(connection: psycopg.Connection[Any]) -> list[MartColumn]:
    """Every column of schema marts in its order, by mart."""
    return fetch(
        connection,
        MartColumn,
        """
        select
            c.relname as mart,
            coalesce(obj_description(c.oid, 'pg_class'), '') as mart_description,
            a.attname as column,
            format_type(a.atttypid, a.atttypmod) as data_type,
            coalesce(col_description(c.oid, a.attnum), '') as description
        from pg_class as c
        inner join pg_attribute as a
            on c.oid = a.attrelid and a.attnum > 0 and not a.attisdropped
        where c.relnamespace = to_regnamespace('marts') and c.relkind in ('v', 'r', 'm')
        order by c.relname, a.attnum
        """,
    )


def mart_rows(
    connection: psycopg.Connection[Any],
    mart: str,
    columns: Sequence[str],
    *,
    company_ids: Sequence[str] | None = None,
    equal: Mapping[str, Any] | None = None,
    at_least: Mapping[str, Any] | None = None,
    order_by: Sequence[str] = (),
    most: int | None = None,
) -> list[MartRow]:
    """Rows of a mart, those of some companies or of all.

    `equal` keeps the rows whose column is one of a list of values, `at_least` those where it is not
    below a value. `order_by` names columns, from
    high to low with a minus sign before them; blanks come last. Raises UnknownColumnError for a
    name that is not published.
    """
    asked, lowest = equal or {}, at_least or {}
    ordered = [(name.removeprefix("-"), name.startswith("-")) for name in order_by]
    _check(connection, mart, [*columns, *asked, *lowest, *(name for name, _ in ordered)])
    conditions: list[sql.Composable] = []
    if company_ids is not None:
        conditions.append(sql.SQL("company_id = any(%(company_ids)s)"))
    conditions += [
        sql.SQL("{} = any({})").format(sql.Identifier(name), sql.Placeholder(f"equal_{name}"))
        for name in asked
    ]
    conditions += [
        sql.SQL("{} >= {}").format(sql.Identifier(name), sql.Placeholder(f"least_{name}"))
        for name in lowest
    ]
    statement = sql.SQL("select {} from marts.{}").format(
        sql.SQL(", ").join(map(sql.Identifier, columns)), sql.Identifier(mart)
    )
    if conditions:
        statement += sql.SQL(" where ") + sql.SQL(" and ").join(conditions)
    if ordered:
        statement += sql.SQL(" order by ") + sql.SQL(", ").join(
            sql.Identifier(name) + sql.SQL(" desc nulls last" if falling else " asc nulls last")
            for name, falling in ordered
        )
    if most is not None:
        statement += sql.SQL(" limit {}").format(sql.Literal(most))
    values: dict[str, Any] = {f"equal_{name}": list(wanted) for name, wanted in asked.items()}
    values |= {f"least_{name}": value for name, value in lowest.items()}
    with connection.cursor(row_factory=dict_row) as cursor:
        cursor.execute(
            statement,
            {**values, "company_ids": None if company_ids is None else list(company_ids)},
        )
        return cursor.fetchall()


def statement(mart: str, *clauses: str, columns: str = "*") -> str:
    """A statement for people to copy and change, such as one behind a table of a page."""
    return " ".join(("select", columns, "from", f"marts.{mart}", *clauses))


def literal(value: str) -> str:
    """A text as SQL writes it."""
    return "'" + value.replace("'", "''") + "'"


def _check(connection: psycopg.Connection[Any], mart: str, columns: Sequence[str]) -> None:
    with connection.cursor() as cursor:
        known = [
            name
            for (name,) in cursor.execute(
                "select attname from pg_attribute where attrelid = to_regclass(%(mart)s)"
                " and attnum > 0 and not attisdropped",
                {"mart": sql.Identifier("marts", mart).as_string(connection)},
            )
        ]
    if not known:
        raise UnknownColumnError(f"{mart!r} is no mart of this publication")
    unknown = [name for name in columns if name not in known]
    if unknown:
        raise UnknownColumnError(
            f"{unknown[0]!r} is no column of {mart}; {nearest(unknown[0], known)}"
        )
