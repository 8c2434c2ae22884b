"""Rows of any published mart: its columns as the contract describes them, and rows by company."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, LiteralString

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


@dataclass(frozen=True)
class AsOf:
    """When fct_financials is asked as of: what was known then, of what was published before.

    A day means its end in New York; without `loaded_before` all that is published counts.
    """

    known_at: date | datetime
    loaded_before: datetime | None = None


@dataclass(frozen=True)
class MartPage:
    """Some rows of an answer, and how many the whole of it has."""

    rows: list[MartRow]
    total: int


def mart_columns(connection: psycopg.Connection[Any], mart: str | None = None) -> list[MartColumn]:
    """Every column of schema marts in its order, by mart, or those of one mart."""
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
            and (%(mart)s::text is null or c.relname = %(mart)s)
        order by c.relname, a.attnum
        """,
        mart=mart,
    )


def mart_rows(
    connection: psycopg.Connection[Any],
    mart: str,
    columns: Sequence[str],
    *,
    company_ids: Sequence[str] | None = None,
    equal: Mapping[str, Any] | None = None,
    at_least: Mapping[str, Any] | None = None,
    at_most: Mapping[str, Any] | None = None,
    order_by: Sequence[str] = (),
    most: int | None = None,
    skip: int = 0,
    as_of: AsOf | None = None,
) -> list[MartRow]:
    """Rows of a mart, those of some companies or of all.

    `equal` keeps the rows whose column is one of a list of values, `at_least` those where it is not
    below a value, `at_most` those where it is not above. `order_by` names columns, from
    high to low with a minus sign before them; blanks come last. `skip` leaves out the first rows of
    that order. Raises UnknownColumnError for a name that is not published.
    """
    kept = _Kept(company_ids, equal or {}, at_least or {}, at_most or {}, as_of)
    ordered = [(name.removeprefix("-"), name.startswith("-")) for name in order_by]
    _check(connection, mart, [*columns, *kept.names(), *(name for name, _ in ordered)])
    statement = sql.SQL("select {} from ").format(sql.SQL(", ").join(map(sql.Identifier, columns)))
    statement += kept.source(mart)
    statement += kept.conditions()
    if ordered:
        statement += sql.SQL(" order by ") + sql.SQL(", ").join(
            sql.Identifier(name) + sql.SQL(" desc nulls last" if falling else " asc nulls last")
            for name, falling in ordered
        )
    if most is not None:
        statement += sql.SQL(" limit {}").format(sql.Literal(most))
    if skip:
        statement += sql.SQL(" offset {}").format(sql.Literal(skip))
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(statement, kept.values()).fetchall()


def mart_page(
    connection: psycopg.Connection[Any],
    mart: str,
    columns: Sequence[str],
    *,
    company_ids: Sequence[str] | None = None,
    equal: Mapping[str, Any] | None = None,
    at_least: Mapping[str, Any] | None = None,
    at_most: Mapping[str, Any] | None = None,
    order_by: Sequence[str],
    most: int,
    skip: int = 0,
    as_of: AsOf | None = None,
) -> MartPage:
    """Rows of a mart as `mart_rows` gives them, with how many there are in all.

    `as_of` is for fct_financials alone.

    Pages are whole and without repeats where `order_by` has the mart's key.
    """
    kept = _Kept(company_ids, equal or {}, at_least or {}, at_most or {}, as_of)
    rows = mart_rows(
        connection, mart, columns, company_ids=company_ids, equal=equal, at_least=at_least,
        at_most=at_most, order_by=order_by, most=most, skip=skip, as_of=as_of,
    )  # fmt: skip
    count = sql.SQL("select count(*) from ") + kept.source(mart)
    found = connection.execute(count + kept.conditions(), kept.values()).fetchone()
    assert found is not None
    return MartPage(rows, found[0])


@dataclass(frozen=True)
class _Kept:
    """Which rows of a mart are kept."""

    company_ids: Sequence[str] | None
    equal: Mapping[str, Any]
    at_least: Mapping[str, Any]
    at_most: Mapping[str, Any]
    as_of: AsOf | None

    def source(self, mart: str) -> sql.Composed:
        if self.as_of is None:
            return sql.SQL("marts.{}").format(sql.Identifier(mart))
        return sql.SQL("marts.financials_as_of({}, {})").format(
            sql.Placeholder("known_at"), sql.Placeholder("loaded_before")
        )

    def names(self) -> list[str]:
        return [*self.equal, *self.at_least, *self.at_most]

    def conditions(self) -> sql.Composed:
        told: list[sql.Composable] = []
        if self.company_ids is not None:
            told.append(sql.SQL("company_id = any(%(company_ids)s)"))
        kinds: tuple[tuple[LiteralString, str, Mapping[str, Any]], ...] = (
            ("{} = any({})", "equal", self.equal),
            ("{} >= {}", "least", self.at_least),
            ("{} <= {}", "most", self.at_most),
        )
        told += [
            sql.SQL(shape).format(sql.Identifier(name), sql.Placeholder(f"{kind}_{name}"))
            for shape, kind, values in kinds
            for name in values
        ]
        where = sql.SQL(" where " if told else "")
        return where + sql.SQL(" and ").join(told)

    def values(self) -> dict[str, Any]:
        values: dict[str, Any] = {f"equal_{name}": list(few) for name, few in self.equal.items()}
        values |= {f"least_{name}": value for name, value in self.at_least.items()}
        values |= {f"most_{name}": value for name, value in self.at_most.items()}
        if self.as_of is not None:
            values |= {
                "known_at": self.as_of.known_at,
                "loaded_before": self.as_of.loaded_before or "infinity",
            }
        ids = self.company_ids
        return values | {"company_ids": None if ids is None else list(ids)}


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
