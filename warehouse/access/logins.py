"""Logins that are given to people: each reads the marts under a name of their own."""

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from psycopg import Connection, connect, errors, sql
from pydantic import SecretStr

from warehouse.db import OPERATOR_ROLE, READER_ROLE, Warehouse
from warehouse.publishing.views import keep_and_drop, owned_by
from warehouse.roles import (
    LONGEST_NAME,
    PERSON,
    act_for,
    make_sandbox,
    people,
    person_settings,
    sandbox_of,
    set_default,
    verifier,
)

_LONGEST = LONGEST_NAME - len(sandbox_of(""))
_NAME = re.compile(rf"[a-z][a-z0-9_]{{1,{_LONGEST - 1}}}")


class LoginError(ValueError):
    """A login that cannot be given or taken away; the message has the name and the cure."""


@dataclass(frozen=True)
class Login:
    """A person's login, and how many sessions it has now."""

    name: str
    sessions: int


def add_login(warehouse: Warehouse, name: str) -> str:
    """Make a login that reads the marts, and return its URL: its password is kept nowhere else."""
    if len(name) > _LONGEST:
        raise LoginError(
            f"{name!r} has {len(name)} letters and a login's name may have {_LONGEST}, since its "
            "sandbox is named after it; choose a shorter one"
        )
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
        act_for(connection, name)
        for setting, value in person_settings(connection, warehouse, name).items():
            set_default(connection, name, setting, value)
        make_sandbox(connection, name)
    return warehouse.url_of(name, password)


def remove_login(warehouse: Warehouse, name: str) -> int:
    """End the sessions of a login and remove it; return how many there were.

    The text of its views is kept in ops.view_notices. LoginError where it has tables, whose rows
    would be lost, or where somebody else's views read its own.
    """
    with connect(warehouse.psycopg_dsn()) as connection:
        if name not in people(connection):
            known = ", ".join(people(connection)) or "none"
            raise LoginError(f"{name!r} is no login that was given to a person; there are: {known}")
        role = sql.Identifier(name)
        views, others = owned_by(connection, name)
        if others:
            raise LoginError(
                f"{name} has what would be lost: {', '.join(others)}; have {name} copy and drop "
                "it, or do so with that login and no other, since functions of theirs would run "
                "with your rights; then remove the login"
            )
        try:
            act_for(connection, name)
            with _kept_out(connection, name):
                # Whoever is no superuser ends the sessions of a role as that role.
                connection.execute(sql.SQL("set local role {}").format(role))
                ended = connection.execute(
                    "select count(pg_terminate_backend(pid)) from pg_stat_activity"
                    " where usename = %s",
                    (name,),
                ).fetchone()
                connection.execute("reset role")
                keep_and_drop(connection, views, f"login {name} was removed")
                sandbox = sql.Identifier(sandbox_of(name))
                connection.execute(sql.SQL("drop schema if exists {}").format(sandbox))
                connection.execute(sql.SQL("drop role {}").format(role))
        except errors.DependentObjectsStillExist as error:
            raise LoginError(
                f"something else depends on what {name} made: {error.diag.message_detail}; drop "
                f"that first. {name} may still log in; only its sessions were ended"
            ) from None
        except errors.InsufficientPrivilege as error:
            raise LoginError(_not_allowed(warehouse, error)) from None
    assert ended is not None, "a count is one row"
    return int(ended[0])


@contextmanager
def _kept_out(connection: Connection[Any], name: str) -> Iterator[None]:
    """Let nobody log in with this name in the block; where it fails, they may again."""
    role = sql.Identifier(name)
    connection.execute(sql.SQL("alter role {} nologin").format(role))
    connection.commit()
    try:
        yield
    except BaseException:
        connection.rollback()
        connection.execute(sql.SQL("alter role {} login").format(role))
        connection.commit()
        raise


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
