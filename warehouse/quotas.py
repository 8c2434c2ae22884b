"""The request ledger: quotas and rate limits that every process of a warehouse shares.

A request holds its place in a limit's window from the moment it is let out until the window has
passed since its answer began. It reached the source somewhere in between, so by the source's own
clock no window ever holds more than the limit, whatever the network, the scheduler or another
machine's clock do. Days are rolling: whenever a vendor's day begins, no 24 hours overspend it.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import Connection, text

from warehouse.db import Warehouse

_HOUR = 3_600.0


class Limit(Protocol):
    """At most `units` in any window of `seconds`; a source declares its own."""

    @property
    def units(self) -> int: ...

    @property
    def seconds(self) -> float: ...


# A request without an answer for so long belonged to a process that was killed.
LEASE_SECONDS = 300.0
# How soon to look again while other requests are under way and nobody knows when they end.
_POLL_SECONDS = 0.02
_KEPT = "interval '3 days'"

# For each limit: when the newest request ended that must leave the window first. One under way
# ends at infinity, unless its lease is over.
_FREE_AT = """
with instant as materialized (select clock_timestamp() as at),
ended as (
    select
        g.grant_id,
        g.units,
        coalesce(
            g.answered_at,
            case
                when g.granted_at + make_interval(secs => :lease) <= i.at
                    then g.granted_at + make_interval(secs => :lease)
                else 'infinity'
            end
        ) as ended_at
    from ops.request_grants as g
    cross join instant as i
    where g.source = :source
        and g.granted_at > i.at - make_interval(secs => :longest + :lease)
),
blocking as (
    select l.seconds, max(r.ended_at) as ended_at
    from unnest(cast(:allowed as bigint[]), cast(:seconds as float8[])) as l (allowed, seconds)
    cross join instant as i
    cross join lateral (
        select
            e.ended_at,
            sum(e.units) over (order by e.ended_at desc, e.grant_id desc) as still_held
        from ended as e
        where e.ended_at > i.at - make_interval(secs => l.seconds)
    ) as r
    where r.still_held + :units > l.allowed
    group by l.seconds
)
select
    extract(epoch from max(b.ended_at + make_interval(secs => b.seconds)))
    - (select extract(epoch from i.at) from instant as i)
from blocking as b
"""
# The columns of a unique index would not do: the lock must cover a sum over many rows.
_LOCK = text("select pg_advisory_xact_lock(hashtext('corpintel requests'), hashtext(:source))")


class QuotaError(ValueError):
    """A request that costs more than its source allows in a whole window."""


@dataclass(frozen=True)
class RequestLedger:
    """Lets requests out within the limits of their source; it never sleeps, the caller does."""

    warehouse: Warehouse
    limits: Mapping[str, Sequence[Limit]]

    def wait(self, source: str, units: int = 1) -> float:
        """Seconds until the source's quota has so many units; its rate limits are left to `ask`."""
        quotas = [limit for limit in self.limits.get(source, ()) if limit.seconds >= _HOUR]
        if not quotas:
            return 0.0
        with self.warehouse.engine.connect() as connection:
            return self._wait(connection, source, units, quotas)

    def ask(self, source: str, units: int = 1) -> tuple[int | None, float]:
        """Draw the units and return (ticket, 0.0), or (None, the seconds to wait) without drawing.

        Give the ticket to `leave` when the answer begins.
        """
        if source not in self.limits:
            return 0, 0.0
        with self.warehouse.engine.begin() as connection:
            connection.execute(_LOCK, {"source": source})
            wait = self._wait(connection, source, units, self.limits[source])
            if wait > 0:
                return None, wait
            ticket = connection.execute(
                text(
                    "insert into ops.request_grants (source, units, granted_at)"
                    " values (:source, :units, clock_timestamp()) returning grant_id"
                ),
                {"source": source, "units": units},
            ).scalar_one()
        return int(ticket), 0.0

    def leave(self, ticket: int) -> None:
        """The answer of that request has begun, or never will."""
        if not ticket:
            return
        with self.warehouse.engine.begin() as connection:
            connection.execute(
                text(
                    "update ops.request_grants set answered_at = clock_timestamp()"
                    " where grant_id = :ticket"
                ),
                {"ticket": ticket},
            )

    def sweep(self) -> None:
        """Forget requests that no window can hold any more."""
        with self.warehouse.engine.begin() as connection:
            connection.execute(
                text(
                    f"delete from ops.request_grants where granted_at < clock_timestamp() - {_KEPT}"
                )
            )

    def left_today(self, source: str, within: float = 600.0) -> int | None:
        """Units of the source's longest window that are free in so many seconds; None: no limit.

        A night asks what the night before asked, at the same time of day: what is free again in
        some minutes can be planned with.
        """
        limits = self.limits.get(source)
        if not limits:
            return None
        longest = max(limits, key=lambda limit: limit.seconds)
        with self.warehouse.engine.connect() as connection:
            used = connection.execute(
                text(
                    "select coalesce(sum(units), 0) from ops.request_grants"
                    " where source = :source and coalesce(answered_at, granted_at)"
                    " > clock_timestamp() - make_interval(secs => :seconds)"
                ),
                {"source": source, "seconds": max(longest.seconds - within, longest.seconds / 2)},
            ).scalar_one()
        return max(0, longest.units - int(used))

    def _wait(
        self, connection: Connection, source: str, units: int, limits: Sequence[Limit]
    ) -> float:
        tightest = min(limit.units for limit in limits)
        if units > tightest:
            raise QuotaError(f"{source}: a request of {units} units never fits into {tightest}")
        free_at = connection.execute(
            text(_FREE_AT),
            {
                "source": source,
                "units": units,
                "lease": LEASE_SECONDS,
                "longest": max(limit.seconds for limit in limits),
                "allowed": [limit.units for limit in limits],
                "seconds": [limit.seconds for limit in limits],
            },
        ).scalar_one()
        if free_at is None:
            return 0.0
        return _POLL_SECONDS if math.isinf(free_at) else max(float(free_at), 0.001)
