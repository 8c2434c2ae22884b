"""What every parser returns: records by raw table, and the rows it had to leave out."""

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


@dataclass
class Parsed:
    """Records by raw table name, each a NamedTuple in the table's column order, and the rejects.

    Fields that no record has are rows of `unmapped_fields`.
    """

    rows: dict[str, list[tuple[Any, ...]]] = field(default_factory=dict)
    rejects: list[BadRow] = field(default_factory=list)
