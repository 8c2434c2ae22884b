"""The facts of whole filings, as their own pages tag them, against what a night stored of them."""

import csv
import gzip
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

import psycopg
import pytest

from tests.nights import SampleNights
from tests.recorded import recorded
from warehouse.db import open_warehouse
from warehouse.settings import Settings

# Concept, unit, start, end.
Key = tuple[str, str, str, str]

_STORED = """
select accession, taxonomy || ':' || concept, unit, coalesce(start_date::text, ''),
    end_date::text, value
from raw.sec_facts
where cik = %s and form = %s
"""


@pytest.fixture(scope="module")
def inline() -> dict[tuple[str, int, str], list[dict[str, str]]]:
    """Facts without dimensions of each filing, by file, company and form."""
    path = recorded("truth", "inline_xbrl_facts.csv.gz")
    filings: dict[tuple[str, int, str], list[dict[str, str]]] = {}
    with gzip.open(path, "rt", newline="") as file:
        for row in csv.DictReader(file):
            filings.setdefault((row["file"], int(row["cik"]), row["form"]), []).append(row)
    return filings


@pytest.fixture(scope="module")
def connection(sample_nights: SampleNights) -> Iterator[psycopg.Connection]:
    with (
        open_warehouse(Settings(home=sample_nights.home.path)) as warehouse,
        psycopg.connect(warehouse.psycopg_dsn()) as owner,
    ):
        yield owner


def _key(row: dict[str, str]) -> Key:
    # A flow of a single day is stored as SEC gives it: as an instant.
    start = "" if row["start"] == row["end"] else row["start"]
    return row["concept"], row["unit"], start, row["end"]


def _stored(
    connection: psycopg.Connection, cik: int, form: str, keys: set[Key]
) -> dict[Key, Decimal]:
    """The facts of the filing that shares the most keys with the page."""
    filings: dict[str, dict[Key, Decimal]] = {}
    for accession, *key, value in connection.execute(_STORED, (cik, form)):
        filings.setdefault(accession, {})[tuple(key)] = value  # type: ignore[index]
    return max(filings.values(), key=lambda facts: len(facts.keys() & keys), default={})


def _agree(row: dict[str, str], stored: Decimal) -> bool:
    """Whether both say the same as far as the page's own rounding goes."""
    told = Decimal(row["value"])
    if row["decimals"] in ("", "INF"):
        return abs(told - stored) <= abs(stored) * Decimal("1e-9")
    return abs(told - stored) <= Decimal("0.5001") * Decimal(10) ** -int(row["decimals"])


def test_whole_filings_agree_with_what_is_stored(
    connection: psycopg.Connection,
    inline: dict[tuple[str, int, str], list[dict[str, str]]],
) -> None:
    counts: Counter[str] = Counter()
    wrong = []
    for (file, cik, form), rows in inline.items():
        keys = {_key(row) for row in rows}
        stored = _stored(connection, cik, form, keys)
        if not stored:
            counts["filings of companies that are not recorded"] += 1
            continue
        counts["filings"] += 1
        for row in rows:
            # Companies' own concepts and cover pages are no part of companyfacts.
            if not row["concept"].startswith("us-gaap:"):
                continue
            value = stored.get(_key(row))
            if value is None or not _agree(row, value):
                wrong.append((file, _key(row), row["value"], value))
            counts["facts"] += 1
    assert wrong == []
    assert counts["filings"] >= 6
    assert counts["facts"] > 3000
