"""The drift matrix: every field of every source, removed, renamed, retyped, nulled; and a new one.

The policy is declared in `connectors/shapes.py`: a required field that is missing or mistyped
rejects its row with a reason, an optional one may be missing and never mistyped, an ignored one may
be anything, and a new one is kept in raw.unmapped_fields and changes no record.
"""

import copy
import io
import zipfile
from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from connectors.ecb.parse import parse_rates
from connectors.errors import BadBodyError
from connectors.records import UNMAPPED, Parsed
from tests.sources.examples import BY_NAME, EXAMPLES, Example

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
        differing = [
            (a, b)
            for old, new in zip(before, after, strict=True)
            for a, b in zip(old, new, strict=True)
            if a != b
        ]
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


REFUSED, REJECTED, SAME = "refused", "rejected", "same"

# What is no JSON drifts by its text: what becomes of the document, or of the column of its record.
TEXTS: list[tuple[str, str, str, str | tuple[int, Any]]] = [
    ("sec daily index", "Form Type ", "Form Kind ", REFUSED),
    ("sec daily index", "Company Name", "Registrant  ", REFUSED),
    ("sec daily index", "-" * 141, "", REFUSED),
    ("sec daily index", "Example Inc.  ", "Beispiel AG   ", (3, "Beispiel AG")),
    ("sec daily index", "1           20260710", "x           20260710", REJECTED),
    ("sec daily index", "1           20260710", "1           2026-7-10", REJECTED),
    ("sec daily index", "1           20260710", "1           20261399", REJECTED),
    ("sec daily index", "0000000001-26-000001.txt", "filing.txt", REJECTED),
    ("sec daily index", "10-K        ", "            ", REJECTED),
    ("ecb recent rates", "Cube time=", "Cube day=", REFUSED),
    ("ecb recent rates", 'time="2026-07-10"', 'time="10 July"', REJECTED),
    ("ecb recent rates", 'currency="USD" ', "", REFUSED),
    ("ecb recent rates", 'currency="USD"', 'code="USD"', REFUSED),
    ("ecb recent rates", ' rate="1.1700"', "", REJECTED),
    ("ecb recent rates", 'rate="1.1700"', 'value="1.1700"', REJECTED),
    ("ecb recent rates", 'rate="1.1700"', 'rate="one"', REJECTED),
    ("feed", "<title>Caf\xe9 lessons</title>", "", REJECTED),
    ("feed", "<title>Caf\xe9 lessons</title>", "<name>Caf\xe9 lessons</name>", REJECTED),
    ("feed", "<guid>1</guid>", "", (1, "https://example.com/1")),
    ("feed", "<pubDate>Thu, 09 Jul 2026 12:00:00 GMT</pubDate>", "", (6, None)),
    # feedparser takes a date that it cannot read for none.
    ("feed", "Thu, 09 Jul 2026 12:00:00 GMT", "soon", (6, None)),
    ("feed", "<item>", "<item><brand_new>x</brand_new>", SAME),
    ("yahoo statements", '"endDate"', '"end"', REJECTED),
    ("yahoo statements", "1767139200", '"2025-12-31"', REJECTED),
    ("yahoo statements", "1234567", '"many"', REJECTED),
    ("yahoo statements", '"symbol"', '"ticker"', REFUSED),
    ("yahoo statements", '"financialCurrency"', '"currency"', REFUSED),
]


@pytest.mark.parametrize(("name", "old", "new", "expected"), TEXTS)
def test_a_changed_text_follows_the_policy(
    name: str, old: str, new: str, expected: str | tuple[int, Any]
) -> None:
    example = BY_NAME[name]
    text = example.body.decode("latin-1")
    assert old in text
    [(table, before)] = example.parse(example.body).rows.items()
    body = text.replace(old, new, 1).encode("latin-1")
    if expected == REFUSED:
        with pytest.raises(BadBodyError):
            example.parse(body)
        return
    parsed = example.parse(body)
    after = parsed.rows[table]
    if expected == REJECTED:
        assert len(after) < len(before)
        assert all(reject.detail for reject in parsed.rejects)
        assert parsed.rejects
    elif expected == SAME:
        assert (after, parsed.rejects) == (before, [])
    else:
        assert isinstance(expected, tuple)
        assert after[0][expected[0]] == expected[1]
        assert parsed.rejects == []


@pytest.mark.parametrize(
    ("name", "old", "new", "field"),
    [
        ("sec daily index", "0000000001-26-000001.txt", "0000000001-26-000001.txt  12 KB",
         "after_file_name"),
        ("ecb recent rates", 'currency="USD"', 'currency="USD" source="x"', "source"),
        ("yahoo statements", '"price":', '"brand_new":{},"price":', NEW),
    ],
)  # fmt: skip
def test_a_new_text_is_kept_and_changes_no_record(
    name: str, old: str, new: str, field: str
) -> None:
    example = BY_NAME[name]
    before = example.parse(example.body).rows
    after = example.parse(example.body.replace(old.encode(), new.encode(), 1)).rows
    assert [row[2] for row in after.pop(UNMAPPED)] == [field]
    assert after == before


@pytest.mark.parametrize(
    ("table", "rows", "rejects"),
    [
        ("Day,USD,\n2026-07-09,1.17,\n", None, 0),
        ("Date,US$,\n2026-07-09,1.17,\n", None, 0),
        ("Date,USD,\n9 July,1.17,\n", 0, 1),
        ("Date,USD,\n2026-07-09,one,\n", 0, 1),
        ("Date,USD,\n2026-07-09,N/A,\n", 0, 0),
        # A new column is a new currency, and its rates are rows.
        ("Date,USD,XYZ,\n2026-07-09,1.17,2.5,\n", 2, 0),
    ],
)
def test_a_changed_rate_table_follows_the_policy(
    table: str, rows: int | None, rejects: int
) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("eurofxref-hist.csv", table)
    if rows is None:
        with pytest.raises(BadBodyError):
            parse_rates(buffer.getvalue())
        return
    parsed = parse_rates(buffer.getvalue())
    assert (len(parsed.rows["ecb_rates"]), len(parsed.rejects)) == (rows, rejects)
