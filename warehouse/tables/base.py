"""How a raw table is declared: its columns, its natural key, and what its rows must satisfy.

A raw table holds facts as the source says them. Its record columns are, in order, the fields of
the connector's record of the same name; `key` is the source's natural key. A changed value under
the same key is a new row; the newest `fetched_at` of a key is its current version.

What a column must satisfy beyond its type stands in its `info`, as plain data:

- `matches`: a POSIX regular expression;
- `in_set`: the values that it may have;
- `in_range`: the lowest and the highest value, None for no bound on that side;
- `is_positive`: True where later arithmetic divides by it;
- `not_after`: the column that it does not exceed.

Nulls pass all of them; a column that is never null is declared `nullable=False`. The gate's suite
is made of these declarations, and so is the stage table; migrations make the table from them.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    MetaData,
    Numeric,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

# EDGAR took its first electronic filing in 1993; a period may reach some years further back.
FIRST_PERIOD: Final = date(1980, 1, 1)
FIRST_FILING: Final = date(1993, 1, 1)
# Some facts state a date ahead of their filing (leases, maturities); none is a century away.
LAST_PERIOD: Final = date(2100, 1, 1)
ACCESSION: Final = "^[0-9]{10}-[0-9]{2}-[0-9]{6}$"
TICKER: Final = "^[A-Z0-9][A-Z0-9.^=-]*$"
CURRENCY: Final = "^[A-Z]{3}$"
# A vendor of prices may quote in a hundredth of a currency, such as GBp.
QUOTED_CURRENCY: Final = "^[A-Za-z]{3}$"
# A colon would be taken for a parameter, so it is written by its code.
WEB_ADDRESS: Final = r"^https?\x3a//[^ ]+$"
CIKS: Final = (1, 9_999_999_999)
SHA256: Final = "^[0-9a-f]{64}$"
NOT_NEGATIVE: Final = (0, None)


def instant(name: str, **options: Any) -> Column[Any]:
    """A column of moments with their time zone."""
    return Column(name, DateTime(timezone=True), **options)


# The day on which a row was fetched, as the marts count days.
FETCHED_DAY: Final = "(fetched_at at time zone 'America/New_York')::date"


class Change(NamedTuple):
    """What a new row of a table changes: a domain of the models, for whom `by` names.

    `by` is `cik`, `ticker`, `company_id`, `sha256` (of a document) or `currency`. `domain` and
    `day`, from which on the row is known, are SQL of the row; without a day it is known at once.
    """

    domain: str
    by: str
    day: str | None = None


def raw_table(
    name: str,
    key: Iterable[str],
    *columns: Column[Any],
    may_be_empty: bool = False,
    changes: Change | None = None,
    asked_by: Iterable[tuple[str, ...]] = (),
) -> Table:
    """Declare a raw table: record columns, then key and content hashes and lineage.

    A batch without rows is refused, unless the table `may_be_empty`. `changes` says whose figures
    a new row can change; without it the models that read the table are built every night, for all
    companies at once. `asked_by` are the columns by which its rows are looked up.
    """
    return Table(
        name,
        metadata,
        *columns,
        Column("key_sha", Uuid, nullable=False),
        Column("content_sha", Uuid, nullable=False),
        Column("capture_id", BigInteger, ForeignKey("raw.captures.capture_id"), nullable=False),
        instant("fetched_at", nullable=False),
        Column("load_id", BigInteger, ForeignKey("ops.loads.load_id"), nullable=False),
        UniqueConstraint("key_sha", "fetched_at"),
        *(Index(None, *names) for names in asked_by),
        schema="raw",
        info={
            "changes": changes,
            "compact": None,
            "amount": None,
            "key": tuple(key),
            "record": tuple(column.name for column in columns),
            "may_be_empty": may_be_empty,
        },
    )


class Dictionary(NamedTuple):
    """Values that many rows share, kept once: a table with an id, and the columns that it gives."""

    id_name: str
    table: Table
    columns: tuple[str, ...]


class Compact(NamedTuple):
    """How the rows of a table lie on disk: `values` has the ids of dictionaries in their place.

    `key` are the columns of `values` that name a row, an id first.
    """

    values: Table
    dictionaries: tuple[Dictionary, ...]
    key: tuple[str, ...]


# Tables that the database shows as views, so that no migration makes them.
shown = MetaData()


def compact_table(
    name: str,
    key: Iterable[str],
    *columns: Column[Any],
    values: str,
    dictionaries: Iterable[tuple[str, str, tuple[str, ...]]],
    changes: Change | None = None,
    amount: str | None = None,
) -> Table:
    """Declare a raw table of very many rows that repeat each other's texts.

    Its record columns, key and changes are those of any raw table; readers see raw.<name>, a view
    in the source's words. What is stored is table `values`, with ids of the `dictionaries`, each
    given as (id, table, columns). Where an answer has two rows under one key whose `amount` is the
    same but for rounding, the exact one is kept. Rows refer to captures and loads without a foreign
    key, whose check would cost more than the row.
    """
    key, declared = tuple(key), {column.name: column for column in columns}
    stored: list[Column[Any]] = []
    ids: list[str] = []
    made = []
    for id_name, table_name, names in dictionaries:
        table = Table(
            table_name,
            metadata,
            Column(id_name, Integer, Identity(), primary_key=True),
            *(_copy(declared[column]) for column in names),
            UniqueConstraint(*names, postgresql_nulls_not_distinct=True),
            schema="raw",
        )
        made.append(Dictionary(id_name, table, names))
        stored.append(Column(id_name, Integer, nullable=False))
        if set(names) <= set(key):
            ids.append(id_name)
    given = {column for dictionary in made for column in dictionary.columns}
    own = [column for column in columns if column.name not in given]
    key_on_disk = (*ids, *(column.name for column in own if column.name in key))
    stored_table = Table(
        values,
        metadata,
        *stored,
        *(_copy(column) for column in own),
        Column("capture_id", Integer, nullable=False),
        Column("load_id", Integer, nullable=False),
        UniqueConstraint(
            *key_on_disk,
            "capture_id",
            # The convention's name would be longer than the database takes.
            name=f"uq_{values}_key",
            postgresql_nulls_not_distinct=True,
        ),
        schema="raw",
    )
    return Table(
        name,
        shown,
        *columns,
        Column("capture_id", BigInteger, nullable=False),
        instant("fetched_at", nullable=False),
        Column("load_id", BigInteger, nullable=False),
        schema="raw",
        info={
            "changes": changes,
            "compact": Compact(stored_table, tuple(made), key_on_disk),
            "amount": amount,
            "key": key,
            "record": tuple(declared),
            "may_be_empty": False,
        },
    )


def _copy(column: Column[Any]) -> Column[Any]:
    return Column(column.name, column.type, nullable=column.nullable)


def record_columns(table: Table) -> list[Column[Any]]:
    """The columns a connector's record fills, in the record's field order."""
    return [table.columns[name] for name in table.info["record"]]


STATEMENT_KEY: Final = ("ticker", "period_type", "statement", "period_end", "field")


def statement_columns() -> list[Column[Any]]:
    """The columns of every vendor's statement figures."""
    return [
        Column("ticker", Text, nullable=False, info={"matches": TICKER}),
        Column("currency", Text, nullable=False, info={"matches": CURRENCY}),
        Column("period_type", Text, nullable=False, info={"in_set": ("annual", "quarter")}),
        Column(
            "statement", Text, nullable=False, info={"in_set": ("income", "balance", "cash_flow")}
        ),
        Column("period_end", Date, nullable=False, info={"in_range": (FIRST_PERIOD, LAST_PERIOD)}),
        Column("field", Text, nullable=False),
        Column("value", Numeric, nullable=False),
    ]
