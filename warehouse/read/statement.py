"""A statement of the user's own on the marts, as the role that reads them and nothing else."""

from dataclasses import dataclass
from typing import Any

import psycopg

from warehouse.db import Warehouse
from warehouse.read.connection import first_line
from warehouse.read.errors import QuestionError, ReaderRefusedError


@dataclass(frozen=True)
class Answer:
    """The columns and rows of a statement; none of either for one that returns nothing."""

    names: list[str]
    rows: list[tuple[Any, ...]]


def ask(warehouse: Warehouse, statement: str) -> Answer:
    """Run one statement, which may only read; QuestionError says what is wrong with it."""
    try:
        with psycopg.connect(
            warehouse.reader_url(), options="-c default_transaction_read_only=on"
        ) as connection:
            # Only the extended protocol is asked for: it takes one statement at a time.
            cursor = connection.execute(statement.encode(), prepare=True)
            names = [column.name for column in cursor.description or ()]
            return Answer(names, cursor.fetchall() if names else [])
    except psycopg.errors.ReadOnlySqlTransaction:
        raise QuestionError("the statement writes; corpintel sql only reads") from None
    except psycopg.errors.InsufficientPrivilege as error:
        raise QuestionError(
            f"{first_line(error)}; corpintel sql reads schema marts and writes nothing"
        ) from None
    except psycopg.OperationalError as error:
        raise ReaderRefusedError(
            f"the read-only role cannot connect: {first_line(error)}; run corpintel nightly or "
            "corpintel db migrate first, or check CORPINTEL_READER_PASSWORD"
        ) from None
    except psycopg.Error as error:
        raise QuestionError(f"the statement failed: {first_line(error)}") from None
