"""Views that others made of the marts: what a change of a mart does to them, and their notice.

A view that reads a column which goes blocks the publication until its notice is over. Then it is
dropped, and its text kept. A view that reads other columns alone is made again by the publication.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import Any, Final

import psycopg
from psycopg import sql

from warehouse.publishing.errors import PublishRefusedError
from warehouse.publishing.faces import FACES
from warehouse.rights import grant_to_act_for

_PLAIN: Final = re.compile(r"[a-z_][a-z0-9_]*")
_KINDS: Final = {"v": "view", "m": "materialized view"}
STANDING: Final = "dropped_at is null and withdrawn_at is null"

# What depends on these things, directly; of a rule it is the rule's view.
_DEPENDENTS = """
select distinct
    d.refclassid::bigint, d.refobjid::bigint, d.refobjsubid,
    case when r.oid is null then d.classid else 'pg_class'::regclass end::bigint,
    coalesce(r.ev_class, d.objid)::bigint
from pg_depend d
left join pg_rewrite r on d.classid = 'pg_rewrite'::regclass and r.oid = d.objid
where (d.refclassid::bigint, d.refobjid::bigint) in (
    select * from unnest(%s::bigint[], %s::bigint[])
)
    and (d.refclassid, d.refobjid) <> (
        case when r.oid is null then d.classid else 'pg_class'::regclass end,
        coalesce(r.ev_class, d.objid)
    )
"""
_THINGS = """
select t.class::bigint, t.object::bigint, pg_describe_object(t.class::oid, t.object::oid, 0),
    c.relkind::text, coalesce(n.nspname, ''), coalesce(c.relname, p.proname, ''),
    coalesce(pg_get_userbyid(coalesce(c.relowner, p.proowner)), ''),
    p.oid is not null, p.oid::regprocedure::text,
    t.class = 'pg_type'::regclass::bigint or c.relkind in ('i', 't')
        or o.relkind = 'v' and o.relnamespace <> 'marts'::regnamespace as is_part
from unnest(%s::bigint[], %s::bigint[]) as t (class, object)
left join pg_class c on t.class = 'pg_class'::regclass::bigint and c.oid = t.object
left join pg_proc p on t.class = 'pg_proc'::regclass::bigint and p.oid = t.object
left join pg_namespace n on n.oid = coalesce(c.relnamespace, p.pronamespace)
left join pg_trigger g on t.class = 'pg_trigger'::regclass::bigint and g.oid = t.object
left join pg_class o on o.oid = g.tgrelid
"""

_Key = tuple[int, int]


@dataclass(frozen=True)
class View:
    """Somebody's view, or one of our own faces or functions, that hangs on a mart.

    `columns` are those that go and it reads, by way of other views too.
    """

    oid: int
    kind: str
    schema: str
    name: str
    owner: str
    is_ours: bool
    columns: tuple[str, ...] = ()

    @property
    def identifier(self) -> sql.Composable:
        """The name for a statement; of a function the server has written it."""
        if self.kind == "function":
            return sql.SQL(self.name)  # from regprocedure, not input
        return sql.Identifier(self.schema, self.name)


def dependents(
    connection: psycopg.Connection[Any], gone: Mapping[str, Sequence[str]]
) -> list[View]:
    """What hangs on these views of schema marts, the last to depend first; `gone` are columns.

    PublishRefusedError where something else than a view hangs on them, a table of their row type
    for instance, which is not ours to drop.
    """
    start: dict[_Key, dict[int, str]] = {}
    for name, columns in gone.items():
        for attribute, number, class_id, oid in connection.execute(
            "select attname, attnum, 'pg_class'::regclass::oid::bigint, attrelid::bigint"
            " from pg_attribute where attrelid = to_regclass(quote_ident('marts') || '.' ||"
            " quote_ident(%s)) and attnum > 0",
            (name,),
        ).fetchall():
            numbers = start.setdefault((class_id, oid), {})
            if attribute in columns:
                numbers[number] = f"{name}.{attribute}"
    graph: dict[_Key, set[_Key]] = {key: set() for key in start}
    read: dict[_Key, set[str]] = {}
    for upon, number, key in _hanging(connection, start):
        if key in start and upon not in start:
            continue
        graph.setdefault(key, set()).add(upon)
        column = start.get(upon, {}).get(number)
        if column is not None:
            read.setdefault(key, set()).add(column)
    things = {
        (row[0], row[1]): row[2:]
        for row in connection.execute(
            _THINGS, ([key[0] for key in graph], [key[1] for key in graph])
        ).fetchall()
    }
    found: list[View] = []
    faces = set()
    for key in TopologicalSorter(graph).static_order():
        described, relkind, schema, name, owner, is_function, signature, is_part = things[key]
        ours = schema == "marts" and name in FACES
        if ours:
            faces.add(key)
        else:
            # What hangs on a view that goes, goes with it; faces are made again.
            for upon in graph[key] - faces:
                read.setdefault(key, set()).update(read.get(upon, ()))
        if key in start or is_part:
            continue
        kind = "function" if is_function else _KINDS.get(relkind or "")
        if kind is None or (is_function and not ours):
            raise PublishRefusedError(
                f"{described} hangs on {', '.join(sorted(gone))}, which changes, and is no view "
                "that can be dropped and made again; have its owner drop it"
            )
        columns = tuple(sorted(read.get(key, ())))
        asks_function = any(upon in faces and things[upon][6] for upon in graph[key])
        if not ours and not columns and (kind == "materialized view" or asks_function):
            # Rows are not ours to compute again, and the text of a view that asks a function of
            # ours lists all columns of its answer.
            columns = tuple(f"{mart}.{one}" for mart, ones in sorted(gone.items()) for one in ones)
            read[key] = set(columns)
        found.append(
            View(key[1], kind, schema, signature if is_function else name, owner, ours, columns)
        )
    return found[::-1]


def _hanging(
    connection: psycopg.Connection[Any], start: Iterable[_Key]
) -> list[tuple[_Key, int, _Key]]:
    """What hangs on these things, by way of others too: on what, on which column, and what."""
    frontier = list(start)
    seen = set(frontier)
    found = []
    while frontier:
        rows = connection.execute(
            _DEPENDENTS, ([key[0] for key in frontier], [key[1] for key in frontier])
        ).fetchall()
        frontier = []
        for ref_class, ref_object, number, class_id, oid in rows:
            key = (class_id, oid)
            found.append(((ref_class, ref_object), number, key))
            if key not in seen:
                seen.add(key)
                frontier.append(key)
    return found


def script_of(connection: psycopg.Connection[Any], view: View) -> str:
    """The statements that make the view again, with all that hangs on it alone.

    These are comments, indexes, rules, triggers and grants, also of columns.
    """
    with connection.transaction():
        [(path,)] = connection.execute("select current_setting('search_path')").fetchall()
        # Then every name is written with its schema.
        connection.execute("select set_config('search_path', '', true)")
        [(text, options)] = connection.execute(
            "select pg_get_viewdef(oid), array_to_string(reloptions, ', ')"
            " from pg_class where oid = %s",
            (view.oid,),
        ).fetchall()
        told = [
            row[0]
            for row in connection.execute(
                """
                select pg_get_indexdef(indexrelid) from pg_index where indrelid = %(oid)s
                union all
                select format('comment on %%s %%s is %%L',
                    case when objsubid > 0 then 'column' else %(kind)s end,
                    objoid::regclass::text || coalesce('.' || quote_ident(attname), ''),
                    description)
                from pg_description
                left join pg_attribute on attrelid = objoid and attnum = objsubid and attnum > 0
                where objoid = %(oid)s and classoid = 'pg_class'::regclass
                union all
                select rtrim(pg_get_ruledef(oid), ';') from pg_rewrite
                where ev_class = %(oid)s and rulename <> '_RETURN'
                union all
                select pg_get_triggerdef(oid) from pg_trigger
                where tgrelid = %(oid)s and not tgisinternal
                """,
                {"oid": view.oid, "kind": view.kind},
            ).fetchall()
        ]
        told += grants_on(connection, view.oid)
        [(name,)] = connection.execute("select %s::oid::regclass::text", (view.oid,)).fetchall()
        connection.execute("select set_config('search_path', %s, true)", (path,))
    given = f" with ({options})" if options else ""
    made = f"create {view.kind} {name}{given} as\n{text.strip().rstrip(';')}"
    return ";\n".join([made, *told]) + ";\n"


def grants_on(connection: psycopg.Connection[Any], oid: int, gone: Sequence[str] = ()) -> list[str]:
    """The statements that give others their rights on a view; none for its columns `gone`."""
    return [
        row[0]
        for row in connection.execute(
            """
            select format('grant %%s%%s on %%I.%%I to %%s%%s',
                a.privilege_type, ' (' || quote_ident(given.attname) || ')', n.nspname, c.relname,
                case when a.grantee = 0 then 'public'
                else quote_ident(pg_get_userbyid(a.grantee)) end,
                case when a.is_grantable then ' with grant option' end)
            from pg_class c
            join pg_namespace n on n.oid = c.relnamespace
            cross join lateral (
                select null::name, c.relacl
                union all
                select attname, attacl from pg_attribute
                where attrelid = c.oid and attname <> all(%(gone)s::text[])
            ) given (attname, acl)
            cross join lateral aclexplode(given.acl) a
            where c.oid = %(oid)s and a.grantee <> c.relowner
            """,
            {"oid": oid, "gone": list(gone)},
        ).fetchall()
    ]


def meet(connection: psycopg.Connection[Any], gone: Mapping[str, Sequence[str]], days: int) -> None:
    """Give notice of the views that block this change; PublishRefusedError until it is over.

    Notices of views that block nothing any more are withdrawn. Commits what it writes. A view that
    reads other columns, and that we cannot make again for its owner, is refused and never dropped.
    """
    hanging = dependents(connection, gone) if gone else []
    blocking = [view for view in hanging if view.columns and not view.is_ours]
    names = [_name(view) for view in blocking]
    connection.execute(
        f"update ops.view_notices set withdrawn_at = clock_timestamp()"  # a constant
        f" where {STANDING} and not view_name = any(%s)".encode(),
        (names,),
    )
    due = {
        row[0]
        for row in connection.execute(
            f"select view_name from ops.view_notices"  # a constant
            f" where {STANDING} and drop_after <= clock_timestamp()".encode()
        )
    }
    for view in blocking:
        connection.execute(
            f"""
            insert into ops.view_notices
                (view_name, owner, columns, script, noticed_at, drop_after)
            select %(name)s, %(owner)s, %(columns)s, %(script)s, clock_timestamp(), coalesce(
                -- Who begins to read a column that is to go has the time that is left.
                (select min(drop_after) from ops.view_notices
                where {STANDING} and columns && %(columns)s::text[]),
                clock_timestamp() + make_interval(days => %(days)s)
            )
            where not exists (
                select from ops.view_notices where {STANDING} and view_name = %(name)s
            )
            """.encode(),
            {
                "name": _name(view),
                "owner": view.owner,
                "columns": list(view.columns),
                "script": script_of(connection, view),
                "days": days,
            },
        )
    connection.commit()
    waiting = [view for view in blocking if _name(view) not in due] if days else []
    troubles = [trouble for view in hanging if (trouble := _not_ours_to_make(connection, view))]
    if waiting:
        [(until,)] = connection.execute(
            f"select max(drop_after)::timestamptz(0)::text from ops.view_notices"
            f" where {STANDING}".encode()
        ).fetchall()
        told = "; ".join(
            f"{_name(view)} of {view.owner} reads {', '.join(view.columns)}" for view in blocking
        )
        troubles.insert(
            0,
            f"columns go that views of others read: {told}. Their owners have until {until}; a "
            "publication after it drops these views and keeps their text. corpintel publish views "
            "drop does so at once, corpintel publish views list shows the notices",
        )
    if troubles:
        raise PublishRefusedError(". Also, ".join(troubles))


def make_way(
    connection: psycopg.Connection[Any], gone: Mapping[str, Sequence[str]]
) -> list[tuple[str, str]]:
    """Drop what hangs on these views; return owner and text of each that is to be made again.

    What is dropped for good has a notice; PublishRefusedError for a view that has none yet.
    """
    hanging = dependents(connection, gone)
    standing = {
        row[0]
        for row in connection.execute(
            f"select view_name from ops.view_notices where {STANDING}".encode()
        )
    }
    again = []
    for view in hanging:
        if view.is_ours:
            _drop(connection, view)
        elif not view.columns:
            trouble = _not_ours_to_make(connection, view)
            if trouble is not None:
                raise PublishRefusedError(trouble)
            again.append((view.owner, script_of(connection, view)))
            _drop(connection, view)
        elif _name(view) in standing:
            keep_and_drop(connection, [view], "its notice was over")
        else:
            raise PublishRefusedError(
                f"{_name(view)} of {view.owner} came while the night published, and reads "
                f"{', '.join(view.columns)}, which go; publish again, to give it notice"
            )
    return again[::-1]


def make_again(connection: psycopg.Connection[Any], views: Sequence[tuple[str, str]]) -> None:
    """Make views anew, each as its owner: they may read no more than that."""
    for owner, script in views:
        connection.execute(sql.SQL("set local role {}").format(sql.Identifier(owner)))
        connection.execute(script.encode())
        connection.execute("reset role")


def keep_and_drop(connection: psycopg.Connection[Any], views: Sequence[View], why: str) -> None:
    """Drop views in this order, and keep the text of each."""
    for view in views:
        given = {
            "name": _name(view),
            "owner": view.owner,
            "columns": list(view.columns),
            "script": script_of(connection, view),
            "why": why,
        }
        done = connection.execute(
            f"update ops.view_notices set dropped_at = clock_timestamp(), why = %(why)s,"
            f" script = %(script)s where {STANDING} and view_name = %(name)s".encode(),
            given,
        )
        if not done.rowcount:
            connection.execute(
                "insert into ops.view_notices (view_name, owner, columns, script, noticed_at,"
                " drop_after, dropped_at, why) values (%(name)s, %(owner)s, %(columns)s,"
                " %(script)s, clock_timestamp(), clock_timestamp(), clock_timestamp(), %(why)s)",
                given,
            )
        _drop(connection, view)


def owned_by(connection: psycopg.Connection[Any], login: str) -> tuple[list[View], list[str]]:
    """The views of a login, the last to depend first, and whatever else it owns, described."""
    views: dict[_Key, View] = {}
    others = []
    for class_id, oid, kind, schema, name, described in connection.execute(
        """
        select 'pg_class'::regclass::bigint, c.oid::bigint, c.relkind::text, n.nspname, c.relname,
            pg_describe_object('pg_class'::regclass, c.oid, 0)
        from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where c.relowner = to_regrole(quote_ident(%(login)s)) and c.relkind in
            ('r', 'v', 'm', 'S', 'p', 'f') and n.nspname !~ '^pg_'
        union all
        select 'pg_proc'::regclass::bigint, p.oid::bigint, 'function', n.nspname, p.proname,
            pg_describe_object('pg_proc'::regclass, p.oid, 0)
        from pg_proc p join pg_namespace n on n.oid = p.pronamespace
        where p.proowner = to_regrole(quote_ident(%(login)s))
        order by 6
        """,
        {"login": login},
    ).fetchall():
        if kind in _KINDS:
            views[class_id, oid] = View(oid, _KINDS[kind], schema, name, login, False)
        else:
            others.append(described)
    graph: dict[_Key, set[_Key]] = {key: set() for key in views}
    for upon, _, key in _hanging(connection, views):
        graph.setdefault(key, set()).add(upon)
    ordered = [views[key] for key in TopologicalSorter(graph).static_order() if key in views]
    return ordered[::-1], others


def drop_noticed(connection: psycopg.Connection[Any], why: str) -> list[str]:
    """Drop the views that read what notices are of at once, keep their text; return their names.

    These are those with notice, but for what their owners have mended since, and what was made
    upon them since. No notice stands afterwards. PublishRefusedError as from `dependents`.
    """
    gone: dict[str, list[str]] = {}
    for (column,) in connection.execute(
        f"select distinct unnest(columns) from ops.view_notices where {STANDING}".encode()
    ).fetchall():
        mart, _, name = column.partition(".")
        gone.setdefault(mart, []).append(name)
    hanging = dependents(connection, gone) if gone else []
    reading = [view for view in hanging if view.columns and not view.is_ours]
    keep_and_drop(connection, reading, why)
    connection.execute(
        f"update ops.view_notices set withdrawn_at = clock_timestamp() where {STANDING}".encode()
    )
    return [_name(view) for view in reading]


def _not_ours_to_make(connection: psycopg.Connection[Any], view: View) -> str | None:
    """What keeps a view that has to be made again from it; None where we may act for its owner."""
    if view.is_ours or view.columns:
        return None
    grant = grant_to_act_for(connection, view.owner)
    if grant is None:
        return None
    return (
        f"columns go that {_name(view)} of {view.owner} does not read, but it has to be made "
        f"again for its owner, which this role may not do; cure: {grant}"
    )


def _name(view: View) -> str:
    """The view's name with its schema, quoted as a statement needs it."""
    return ".".join(_quoted(part) for part in (view.schema, view.name))


def _quoted(name: str) -> str:
    return name if _PLAIN.fullmatch(name) else sql.Identifier(name).as_string()


def _drop(connection: psycopg.Connection[Any], view: View) -> None:
    drop = sql.SQL("drop {} {}").format(sql.SQL(view.kind), view.identifier)
    may = (
        view.is_ours
        or connection.execute(
            "select from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = %s"
            " and (pg_has_role(c.relowner, 'usage') or pg_has_role(n.nspowner, 'usage'))",
            (view.oid,),
        ).fetchone()
        is not None
    )
    if may:
        connection.execute(drop)
        return
    grant = grant_to_act_for(connection, view.owner)
    if grant is not None:
        raise PublishRefusedError(
            f"{_name(view)} of {view.owner} has to be dropped, which this role may not do; "
            f"cure: {grant}"
        )
    connection.execute(sql.SQL("set local role {}").format(sql.Identifier(view.owner)))
    connection.execute(drop)
    connection.execute("reset role")
