"""An answer that cannot be all that its source has is set aside, and names the company."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest

from connectors.http import HttpClient, Response
from connectors.sec import FACTS, parse
from flows.night.open import open_night
from flows.sources.subject import Source, Subject
from flows.steps.collect import collect
from flows.steps.gate import load_all
from tests.db.packages import query
from tests.sources.test_collecting import live, server
from warehouse.db import Warehouse

__all__ = ["live", "server"]

ASKED = datetime(2026, 7, 10, tzinfo=UTC)


def answer_of(count: int) -> bytes:
    """Company facts: so many years of revenue."""
    facts = [
        {
            "start": f"{year}-01-01",
            "end": f"{year}-12-31",
            "val": year,
            "accn": "0000000001-26-000001",
            "fy": 2025,
            "fp": "FY",
            "form": "10-K",
            "filed": "2026-02-01",
        }
        for year in range(2000, 2000 + count)
    ]
    units = {"Revenues": {"units": {"USD": facts}}} if facts else {}
    return json.dumps({"cik": 1, "entityName": "Example", "facts": {"us-gaap": units}}).encode()


def ask(number: int, count: int, replayed: frozenset[int] | None = None) -> list[str]:
    """A night in which SEC answers with so many facts; what is told of it."""
    url = f"https://data.sec.gov/{number}"

    def fetch(client: HttpClient) -> list[Response]:
        return [client.keep("sec", url, answer_of(count), ASKED + timedelta(number))]

    subject = Subject(
        "EXM companyfacts",
        fetch,
        lambda response: parse.parse_companyfacts(response.body, 1),
        repeats=FACTS,
    )
    source = Source("sec", "filings", (), lambda _night: iter([subject]), lambda _night: 1)
    with open_night("live", as_of=date(2026, 7, 10), replayed=replayed) as night:
        load_all(night, [collect(night, source, lambda _count: None)])
        rows = query(
            night.warehouse,
            "select status, detail from ops.outcomes where run_id = %s and step = 'parse'",
            night.run_id,
        )
    return [detail if status == "failed" else status for status, detail in rows]


def test_an_answer_with_under_half_of_the_rows_is_set_aside_and_told(
    warehouse: Warehouse, live: pytest.MonkeyPatch
) -> None:
    assert ask(1, 10) == ["ok"]
    # One row of the answer is the registrant's name.
    [told] = ask(2, 5)
    assert told.startswith("5 rows of sec_facts where the answer before had 11: it is set aside")
    assert query(warehouse, "select count(*) from raw.sec_facts") == [(10,)]
    # What was set aside is not what the next one is compared with.
    assert ask(3, 6) == ["ok"]
    assert ask(4, 3) != ["ok"]


def test_facts_that_parse_to_nothing_are_no_answer(
    warehouse: Warehouse, live: pytest.MonkeyPatch
) -> None:
    [told] = ask(1, 0)
    assert told.startswith("0 rows of sec_facts where the answer before had 0")
    assert query(warehouse, "select rule from ops.rejected_records") == [("short_answer",)]
    assert query(warehouse, "select count(*) from raw.sec_companies") == [(0,)]


def test_an_operator_who_replays_it_takes_it(
    warehouse: Warehouse, live: pytest.MonkeyPatch
) -> None:
    assert ask(1, 10) == ["ok"]
    assert ask(2, 1) != ["ok"]
    [(capture,)] = query(warehouse, "select max(capture_id) from raw.captures")
    assert ask(2, 1, frozenset({capture})) == ["ok"]
    open_letters = "select count(*) from ops.rejected_records where resolved_load_id is null"
    assert query(warehouse, open_letters) == [(0,)]
