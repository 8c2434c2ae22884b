"""Connections of readers that are kept open and lent, each time with a snapshot of its own."""

import contextlib
import json
import threading
from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from typing import Any, Final

import psycopg
from psycopg.types.json import set_json_loads

from warehouse.db import READER_ROLE, Warehouse
from warehouse.read.connection import first_line
from warehouse.read.errors import NothingPublishedError, QuestionError, ReaderRefusedError

CONNECT_SECONDS: Final = 5


class BusyError(QuestionError):
    """Every connection is lent, and none came back in time."""


class TooLongError(QuestionError):
    """The question took longer than one may."""


class ReaderPool:
    """At most `size` connections of the read-only role, made when they are needed.

    Who finds all of them lent waits `wait_seconds`; a statement ends after `statement_seconds`.
    """

    def __init__(
        self,
        warehouse: Warehouse,
        *,
        size: int = 8,
        wait_seconds: float = 2.0,
        statement_seconds: float = 30.0,
    ) -> None:
        # Never the owner in its place: WarehouseError where the role's password is not known.
        self._url = warehouse.reader_url()
        self._free = threading.BoundedSemaphore(size)
        self._wait_seconds = wait_seconds
        self._options = f"-c timezone=UTC -c statement_timeout={int(statement_seconds * 1000)}"
        # The end of a list is taken and given in one step, so that it needs no lock.
        self._idle: list[psycopg.Connection[Any]] = []

    @contextlib.contextmanager
    def snapshot(self) -> Iterator[psycopg.Connection[Any]]:
        """A connection all of whose questions see one publication, whatever is published meanwhile.

        Raises BusyError, TooLongError, ReaderRefusedError where the role cannot connect, and
        NothingPublishedError where a mart that is asked is not published.
        """
        if not self._free.acquire(timeout=self._wait_seconds):
            raise BusyError("all connections to the warehouse are in use; ask again in a second")
        try:
            connection = self._taken()
            try:
                yield connection
            except psycopg.errors.QueryCanceled:
                raise TooLongError(
                    "the question took too long; ask for less, by a filter or a smaller limit"
                ) from None
            except (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn) as error:
                raise NothingPublishedError(
                    f"this warehouse has not published what was asked ({first_line(error)}); run "
                    "corpintel nightly or corpintel publish first"
                ) from None
            except psycopg.OperationalError as error:
                raise ReaderRefusedError(
                    f"the warehouse ended the connection: {first_line(error)}; ask again"
                ) from None
            finally:
                self._give_back(connection)
        finally:
            self._free.release()

    def close(self) -> None:
        """Close the connections that are not lent."""
        while self._idle:
            self._idle.pop().close()

    def _taken(self) -> psycopg.Connection[Any]:
        while True:
            try:
                connection = self._idle.pop()
            except IndexError:
                return self._connected()
            if _answers(connection):
                return connection

    def _give_back(self, connection: psycopg.Connection[Any]) -> None:
        try:
            connection.rollback()
        except psycopg.Error:
            connection.close()
        else:
            self._idle.append(connection)

    def _connected(self) -> psycopg.Connection[Any]:
        try:
            connection = psycopg.connect(
                self._url,
                options=self._options,
                connect_timeout=CONNECT_SECONDS,
                # A publication may give a view other columns, which a kept plan refuses.
                prepare_threshold=None,
            )
        except psycopg.OperationalError as error:
            raise ReaderRefusedError(
                f"the read-only role {READER_ROLE} cannot connect: {first_line(error)}; run "
                "corpintel nightly or corpintel db migrate first, or check "
                "CORPINTEL_READER_PASSWORD"
            ) from None
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        set_json_loads(partial(json.loads, parse_float=Decimal), connection)
        return connection


def _answers(connection: psycopg.Connection[Any]) -> bool:
    """Whether the server still knows the connection; it may have been started anew meanwhile."""
    try:
        connection.execute("select 1")
        connection.rollback()
    except psycopg.Error:
        connection.close()
        return False
    return True
