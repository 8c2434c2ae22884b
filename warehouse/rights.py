"""Which rights a role lacks on a server of the user's, as statements for its administrator."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import psycopg
from sqlalchemy import Connection, text

_REFUSED: Final = "42501"
_STATE: Final = text(
    """
    select
        has_database_privilege(current_database(), 'create') as may_create_schemas,
        (has_schema_privilege('public', 'usage') and has_schema_privilege('public', 'create'))
        or to_regclass('public.corpintel_schema_version') is not null as may_use_public,
        rolcreaterole or rolsuper as may_create_roles,
        quote_ident(current_database()) as database,
        quote_ident(current_user) as role
    from pg_roles where rolname = current_user
    """
)
_IS_ROLE: Final = text("select exists (select from pg_roles where rolname = :role)")
_IS_MEMBER: Final = text("select pg_has_role(to_regrole(:role), 'member')")
_OTHERS: Final = text(
    """
    select distinct quote_ident(pg_get_userbyid(nspowner)) from pg_namespace
    where nspname in ('raw', 'ops', 'marts') and not pg_has_role(nspowner, 'usage')
    """
)


def refused(error: Exception) -> str | None:
    """What PostgreSQL refused for want of a right, through whichever driver; else None."""
    told = getattr(getattr(error, "orig", error), "diag", None)
    if told is None or told.sqlstate != _REFUSED:
        return None
    return (
        f"{told.message_primary} ({told.message_detail})"
        if told.message_detail
        else (told.message_primary)
    )


def grant_to_act_for(connection: psycopg.Connection[Any], role: str) -> str | None:
    """The statement that lets the connecting role make things as `role`; None where it may.

    From PostgreSQL 16 on a member may lack that: who creates a role has its administration alone.
    """
    knows_set = connection.info.server_version >= 160_000
    row = connection.execute(
        "select coalesce(pg_has_role(to_regrole(quote_ident(%(role)s)), %(right)s), false),"
        " format('grant %%I to %%I', %(role)s::text, current_user)",
        {"role": role, "right": "set" if knows_set else "member"},
    ).fetchone()
    assert row is not None, "the statement gives one row"
    may, grant = row
    if may:
        return None
    return f"{grant} with set true, inherit false" if knows_set else str(grant)


def lacking(connection: Connection, roles: Sequence[str], loader: str) -> list[str]:
    """What an administrator would run, so that this role can migrate and load as `loader`."""
    return list(_lacking(connection, roles, loader))


def _lacking(connection: Connection, roles: Sequence[str], loader: str) -> Iterator[str]:
    state = connection.execute(_STATE).one()
    if not state.may_create_schemas:
        yield f"grant create on database {state.database} to {state.role}"
    if not state.may_use_public:
        yield f"grant usage, create on schema public to {state.role}"
    for (owner,) in connection.execute(_OTHERS):
        yield f"grant {owner} to {state.role}"
    absent = [role for role in roles if not connection.execute(_IS_ROLE, {"role": role}).scalar()]
    if not state.may_create_roles:
        for role in absent:
            yield f"create role {role} nologin"
        if loader in absent or not connection.execute(_IS_MEMBER, {"role": loader}).scalar():
            yield f"grant {loader} to {state.role}"
