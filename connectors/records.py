"""What every parser returns: rows by raw table, and those that it had to leave out."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

UNMAPPED = "unmapped_fields"


@dataclass(frozen=True)
class BadRow:
    """One row of an upstream document that cannot become a record.

    `table` is the raw table it was meant for, `rule` a stable slug of the broken rule, `detail` the
    offending value in words, `row` the row's scalars as the source gave them, fit for JSON.
    """

    table: str
    rule: str
    detail: str
    row: dict[str, Any]


class UnmappedField(NamedTuple):
    """A field that a source added and no record has yet: kept as it came until one has.

    `table_name` is the raw table of its row, `record_key` names the row, `value` is JSON.
    """

    table_name: str
    record_key: str
    field: str
    value: str


@dataclass(frozen=True)
class Lines:
    """Rows as PostgreSQL's COPY reads them in its text format: a line of `text` for each.

    Tabs lie between the columns, which are the record's, \\N is a null, and nothing is escaped.
    """

    text: str
    count: int


@dataclass
class Parsed:
    """Rows by raw table name, and the rejects.

    A row is a NamedTuple in the table's column order, or, of answers with very many rows, a line of
    `lines`, which is made and handed on at a fraction of the cost. Fields that no record has are
    rows of `unmapped_fields`.
    """

    rows: dict[str, list[tuple[Any, ...]]] = field(default_factory=dict)
    rejects: list[BadRow] = field(default_factory=list)
    lines: dict[str, Lines] = field(default_factory=dict)

    def count(self, table: str) -> int:
        """How many rows there are of that raw table."""
        lines = self.lines.get(table)
        return len(self.rows.get(table, ())) + (lines.count if lines is not None else 0)
