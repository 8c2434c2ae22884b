"""The notices of views, for operators: what stands, what was dropped, and its text."""

from dataclasses import dataclass
from datetime import datetime

import psycopg

from warehouse.db import Warehouse
from warehouse.publishing import views

_SHOWN = """
select notice_id, view_name, owner, columns, drop_after,
    case
        when dropped_at is not null then 'dropped: ' || why
        when withdrawn_at is not null then 'withdrawn'
        else 'stands'
    end
from ops.view_notices order by notice_id desc
"""


@dataclass(frozen=True)
class Notice:
    """A view that a publication has to drop, or dropped; `columns` are mart.column."""

    notice_id: int
    view_name: str
    owner: str
    columns: list[str]
    drop_after: datetime
    state: str


def notices(warehouse: Warehouse) -> list[Notice]:
    """All notices, the newest first."""
    with psycopg.connect(warehouse.psycopg_dsn()) as connection:
        return [Notice(*row) for row in connection.execute(_SHOWN)]


def text_of(warehouse: Warehouse, notice_id: int) -> str | None:
    """The statements that make the view again; None where there is no such notice."""
    with psycopg.connect(warehouse.psycopg_dsn()) as connection:
        row = connection.execute(
            "select script from ops.view_notices where notice_id = %s", (notice_id,)
        ).fetchone()
    return row[0] if row else None


def drop_noticed(warehouse: Warehouse, why: str) -> list[str]:
    """Drop at once the views that read what notices are of; keep their text, return their names."""
    with psycopg.connect(warehouse.psycopg_dsn()) as connection:
        return views.drop_noticed(connection, why)
