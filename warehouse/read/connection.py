"""How the marts are asked: read-only, on one snapshot, and rows come as dataclasses."""

import contextlib
import json
from collections.abc import Iterator
from dataclasses import fields
from decimal import Decimal
from functools import partial
from typing import Any, LiteralString, TypeVar

import psycopg
from psycopg import sql
from psycopg.rows import class_row
from psycopg.types.json import set_json_loads
from sqlalchemy import text

from warehouse.db import READER_ROLE, Warehouse
from warehouse.read.errors import NothingPublishedError, ReaderRefusedError

Row = TypeVar("Row")
# What questions are asked on; pages and commands need no driver to name it.
Reader = psycopg.Connection[Any]


@contextlib.contextmanager
def open_reader(warehouse: Warehouse) -> Iterator[psycopg.Connection[Any]]:
    """A connection of the role that sees schema marts alone; the owner's without its password.

    All questions on it see one publication, whatever is published meanwhile. Raises
    NothingPublishedError before the first publication, or where a mart that is asked was not
    published yet, and ReaderRefusedError where the role cannot connect.
    """
    require_publication(warehouse)
    known = warehouse.reader_password is not None
    try:
        connection = psycopg.connect(warehouse.reader_url() if known else warehouse.psycopg_dsn())
    except psycopg.OperationalError as error:
        raise ReaderRefusedError(
            f"the read-only role {READER_ROLE} cannot connect: {first_line(error)}; run corpintel"
            " nightly or corpintel db migrate first, or check CORPINTEL_READER_PASSWORD"
        ) from None
    with connection:
        try:
            yield _settled(connection)
        except (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn) as error:
            raise NothingPublishedError(
                f"this warehouse has not published what was asked ({first_line(error)}); run "
                "corpintel nightly or corpintel publish first"
            ) from None


def require_publication(warehouse: Warehouse) -> None:
    """Raise NothingPublishedError where no night was published here."""
    with warehouse.engine.connect() as owner:
        if owner.execute(text("select to_regclass('marts.publications')")).scalar() is None:
            raise NothingPublishedError(
                "nothing is published yet; run corpintel nightly --sample first"
            )


@contextlib.contextmanager
def open_operator(warehouse: Warehouse) -> Iterator[psycopg.Connection[Any]]:
    """A read-only connection of the owner, on one snapshot, for questions on schema ops."""
    with psycopg.connect(warehouse.psycopg_dsn()) as connection:
        yield _settled(connection)


def _settled(connection: psycopg.Connection[Any]) -> psycopg.Connection[Any]:
    connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    connection.read_only = True
    # Amounts in JSON stay exact.
    set_json_loads(partial(json.loads, parse_float=Decimal), connection)
    connection.execute("set time zone 'UTC'")
    return connection


def fetch(
    connection: psycopg.Connection[Any],
    row_type: type[Row],
    statement: LiteralString,
    **asked: Any,
) -> list[Row]:
    """The rows of a statement as dataclasses; `{columns}` in it stands for the fields' names."""
    names = [field.name for field in fields(row_type)]  # type: ignore[arg-type]
    query = sql.SQL(statement).format(columns=sql.SQL(", ").join(map(sql.Identifier, names)))
    with connection.cursor(row_factory=class_row(row_type)) as cursor:
        return cursor.execute(query, asked).fetchall()


def told_in_full(error: psycopg.Error, statement: str) -> str:
    """What the server said of a statement, with the place in it, the detail and the hint."""
    told = [error.diag.message_primary or first_line(error)]
    if error.diag.statement_position:
        before = statement[: int(error.diag.statement_position) - 1]
        line = before.count("\n") + 1
        column = len(before) - before.rfind("\n")
        told[0] += f", at line {line}, column {column}"
        told += [f"  {statement.splitlines()[line - 1]}", f"  {' ' * (column - 1)}^"]
    for name, said in (("detail", error.diag.message_detail), ("hint", error.diag.message_hint)):
        if said:
            told.append(f"{name}: {said}")
    return "\n".join(told)


def first_line(error: psycopg.Error) -> str:
    """What the server said, without its hints and positions."""
    return str(error).splitlines()[0] if str(error) else type(error).__name__
