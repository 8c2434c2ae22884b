"""The roles: readers see schema marts alone, and what comes from outside is loaded by a role
that can drop nothing and change nothing that readers see.
"""

from typing import Any

from psycopg import Connection, connect, sql
from pydantic import SecretStr

from warehouse.db import READER_ROLE, Warehouse

# Any constant does, so long as it is not the night's own lock.
_LOGIN_LOCK = 4_020_260_119


def ensure_reader_login(warehouse: Warehouse) -> None:
    """Give the reader role its login; without a known password it stays a group role.

    On a server of the user's the password is CORPINTEL_READER_PASSWORD, and the connecting role
    needs CREATEROLE to set it.
    """
    if warehouse.reader_password is None:
        return
    role = sql.Identifier(READER_ROLE)
    with connect(warehouse.psycopg_dsn()) as connection:
        # PostgreSQL fails, and does not wait, when two sessions alter one role.
        connection.execute("select pg_advisory_xact_lock(%s)", (_LOGIN_LOCK,))
        connection.execute(
            sql.SQL("alter role {} login password {}").format(
                role, sql.Literal(_verifier(connection, warehouse.reader_password))
            )
        )
        connection.execute(
            sql.SQL("alter role {} set default_transaction_read_only = on").format(role)
        )
        connection.execute(sql.SQL("alter role {} set search_path = marts").format(role))


def _verifier(connection: Connection[Any], password: SecretStr) -> str:
    """What the server keeps of the password; sent in its place, so that no log can hold it."""
    return connection.pgconn.encrypt_password(
        password.get_secret_value().encode(), READER_ROLE.encode()
    ).decode()
