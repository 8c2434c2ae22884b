"""The watchdog: readers' statements that take too long are ended, in the operator's role.

Their default statement_timeout does so too, but a reader may lift it; nobody lifts this.
"""

from dataclasses import dataclass

import psycopg

from warehouse.db import OPERATOR_ROLE, READER_ROLE, Warehouse, WarehouseError

# A session that waits inside a transaction holds back the cleaning of old rows for everyone.
_OVERDUE = """
select
    pid,
    usename::text,
    extract(epoch from clock_timestamp() - least(query_start, state_change))::float8 as seconds,
    state,
    left(regexp_replace(query, '\\s+', ' ', 'g'), 200) as statement
from pg_stat_activity
where pg_has_role(usesysid, %(reader)s, 'member')
    and usename <> current_user
    and usesysid not in (select oid from pg_roles where rolsuper or rolcreaterole)
    and datname = current_database()
    and (
        (state = 'active' and query_start < clock_timestamp() - %(age)s * interval '1 second')
        or (
            state like 'idle in transaction%%'
            and state_change < clock_timestamp() - %(age)s * interval '1 second'
        )
    )
order by query_start
"""


@dataclass(frozen=True)
class Ended:
    """A statement or open transaction that was ended, with its age in seconds."""

    pid: int
    role: str
    seconds: float
    state: str
    statement: str


def end_long_statements(warehouse: Warehouse) -> list[Ended]:
    """End what readers have run for longer than `reader_limits.seconds`; return what was ended.

    WarehouseError where the operator's role cannot connect.
    """
    seconds = warehouse.reader_limits.seconds
    try:
        connection = psycopg.connect(warehouse.operator_url(), autocommit=True)
    except psycopg.OperationalError as error:
        raise WarehouseError(
            f"role {OPERATOR_ROLE} cannot connect: {str(error).splitlines()[0]}; run corpintel db "
            "migrate first, or check CORPINTEL_OPERATOR_PASSWORD"
        ) from None
    with connection:
        found = [
            Ended(*row)
            for row in connection.execute(_OVERDUE, {"reader": READER_ROLE, "age": seconds})
        ]
        for overdue in found:
            end = "pg_cancel_backend" if overdue.state == "active" else "pg_terminate_backend"
            connection.execute(f"select {end}(%s)".encode(), (overdue.pid,))
    return found
