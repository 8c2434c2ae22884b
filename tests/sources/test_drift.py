"""The drift matrix: every field of every source, removed, renamed, retyped, nulled; and a new one.

The policy is declared in `connectors/shapes.py`: a required field that is missing or mistyped
rejects its row with a reason, an optional one may be missing and never mistyped, an ignored one may
be anything, and a new one is kept in raw.unmapped_fields and changes no record.
"""

import copy
from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from connectors.errors import BadBodyError
from connectors.records import UNMAPPED, Parsed
from tests.sources.examples import EXAMPLES, Example

WRONG = [1]
NEW = "brand_new"
DRIFTING = [example for example in EXAMPLES if example.shape is not None]


def _changed(example: Example, field: str, change: str) -> bytes | None:
    """The document with one field changed; None where the example does not have it."""
    document = copy.deepcopy(orjson.loads(example.body))
    assert example.place is not None
    row = example.place(document, field)
    if field not in row:
        return None
    if change == "removed":
        del row[field]
    elif change == "renamed":
        row[NEW] = row.pop(field)
    else:
        value = WRONG if change == "retyped" else None
        row[field] = [value] if example.is_columns else value
    return orjson.dumps(document)


def _roles(example: Example) -> Iterator[tuple[str, str]]:
    """Each field with its role; of the ignored ones those that the example has."""
    assert example.shape is not None
    yield from ((field, "required") for field in example.shape.required)
    yield from ((field, "optional") for field in example.shape.optional)
    for field in sorted(example.shape.ignored):
        if _changed(example, field, "nulled") is not None:
            yield field, "ignored"


MATRIX = [
    pytest.param(example, field, role, change, id=f"{example.name}-{field}-{change}")
    for example in DRIFTING
    for field, role in _roles(example)
    for change in ("removed", "renamed", "retyped", "nulled")
]


def _records(parsed: Parsed, example: Example) -> list[tuple[Any, ...]]:
    assert example.shape is not None
    return parsed.rows[example.shape.table]


def test_every_known_field_of_the_policy_stands_in_an_example() -> None:
    missing = [
        f"{example.name}: {field}"
        for example in DRIFTING
        for field, role in _roles(example)
        if role != "ignored" and _changed(example, field, "nulled") is None
    ]
    assert missing == []


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_an_example_reads_without_rejects_or_new_fields(example: Example) -> None:
    parsed = example.parse(example.body)
    assert parsed.rejects == []
    assert UNMAPPED not in parsed.rows
    assert sum(len(rows) for rows in parsed.rows.values()) > 0


@pytest.mark.parametrize(("example", "field", "role", "change"), MATRIX)
def test_a_changed_field_follows_the_policy(
    example: Example, field: str, role: str, change: str
) -> None:
    body = _changed(example, field, change)
    assert body is not None
    before = _records(example.parse(example.body), example)
    is_refused = role == "required" or (role == "optional" and change == "retyped")
    try:
        parsed = example.parse(body)
    except BadBodyError:
        # Where a whole column or the document's own name is gone, there is no row to reject.
        parsed = None
    if parsed is None:
        assert is_refused
        return
    after = _records(parsed, example)
    if is_refused:
        assert len(after) < len(before)
        [reject] = parsed.rejects
        assert reject.detail
    elif role == "optional":
        [(old, new)] = zip(before[-1:], after[-1:], strict=True)
        differing = [(a, b) for a, b in zip(old, new, strict=True) if a != b]
        assert all(b is None for _, b in differing)
        assert differing
        assert parsed.rejects == []
    else:
        assert after == before
        assert parsed.rejects == []
    if change == "renamed" and not is_refused:
        assert [row[2] for row in parsed.rows.get(UNMAPPED, [])] == [NEW]


@pytest.mark.parametrize("example", DRIFTING, ids=lambda example: example.name)
def test_a_new_field_is_kept_and_changes_no_record(example: Example) -> None:
    document = orjson.loads(example.body)
    assert example.place is not None
    assert example.shape is not None
    known = next(iter(example.shape.optional or example.shape.required))
    value = {"deep": [1, "zwei", None]}
    example.place(document, known if example.is_columns else NEW)[NEW] = value
    parsed = example.parse(orjson.dumps(document))
    if example.name == "alpha_vantage income statement":
        # Every field of a report is a value of its own, so a new one must be a number.
        assert [reject.rule for reject in parsed.rejects] == ["value_not_numeric"]
        return
    assert _records(parsed, example) == _records(example.parse(example.body), example)
    [kept] = parsed.rows[UNMAPPED]
    assert (kept[0], kept[2]) == (example.shape.table, NEW)
    assert orjson.loads(kept[3]) == value
