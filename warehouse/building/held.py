"""Companies held back: they keep the rows that readers have, since new ones fail a check."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import psycopg


@dataclass(frozen=True)
class Fault:
    """Why a company's new rows are not published: a check, and how many rows fail it."""

    test: str
    failures: int
    detail: str


def hold_back(
    connection: psycopg.Connection[Any], faults: Mapping[str, Fault], run_id: int, as_of: date
) -> None:
    """Keep why each of these companies is held back; who was already keeps its first date."""
    for company_id, fault in faults.items():
        connection.execute(
            "insert into ops.held_back"
            " (company_id, test, failures, detail, since_run, since_date)"
            " values (%s, %s, %s, %s, %s, %s)"
            " on conflict (company_id) do update set test = excluded.test,"
            " failures = excluded.failures, detail = excluded.detail",
            (company_id, fault.test, fault.failures, fault.detail, run_id, as_of),
        )


def release(connection: psycopg.Connection[Any], companies: Collection[str]) -> None:
    """These companies are held back no longer."""
    connection.execute("delete from ops.held_back where company_id = any(%s)", (sorted(companies),))


def most_held(published: int, asked: int) -> float:
    """How many companies may be newly held back before the night itself is in doubt.

    Of those that readers have, three or two in a hundred; of a first publication, half.
    """
    return max(3, 0.02 * published) if published else asked / 2
