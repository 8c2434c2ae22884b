"""Digests of every published column, so that two trees can be compared column by column.

`python -m tests.dbt.columns HOME` prints them for the current publication of a home, as CSV:
mart, column, rows, digest. A digest is over the column's values beside the mart's key.
"""

import csv
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import psycopg
from psycopg import sql

from tests.dbt.project import parsed
from warehouse.db import open_warehouse
from warehouse.publishing.declared import marts_from_manifest
from warehouse.settings import Settings


class ColumnDigest(NamedTuple):
    """A published column: how many rows its mart has, and md5 over its values by key."""

    mart: str
    column: str
    rows: int
    digest: str


def column_digests(home: Path) -> Iterator[ColumnDigest]:
    """Digests of the columns that the content hash covers, in the order of marts and columns."""
    manifest = parsed().writable_manifest().to_dict(omit_none=False)
    marts = [mart for mart in marts_from_manifest(manifest) if not mart.is_internal]
    with (
        open_warehouse(Settings(home=home)) as warehouse,
        psycopg.connect(warehouse.psycopg_dsn(), options="-c timezone=UTC") as connection,
    ):
        for mart in marts:
            for column in sorted(set(mart.columns) - set(mart.not_hashed)):
                yield _digest(connection, mart.name, list(mart.key), column)


def _digest(
    connection: psycopg.Connection[tuple[object, ...]], mart: str, key: list[str], column: str
) -> ColumnDigest:
    row = connection.execute(
        sql.SQL(
            """
            select count(*), coalesce(md5(string_agg(line, '' order by line collate "C")), '')
            from (select md5(row({values})::text) as line from {mart}) as lines
            """
        ).format(
            values=sql.SQL(", ").join(map(sql.Identifier, [*key, column])),
            mart=sql.Identifier("marts", mart),
        )
    ).fetchone()
    assert row is not None
    return ColumnDigest(mart, column, int(str(row[0])), str(row[1]))


def main() -> None:
    """Print the digests of the home named on the command line."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(ColumnDigest._fields)
    writer.writerows(column_digests(Path(sys.argv[1])))


if __name__ == "__main__":
    main()
