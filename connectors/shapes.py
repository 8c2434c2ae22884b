"""What each field of an upstream row is to us, said once: the policy for a source that drifts.

A required field that is missing or of another type rejects its row. An optional one may be missing
and then is None; of another type it rejects the row too, for a guess would look like data. An
ignored field may be anything. A field that is none of these is new: it is kept beside the records
and reported.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import orjson

from connectors.bodies import MistypedError, bad_row, exact_number
from connectors.records import UNMAPPED, Parsed, UnmappedField

Reader = Callable[[Any], Any]

_NUMBER = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,30})?([eE][+-]?[0-9]{1,2})?")
# As long as any value that one would add a column for.
_KEPT_CHARACTERS = 4_000


@dataclass(frozen=True)
class Shape:
    """The fields of one kind of upstream row of raw table `table`, by the source's own names."""

    table: str
    required: Mapping[str, Reader]
    optional: Mapping[str, Reader] = field(default_factory=dict)
    ignored: frozenset[str] = frozenset()

    def read(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Values of the known fields by name; MistypedError names the field that is wrong."""
        values = {}
        for name, reader in self.required.items():
            given = row.get(name)
            if given is None or given == "":
                raise MistypedError(f"{name} is missing")
            values[name] = _read(name, reader, given)
        for name, reader in self.optional.items():
            given = row.get(name)
            values[name] = None if given is None or given == "" else _read(name, reader, given)
        return values

    def accepted(
        self, parsed: Parsed, entries: Iterable[Any], place: Mapping[str, Any]
    ) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
        """Each row that can be read, with its values; the others become rejects of `parsed`.

        `place` says in a reject whose row it was.
        """
        for entry in entries:
            row = entry if isinstance(entry, dict) else {"entry": entry}
            try:
                values = self.read(row)
            except ValueError as error:
                bad = bad_row(self.table, "field_mistyped", error, {**place, **row})
                parsed.rejects.append(bad)
            else:
                yield row, values

    def new_fields(self, row: Mapping[str, Any]) -> list[str]:
        """Names of the row's fields that nobody knows."""
        return [
            name
            for name in row
            if name not in self.required and name not in self.optional and name not in self.ignored
        ]

    def keep_new_fields(self, parsed: Parsed, record_key: str, row: Mapping[str, Any]) -> None:
        """Add the fields that nobody knows to the parsed rows, under the row's own key."""
        for name in self.new_fields(row):
            parsed.rows.setdefault(UNMAPPED, []).append(
                UnmappedField(self.table, record_key, _text(name), _json(row[name]))
            )


def names(listed: str) -> frozenset[str]:
    """Field names that are listed in one text."""
    return frozenset(listed.split())


def _read(name: str, reader: Reader, given: Any) -> Any:
    try:
        return reader(given)
    except ValueError as error:
        raise MistypedError(f"{name}: {error}") from None


def _json(value: Any) -> str:
    # A Decimal comes from the exact parser; nothing else that JSON gives needs the default.
    text = orjson.dumps(value, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
    if len(text) > _KEPT_CHARACTERS:
        text = orjson.dumps(f"{text[:_KEPT_CHARACTERS]}… (cut)").decode()
    return text.replace("\\u0000", "\\ufffd")


def _text(name: str) -> str:
    return name[:200].replace("\x00", "\N{REPLACEMENT CHARACTER}")


def number(value: object) -> Decimal:
    """A JSON number with the source's own digits; ValueError for anything else."""
    found = exact_number(value)
    if found is None:
        raise MistypedError(f"not a number: {value!r:.80}")
    return found


def text_number(value: object) -> Decimal:
    """A number that the source writes as text; ValueError for anything else."""
    if not isinstance(value, str) or not _NUMBER.fullmatch(value.strip()) or not value.isascii():
        raise MistypedError(f"not a number in text: {value!r:.80}")
    return Decimal(value.strip())


def whole_number(value: object) -> int:
    """An integer from 0 that fits a bigint; ValueError for anything else."""
    if type(value) is not int or not 0 <= value < 2**63:
        raise MistypedError(f"not a whole number: {value!r:.80}")
    return value


def whole_text_number(value: object) -> int:
    """An integer from 0 that the source writes as text; ValueError for anything else."""
    found = text_number(value)
    if found != found.to_integral_value() or not 0 <= found < 2**63:
        raise MistypedError(f"not a whole number: {value!r:.80}")
    return int(found)


def flag(value: object) -> bool:
    """true or false; ValueError for anything else, 0 and 1 too."""
    if not isinstance(value, bool):
        raise MistypedError(f"not true or false: {value!r:.80}")
    return value
