"""Logins that are given to people: each reads the marts under a name of their own."""

import re
import secrets
from dataclasses import dataclass

from psycopg import connect, errors, sql
from pydantic import SecretStr

from warehouse.db import OPERATOR_ROLE, READER_ROLE, Warehouse
from warehouse.roles import PERSON, people, reader_settings, verifier

_NAME = re.compile(r"[a-z][a-z0-9_]{1,40}")


class LoginError(ValueError):
    """A login that cannot be given or taken away; the message has the name and the cure."""


@dataclass(frozen=True)
class Login:
    """A person's login, and how many sessions it has now."""

    name: str
    sessions: int


def add_login(warehouse: Warehouse, name: str) -> str:
    """Make a login that reads the marts, and return its URL: its password is kept nowhere else."""
    if not _NAME.fullmatch(name):
        raise LoginError(
            f"{name!r} is no name of a login; write small letters, digits and _, like ada_l"
        )
    password = SecretStr(secrets.token_urlsafe(24))
    limits = warehouse.reader_limits
    role = sql.Identifier(name)
    with connect(warehouse.psycopg_dsn()) as connection:
        try:
            connection.execute(
                sql.SQL("create role {} login password {} connection limit {} in role {}").format(
                    role,
                    sql.Literal(verifier(connection, name, password)),
                    sql.Literal(limits.connections),
                    sql.Identifier(READER_ROLE),
                )
            )
        except errors.DuplicateObject:
            raise LoginError(
                f"a role {name} is there already; choose another name, or remove it first: "
                f"corpintel db user remove {name}"
            ) from None
        except errors.InsufficientPrivilege as error:
            raise LoginError(_not_allowed(warehouse, error)) from None
        connection.execute(sql.SQL("comment on role {} is {}").format(role, sql.Literal(PERSON)))
        # Operators see and end this login's statements.
        connection.execute(sql.SQL("grant {} to {}").format(role, sql.Identifier(OPERATOR_ROLE)))
        for setting, value in reader_settings(connection, warehouse).items():
            connection.execute(
                sql.SQL("alter role {} set {} = {}").format(
                    role, sql.Identifier(setting), sql.Literal(value)
                )
            )
    return warehouse.url_of(name, password)


def remove_login(warehouse: Warehouse, name: str) -> int:
    """End the sessions of a login and remove it; return how many there were."""
    with connect(warehouse.psycopg_dsn()) as connection:
        if name not in people(connection):
            known = ", ".join(people(connection)) or "none"
            raise LoginError(f"{name!r} is no login that was given to a person; there are: {known}")
        role = sql.Identifier(name)
        try:
            connection.execute(sql.SQL("alter role {} nologin").format(role))
            connection.commit()
            ended = connection.execute(
                "select count(pg_terminate_backend(pid)) from pg_stat_activity where usename = %s",
                (name,),
            ).fetchone()
            connection.execute(sql.SQL("drop role {}").format(role))
        except errors.InsufficientPrivilege as error:
            raise LoginError(_not_allowed(warehouse, error)) from None
    assert ended is not None, "a count is one row"
    return int(ended[0])


def logins(warehouse: Warehouse) -> list[Login]:
    """The logins of people, by name."""
    with connect(warehouse.psycopg_dsn()) as connection:
        counts: dict[str, int] = dict(
            connection.execute(
                "select usename, count(*) from pg_stat_activity group by 1"
            ).fetchall()
        )
        return [Login(name, counts.get(name, 0)) for name in people(connection)]


def _not_allowed(warehouse: Warehouse, error: errors.InsufficientPrivilege) -> str:
    who = warehouse.engine.url.username
    told = str(error).splitlines()[0]
    return f"{who} may not do that ({told}); have an administrator run: alter role {who} createrole"
