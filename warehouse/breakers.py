"""The breakers: which hosts failed or refused us, shared by every process of a warehouse."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, text

from warehouse.db import Warehouse
from warehouse.tables import ops as tables


@dataclass(frozen=True)
class SharedBreakers:
    """One row of ops.breakers for each host that ever failed."""

    warehouse: Warehouse

    def reason(self, host: str) -> str | None:
        """Why the host is to be left alone now, and until when; None when it may be asked."""
        table = tables.breakers
        with self.warehouse.engine.connect() as connection:
            row = connection.execute(
                select(table.c.reason, table.c.open_until).where(
                    table.c.host == host, table.c.open_until > func.clock_timestamp()
                )
            ).first()
        return f"{row.reason}, left alone until {_clock_time(row.open_until)}" if row else None

    def open(self, source: str, host: str, reason: str, seconds: float) -> None:
        """Let nobody ask the host for so long; an end that lies later stays."""
        with self.warehouse.engine.begin() as connection:
            connection.execute(
                text(
                    "insert into ops.breakers as b (host, source, reason, opened_at, open_until)"
                    " values (:host, :source, :reason, clock_timestamp(),"
                    " clock_timestamp() + make_interval(secs => :seconds))"
                    " on conflict (host) do update set source = excluded.source,"
                    " reason = excluded.reason, opened_at = excluded.opened_at,"
                    " open_until = greatest(b.open_until, excluded.open_until), closed_at = null"
                ),
                {"host": host, "source": source, "reason": reason, "seconds": seconds},
            )

    def close(self, host: str) -> None:
        """The host answers again."""
        table = tables.breakers
        with self.warehouse.engine.begin() as connection:
            connection.execute(
                table.update()
                .where(table.c.host == host, table.c.closed_at.is_(None))
                .where(table.c.open_until <= func.clock_timestamp())
                .values(closed_at=func.clock_timestamp())
            )

    def standing(self) -> list[tuple[str, str, str, datetime]]:
        """Host, source, reason and end of every breaker that no answer has closed since."""
        table = tables.breakers
        with self.warehouse.engine.connect() as connection:
            rows = connection.execute(
                select(table.c.host, table.c.source, table.c.reason, table.c.open_until)
                .where(table.c.closed_at.is_(None))
                .order_by(table.c.host)
            )
            return [(row.host, row.source, row.reason, row.open_until) for row in rows]


def _clock_time(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%d %H:%M:%S UTC")
