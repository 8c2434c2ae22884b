"""Audits: dbt's data tests on what was just built, each failure with the company that it is of.

dbt compiles the tests; they are run here, since dbt's own runner names no company and asks for a
connection and a scan for each. Rules that a row keeps by itself are checked in one scan of their
relation; the comment in macro rows_that marks them.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

# A rule by row: what it reads, and what a row must not be.
_BY_ROW = re.compile(r"^select \*\s+from (.+)\s+where /\* broken \*/ (\(.*\))$", re.DOTALL)
_COMPANY = {
    "company_id": "found.company_id::text",
    "cik": "(select b.company_id from ops.batch b where b.cik = found.cik limit 1)",
}


@dataclass(frozen=True)
class Check:
    """A data test: the models that it reads, and its compiled SQL, whose rows are failures."""

    name: str
    reads: frozenset[str]
    is_warning: bool
    query: str


@dataclass(frozen=True)
class Failure:
    """A check that failed: how many rows, and of which company; None where it names nobody."""

    check: str
    company_id: str | None
    rows: int
    is_warning: bool

    def __str__(self) -> str:
        whose = f" of {self.company_id}" if self.company_id is not None else ""
        return f"{self.check}: {self.rows:,} rows{whose}"


class Audits:
    """The checks of a pass, grouped so that each relation is read for its rules by row once."""

    def __init__(
        self, checks: Sequence[Check], translate: Callable[[str], str] = lambda query: query
    ) -> None:
        """`translate` moves a query to the tables of the lane that built."""
        by_row: dict[str, list[tuple[Check, str]]] = defaultdict(list)
        self._queries: list[tuple[Sequence[Check], str, Sequence[str]]] = []
        for check in checks:
            query = translate(check.query.strip())
            found = _BY_ROW.match(query)
            if found is None:
                self._queries.append(((check,), query, ()))
            else:
                by_row[found.group(1)].append((check, found.group(2)))
        for relation, rules in by_row.items():
            broken = [rule for _, rule in rules]
            self._queries.append(
                (
                    [check for check, _ in rules],
                    f"select * from {relation} where {' or '.join(broken)}",  # dbt's
                    broken,
                )
            )

    def run(self, connections: Sequence[psycopg.Connection[Any]]) -> list[Failure]:
        """Run them all, shared among the connections; what failed is returned, warnings too."""
        shares = [self._queries[place :: len(connections)] for place in range(len(connections))]

        def run_share(share: int) -> list[Failure]:
            return [
                failure for query in shares[share] for failure in _run(connections[share], *query)
            ]

        with ThreadPoolExecutor(len(connections)) as pool:
            return [f for found in pool.map(run_share, range(len(connections))) for f in found]


def _run(
    connection: psycopg.Connection[Any],
    checks: Sequence[Check],
    query: str,
    rules: Sequence[str],
) -> Iterable[Failure]:
    text: Any = query
    asked = connection.execute(sql.SQL("select * from ({}) asked limit 0").format(sql.SQL(text)))
    columns = {column.name for column in asked.description or ()}
    company = next((_COMPANY[name] for name in _COMPANY if name in columns), "null::text")
    counts = [f"count(*) filter (where {rule})" for rule in rules] or ["count(*)"]
    # All of it is SQL that dbt compiled from this project.
    rows = connection.execute(
        sql.SQL("select {} as company, {} from ({}) found group by 1").format(
            sql.SQL(company),
            sql.SQL(", ".join(counts)),
            sql.SQL(text),
        )
    ).fetchall()
    return [
        Failure(check.name, company_id, failed, check.is_warning)
        for company_id, *numbers in rows
        for check, failed in zip(checks, numbers, strict=True)
        if failed
    ]
