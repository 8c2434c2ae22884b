"""One writer at a time: an advisory lock with an owner, a heartbeat, and a token that fences it.

The lock says who may begin; the token says who may still go on. A night whose connection is cut
loses the lock to the next one without noticing, so each transaction that changes what counts first
holds the row of its own token: the next writer's token waits for it, or has made it void.
"""

import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import psycopg
from sqlalchemy import Connection, func, select, text
from sqlalchemy.exc import DBAPIError

from warehouse.db import Warehouse

# Any constant does, so long as every night of a warehouse uses the same.
NIGHT_LOCK = 4_020_260_117
HEARTBEAT_SECONDS = 5.0

# Keeps the right to write until the connection's transaction ends, or raises LostLockError.
Hold = Callable[[psycopg.Connection[Any]], None]

# A machine that vanishes says no goodbye: the server asks after it and gives it up in 30 s.
_KEEPALIVES = (
    "set tcp_keepalives_idle = 15",
    "set tcp_keepalives_interval = 5",
    "set tcp_keepalives_count = 3",
)
_TAKE = text(
    "insert into ops.writer as w (token, owner, acquired_at, heartbeat_at)"
    " values (1, :owner, clock_timestamp(), clock_timestamp())"
    " on conflict (is_singleton) do update set token = w.token + 1, owner = excluded.owner,"
    " acquired_at = excluded.acquired_at, heartbeat_at = excluded.heartbeat_at, released_at = null"
    " returning token"
)
_BEAT = text("update ops.writer set heartbeat_at = clock_timestamp() where token = :token")
_RELEASE = text("update ops.writer set released_at = clock_timestamp() where token = :token")
_OWNER = text(
    "select owner, to_char(acquired_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS'),"
    " extract(epoch from clock_timestamp() - heartbeat_at)::int from ops.writer"
    " where released_at is null"
)


class NightRefusedError(RuntimeError):
    """A night that may not start: another one runs, or the data kinds would mix."""


class LostLockError(RuntimeError):
    """This night is no longer the writer: its connection was cut and another one may have begun."""


@dataclass(frozen=True)
class Writer:
    """The right to write, for as long as nobody else has taken it over."""

    token: int
    owner: str
    ended: threading.Event = field(default_factory=threading.Event, repr=False)
    lost: threading.Event = field(default_factory=threading.Event, repr=False)

    def hold(self, connection: psycopg.Connection[Any]) -> None:
        """Keep the right until the transaction ends; LostLockError where it is gone."""
        found = connection.execute(
            "select token from ops.writer where token = %s for share", (self.token,)
        ).fetchone()
        if found is None:
            raise self.loss()

    def loss(self) -> "LostLockError":
        """The error that tells of the loss."""
        return LostLockError(
            f"{self.owner} is no longer the writer of this warehouse: its connection was cut, and "
            "another night may have begun; nothing more of this one is written"
        )


@contextmanager
def night_lock(warehouse: Warehouse, on_lost: Callable[[], None] | None = None) -> Iterator[Writer]:
    """Hold the warehouse's single-writer lock; PostgreSQL frees it when the holder dies.

    `on_lost` is called, in another thread, when the lock's connection turns out to be cut. Raises
    NightRefusedError, naming the owner, where another night holds the lock.
    """
    owner = f"process {os.getpid()} on {socket.gethostname()}"
    with warehouse.engine.connect() as connection:
        connection = connection.execution_options(isolation_level="AUTOCOMMIT")
        if not connection.execute(select(func.pg_try_advisory_lock(NIGHT_LOCK))).scalar_one():
            raise NightRefusedError(_who_writes(connection))
        for statement in _KEEPALIVES:
            # A socket of the same machine knows none of them, and needs none.
            with suppress(DBAPIError):
                connection.execute(text(statement))
        token = connection.execute(_TAKE, {"owner": owner}).scalar_one()
        writer = Writer(int(token), owner)
        beats = threading.Thread(target=_beat, args=(connection, writer, on_lost), daemon=True)
        beats.start()
        try:
            yield writer
        finally:
            writer.ended.set()
            beats.join()
            if writer.lost.is_set():
                raise writer.loss()
            connection.execute(_RELEASE, {"token": writer.token})
            connection.execute(select(func.pg_advisory_unlock(NIGHT_LOCK)))


def _beat(connection: Connection, writer: Writer, on_lost: Callable[[], None] | None) -> None:
    """Say that the night goes on, over the very connection that holds its lock."""
    while not writer.ended.wait(HEARTBEAT_SECONDS):
        try:
            connection.execute(_BEAT, {"token": writer.token})
        except DBAPIError:
            # Without a callback the night's next transaction finds out, by its token.
            writer.lost.set()
            if on_lost is not None:
                on_lost()
            return


def _who_writes(connection: Connection) -> str:
    row = connection.execute(_OWNER).first()
    who = (
        f"{row[0]}, since {row[1]} UTC, last heard of {row[2]} s ago"
        if row
        else "it has only just begun"
    )
    return (
        f"another night is writing to this warehouse ({who}); wait until it ends. Where its "
        "process is gone, the lock is free within a minute"
    )
