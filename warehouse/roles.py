"""The roles: readers see schema marts and their sandboxes, operators read what nights wrote of
themselves, and what comes from outside is loaded by a role that can drop nothing.

A reader may change its own password, and defaults of its own sessions; no server forbids that. So
each night, `corpintel db migrate` and `corpintel doctor` look whether they are ours and put them
right. What a reader cannot lift are the limits of its connections and of its temporary files, and
the watchdog that ends statements which take too long.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from psycopg import Connection, OperationalError, connect, errors, sql
from pydantic import SecretStr

from warehouse.db import LOADER_ROLE, OPERATOR_ROLE, READER_ROLE, Warehouse
from warehouse.rights import grant_to_act_for

# Any constant does, so long as it is not the night's own lock.
_LOGIN_LOCK: Final = 4_020_260_119
# What operators read beside the marts: raw rows, what nights did, and what models made of both.
OPERATOR_SCHEMAS: Final = ("raw", "ops", "intermediate")
OPERATOR_CONNECTIONS: Final = 10
# What tells logins that we gave to people from other members of the role.
PERSON: Final = "Reads the marts of Corporate Intel"
# PostgreSQL cuts a longer name off.
LONGEST_NAME: Final = 63
# Large objects and temporary tables are room that a reader could fill.
_LARGE_OBJECTS: Final = ("lo_creat(int)", "lo_create(oid)", "lo_from_bytea(oid, bytea)")


@dataclass
class RolesState:
    """What was put right, and what this connecting role may not do, each with the cure."""

    healed: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Wanted:
    """A login as it should be; without a password that is known it stays a group role."""

    role: str
    settings: Mapping[str, str]
    connections: int
    password: SecretStr | None
    url: Callable[[], str] | None = None


def ensure_roles(warehouse: Warehouse) -> RolesState:
    """Give readers and operators their logins, limits and rights; what is right stays untouched.

    On a server of the user's the passwords are CORPINTEL_READER_PASSWORD and
    CORPINTEL_OPERATOR_PASSWORD, and the connecting role needs CREATEROLE.
    """
    state = RolesState()
    with connect(warehouse.psycopg_dsn()) as connection:
        # PostgreSQL fails, and does not wait, when two sessions alter one role.
        connection.execute("select pg_advisory_xact_lock(%s)", (_LOGIN_LOCK,))
        steps: list[tuple[str, Callable[[], list[str]]]] = [
            (
                f"create role {OPERATOR_ROLE}; grant {READER_ROLE} to {OPERATOR_ROLE}",
                lambda: _operator(connection),
            ),
            (
                "revoke temporary on the database from public, as its owner",
                lambda: _no_temporary_tables(connection),
            ),
            (
                "as a superuser, revoke execute on function "
                f"{', '.join(_LARGE_OBJECTS)} from public",
                lambda: _no_large_objects(connection),
            ),
        ]
        for login in (READER_ROLE, *people(connection)):
            if len(sandbox_of(login).encode()) > LONGEST_NAME:
                state.refused.append(
                    f"{login} has no sandbox, since the name {sandbox_of(login)} is longer than "
                    f"{LONGEST_NAME} bytes; cure: alter role {login} rename to a shorter name"
                )
                continue
            steps += [
                (
                    "grant create on the database to the connecting role",
                    lambda login=login: make_sandbox(connection, login),  # type: ignore[misc]
                )
            ]
            grant = grant_to_act_for(connection, login)
            if grant is not None and _has_views(connection, login):
                steps.append((grant, lambda login=login: act_for(connection, login)))  # type: ignore[misc]
        for wanted in _logins(connection, warehouse):
            steps += [
                (
                    f"grant createrole to {warehouse.engine.url.username}, or alter role "
                    f"{wanted.role} as an administrator",
                    lambda wanted=wanted: _login(connection, wanted),  # type: ignore[misc]
                )
            ]
        for cure, step in steps:
            try:
                with connection.transaction():
                    state.healed += step()
            except errors.InsufficientPrivilege as error:
                state.refused.append(f"{str(error).splitlines()[0]}; cure: {cure}")
    return state


def reader_settings(connection: Connection[Any], warehouse: Warehouse) -> dict[str, str]:
    """The defaults of readers' sessions; temp_file_limit is one that they cannot lift."""
    limits = warehouse.reader_limits
    settings = {
        "default_transaction_read_only": "on",
        "search_path": "marts",
        "statement_timeout": f"{limits.seconds}s",
    }
    # Who may not set it for others leaves temporary files to the server's own limit.
    if _one(connection, "select has_parameter_privilege('temp_file_limit', 'set')"):
        settings["temp_file_limit"] = f"{limits.temp_mb}MB"
    return settings


def sandbox_of(login: str) -> str:
    """The schema in which a login makes views and tables of its own."""
    return f"sandbox_{login}"


def make_sandbox(connection: Connection[Any], login: str) -> list[str]:
    """Let the login make things in its sandbox; the schema stays ours, so that we may drop them."""
    schema = sandbox_of(login)
    if not _one(connection, "select to_regnamespace(quote_ident(%s)) is not null", schema):
        connection.execute(sql.SQL("create schema {}").format(sql.Identifier(schema)))
    if not _one(connection, "select has_schema_privilege(%s, %s, 'create')", login, schema):
        connection.execute(
            sql.SQL("grant usage, create on schema {} to {}").format(
                sql.Identifier(schema), sql.Identifier(login)
            )
        )
    return []


def act_for(connection: Connection[Any], login: str) -> list[str]:
    """Let the connecting role make this login's views again; on PostgreSQL 16 and newer only that.

    Who creates a role there may administer it, and may not act as it.
    """
    grant = grant_to_act_for(connection, login)
    if grant is not None:
        connection.execute(grant.encode())
    return []


def person_settings(
    connection: Connection[Any], warehouse: Warehouse, login: str
) -> dict[str, str]:
    """The defaults of a person's sessions: what they make lands in their sandbox."""
    settings = reader_settings(connection, warehouse)
    # Rights keep them from writing elsewhere.
    del settings["default_transaction_read_only"]
    sandbox = sandbox_of(login)
    if len(sandbox.encode()) <= LONGEST_NAME:
        quoted = _one(connection, "select quote_ident(%s)", sandbox)
        settings["search_path"] = f"{quoted}, marts"
    return settings


def set_default(connection: Connection[Any], login: str, name: str, value: str) -> None:
    """Give a login's sessions a default; a search path is a list of names, quoted where needed."""
    values = (
        part[1:-1].replace('""', '"') if part.startswith('"') else part
        for part in value.split(", ")
    )
    connection.execute(
        sql.SQL("alter role {} set {} = {}").format(
            sql.Identifier(login),
            sql.Identifier(name),
            sql.SQL(", ").join(map(sql.Literal, values)),
        )
    )


def people(connection: Connection[Any]) -> list[str]:
    """The logins that were given to people, by name."""
    return [
        name
        for (name,) in connection.execute(
            "select r.rolname from pg_roles r join pg_auth_members m on m.member = r.oid"
            " where m.roleid = to_regrole(%s) and shobj_description(r.oid, 'pg_authid') = %s"
            " order by 1",
            (READER_ROLE, PERSON),
        )
    ]


def why_kept_out(url: str) -> str | None:
    """What the server says to a login that it does not let in; None where it does."""
    try:
        with connect(url):
            return None
    except OperationalError as error:
        return str(error).splitlines()[0]


def verifier(connection: Connection[Any], role: str, password: SecretStr) -> str:
    """What the server keeps of a password; sent in its place, so that no log can hold it."""
    return connection.pgconn.encrypt_password(
        password.get_secret_value().encode(), role.encode()
    ).decode()


def _logins(connection: Connection[Any], warehouse: Warehouse) -> Iterator[_Wanted]:
    limits = warehouse.reader_limits
    settings = reader_settings(connection, warehouse)
    if warehouse.reader_password is not None:
        yield _Wanted(
            READER_ROLE,
            settings,
            limits.connections,
            warehouse.reader_password,
            warehouse.reader_url,
        )
    if warehouse.operator_password is not None:
        yield _Wanted(
            OPERATOR_ROLE,
            {
                "default_transaction_read_only": "on",
                "search_path": ", ".join((*OPERATOR_SCHEMAS, "marts")),
            },
            OPERATOR_CONNECTIONS,
            warehouse.operator_password,
            warehouse.operator_url,
        )
    for name in people(connection):
        own = person_settings(connection, warehouse, name)
        yield _Wanted(name, own, limits.connections, None)


def _operator(connection: Connection[Any]) -> list[str]:
    """Make the role, which is of the readers too: so it may see and end their statements."""
    if not _one(connection, "select to_regrole(%s) is not null", OPERATOR_ROLE):
        connection.execute(sql.SQL("create role {} nologin").format(sql.Identifier(OPERATOR_ROLE)))
    if not _one(connection, "select pg_has_role(%s, %s, 'member')", OPERATOR_ROLE, READER_ROLE):
        connection.execute(
            sql.SQL("grant {} to {}").format(
                sql.Identifier(READER_ROLE), sql.Identifier(OPERATOR_ROLE)
            )
        )
    for schema in OPERATOR_SCHEMAS:
        # Granting anew would write every table's row in the catalogue, night after night.
        if _one(
            connection,
            "select exists (select from pg_default_acl d, aclexplode(d.defaclacl) a"
            " where d.defaclnamespace = to_regnamespace(%s) and a.grantee = to_regrole(%s))",
            schema,
            OPERATOR_ROLE,
        ):
            continue
        names = {"schema": sql.Identifier(schema), "role": sql.Identifier(OPERATOR_ROLE)}
        for statement in (
            "create schema if not exists {schema}",
            "grant usage on schema {schema} to {role}",
            "grant select on all tables in schema {schema} to {role}",
            "alter default privileges in schema {schema} grant select on tables to {role}",
        ):
            connection.execute(sql.SQL(statement).format(**names))
    return []


def _has_views(connection: Connection[Any], login: str) -> bool:
    return bool(
        _one(
            connection,
            "select exists (select from pg_class where relkind = 'v'"
            " and relowner = to_regrole(quote_ident(%s)))",
            login,
        )
    )


def _no_temporary_tables(connection: Connection[Any]) -> list[str]:
    [(database, may_make)] = connection.execute(
        "select current_database(), has_database_privilege(%s, current_database(), 'TEMP')",
        (READER_ROLE,),
    )
    if may_make:
        names = {"database": sql.Identifier(database), "loader": sql.Identifier(LOADER_ROLE)}
        for statement in (
            "grant temporary on database {database} to current_user, {loader}",
            "revoke temporary on database {database} from public",
        ):
            connection.execute(sql.SQL(statement).format(**names))
    return []


def _no_large_objects(connection: Connection[Any]) -> list[str]:
    if _one(
        connection, "select has_function_privilege(%s, 'lo_create(oid)', 'execute')", READER_ROLE
    ):
        for function in _LARGE_OBJECTS:
            connection.execute(f"revoke execute on function {function} from public")
    return []


def _login(connection: Connection[Any], wanted: _Wanted) -> list[str]:
    """Bring a login to what is wanted; what others had changed is told."""
    told = []
    role = sql.Identifier(wanted.role)
    [(can_login, connections, everywhere, here)] = connection.execute(
        "select r.rolcanlogin, r.rolconnlimit,"
        " (select setconfig from pg_db_role_setting where setrole = r.oid and setdatabase = 0),"
        " (select setconfig from pg_db_role_setting s join pg_database d on d.oid = s.setdatabase"
        " where s.setrole = r.oid and d.datname = current_database())"
        " from pg_roles r where r.rolname = %s",
        (wanted.role,),
    )
    found = dict(setting.split("=", 1) for setting in everywhere or ())
    if not can_login or connections != wanted.connections:
        connection.execute(
            sql.SQL("alter role {} login connection limit {}").format(
                role, sql.Literal(wanted.connections)
            )
        )
    # Defaults of the one database are none of ours, and would come before ours.
    if here or found != wanted.settings:
        database = sql.Identifier(_one(connection, "select current_database()"))
        connection.execute(sql.SQL("alter role {} reset all").format(role))
        connection.execute(sql.SQL("alter role {} in database {} reset all").format(role, database))
        for name, value in wanted.settings.items():
            set_default(connection, wanted.role, name, value)
        if here or not found.items() <= wanted.settings.items():
            told.append(
                f"the defaults of {wanted.role} were not as they should be, and are set anew"
            )
    if wanted.password is not None and not (can_login and _lets_in(wanted)):
        connection.execute(
            sql.SQL("alter role {} password {}").format(
                role, sql.Literal(verifier(connection, wanted.role, wanted.password))
            )
        )
        if can_login:
            told.append(
                f"the password of {wanted.role} was not the one that is set, and is set anew"
            )
    return told


def _lets_in(wanted: _Wanted) -> bool:
    assert wanted.url is not None, "a login with a password has an address"
    why = why_kept_out(wanted.url())
    # One that is at its limit of connections has the right password.
    return why is None or "too many connections" in why


def _one(connection: Connection[Any], statement: str, *values: Any) -> Any:
    row = connection.execute(statement.encode(), values).fetchone()
    assert row is not None, "the statement gives one row"
    return row[0]
