"""A statement of the user's own on the marts, as the role that reads them and nothing else."""

import contextlib
import json
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import partial
from typing import Any, Final, cast

import psycopg
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus
from psycopg.types.json import set_json_loads

from warehouse.db import Warehouse
from warehouse.read.connection import first_line, require_publication, told_in_full
from warehouse.read.errors import QuestionError, ReaderRefusedError

Rows = Generator[tuple[Any, ...], None, None]


class Kind(StrEnum):
    """What a column's values are; what is none of the others is told as a text."""

    boolean = "boolean"
    integer = "integer"
    float = "float"
    decimal = "decimal"
    date = "date"
    timestamp = "timestamp"
    text = "text"


# By the names of PostgreSQL's types. A time without a zone is no moment, so it stays a text.
_KINDS: Final[Mapping[str, Kind]] = {
    "bool": Kind.boolean,
    **dict.fromkeys(("int2", "int4", "int8"), Kind.integer),
    **dict.fromkeys(("float4", "float8"), Kind.float),
    "numeric": Kind.decimal,
    "date": Kind.date,
    "timestamptz": Kind.timestamp,
}


# The same types as format_type() spells them.
_SPELT: Final[Mapping[str, str]] = {
    "boolean": "bool",
    "smallint": "int2",
    "integer": "int4",
    "bigint": "int8",
    "real": "float4",
    "double precision": "float8",
    "timestamp with time zone": "timestamptz",
}


def kind_of(data_type: str) -> Kind:
    """The kind of a type of PostgreSQL as the dictionary spells it, such as numeric(12,2)."""
    name = data_type.partition("(")[0]
    return _KINDS.get(_SPELT.get(name, name), Kind.text)


@dataclass(frozen=True)
class Column:
    """A column of an answer."""

    name: str
    kind: Kind = Kind.text


@dataclass(frozen=True)
class Answer:
    """The columns of a statement, and its rows as they come; none of either where it has none."""

    columns: list[Column]
    rows: Iterator[tuple[Any, ...]]


@contextlib.contextmanager
def ask(warehouse: Warehouse, statement: str, *, as_operator: bool = False) -> Iterator[Answer]:
    """Run one statement, which may only read; its rows are not held, and end with the block.

    Readers see schema marts; operators schemas ops, raw and intermediate too, before the first
    publication as well.

    Raises QuestionError, while its rows are read too, which says what is wrong with it;
    NothingPublishedError before the first publication; ReaderRefusedError where the role cannot
    connect.
    """
    if not as_operator:
        require_publication(warehouse)
    url = warehouse.operator_url() if as_operator else warehouse.reader_url()
    try:
        options = "-c default_transaction_read_only=on -c timezone=UTC"
        with psycopg.connect(url, options=options) as connection:
            # Amounts in JSON stay exact.
            set_json_loads(partial(json.loads, parse_float=Decimal, parse_int=_whole), connection)
            columns = _columns(connection, statement)
            # Only the extended protocol is asked for: it takes one statement at a time.
            rows = cast(Rows, connection.cursor().stream(statement.encode()))
            # A stream that is left half read holds its connection, which then never closes.
            with contextlib.closing(rows):
                yield Answer(columns, rows if columns else iter(()))
    except psycopg.errors.ReadOnlySqlTransaction:
        raise QuestionError("the statement writes; corpintel sql only reads") from None
    except psycopg.errors.InsufficientPrivilege as error:
        raise QuestionError(
            f"{first_line(error)}; corpintel sql reads schema marts and, with --as operator, "
            "schemas ops, raw and intermediate; it writes nothing"
        ) from None
    except psycopg.errors.QueryCanceled as error:
        raise QuestionError(
            f"the statement was ended: {first_line(error)}; ask for less, or raise "
            "CORPINTEL_READER_SECONDS"
        ) from None
    except psycopg.OperationalError as error:
        variable = "CORPINTEL_OPERATOR_PASSWORD" if as_operator else "CORPINTEL_READER_PASSWORD"
        raise ReaderRefusedError(
            f"the read-only role cannot connect: {first_line(error)}; run corpintel nightly or "
            f"corpintel db migrate first, or check {variable}"
        ) from None
    except psycopg.Error as error:
        raise QuestionError(f"the statement failed: {told_in_full(error, statement)}") from None


def _whole(digits: str) -> int | Decimal:
    """A whole number; one of more than 64 bits as a decimal, which every format can write."""
    value = int(digits)
    return value if -(2**63) <= value < 2**63 else Decimal(digits)


def _columns(connection: psycopg.Connection[Any], statement: str) -> list[Column]:
    """A statement's columns; one that has none is run, to say what is wrong with it.

    A streamed statement tells its columns with its first row, and there may be none.
    """
    server = connection.pgconn
    prepared = server.prepare(b"asked", statement.encode())
    if prepared.status != ExecStatus.COMMAND_OK:
        raise error_from_result(prepared)
    described = server.describe_prepared(b"asked")
    columns = []
    for place in range(described.nfields):
        of_type = connection.adapters.types.get(described.ftype(place))
        kind = _KINDS.get(of_type.name, Kind.text) if of_type is not None else Kind.text
        columns.append(Column((described.fname(place) or b"").decode(), kind))
    if not columns:
        connection.execute(statement.encode(), prepare=True)
    return columns
