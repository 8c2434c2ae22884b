"""How long a warehouse remembers of its nights what neither readers nor the next night need.

Kept for ever: captures, facts, what was parsed of which answer (a later night asks by it), rejected
rows, runs. Publications have a number of their own.
"""

from typing import Final

from sqlalchemy import text

from warehouse.db import Warehouse

# What is older than :days is forgotten; of an alert, when it is over.
_FORGOTTEN: Final = {
    "outcomes": (
        "delete from ops.outcomes where step in ('fetch', 'validate', 'load')"
        " and status <> 'skipped' and happened_at < now() - make_interval(days => :days)"
    ),
    "validation_results": (
        "delete from ops.validation_results"
        " where validated_at < now() - make_interval(days => :days)"
    ),
    "model_times": (
        "delete from ops.model_times m using ops.runs r where m.run_id = r.run_id"
        " and r.started_at < now() - make_interval(days => :days)"
    ),
    "measures": (
        "delete from ops.measures m using ops.runs r where m.run_id = r.run_id"
        " and r.started_at < now() - make_interval(days => :days)"
    ),
    "alerts": "delete from ops.alerts where cleared_at < now() - make_interval(days => :days)",
    "drills": "delete from ops.drills where finished_at < now() - make_interval(days => :days)",
}


def forget(warehouse: Warehouse, days: int) -> dict[str, int]:
    """Forget what is older than so many days; return how many rows of each table that were."""
    with warehouse.engine.begin() as connection:
        return {
            table: connection.execute(text(statement), {"days": days}).rowcount
            for table, statement in _FORGOTTEN.items()
        }
