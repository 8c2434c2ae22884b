"""Breakers that every process of a warehouse sees."""

from tests.db.packages import query
from warehouse.breakers import SharedBreakers
from warehouse.db import Warehouse

HOST = "data.example"


def test_an_open_breaker_says_why_and_until_when(warehouse: Warehouse) -> None:
    SharedBreakers(warehouse).open("sec", HOST, "blocked by SEC", 600)
    reason = SharedBreakers(warehouse).reason(HOST)
    assert reason is not None
    assert reason.startswith("blocked by SEC, left alone until 2")
    assert reason.endswith(" UTC")
    assert SharedBreakers(warehouse).reason("www.example") is None


def test_a_breaker_lets_pass_when_its_time_is_over_and_stays_told_until_an_answer(
    warehouse: Warehouse,
) -> None:
    breakers = SharedBreakers(warehouse)
    breakers.open("newsapi", HOST, "refused with status 401", 0)
    assert breakers.reason(HOST) is None
    assert [row[:3] for row in breakers.standing()] == [
        (HOST, "newsapi", "refused with status 401")
    ]
    breakers.close(HOST)
    assert breakers.standing() == []


def test_a_later_end_stays_and_an_answer_under_way_does_not_close(warehouse: Warehouse) -> None:
    breakers = SharedBreakers(warehouse)
    breakers.open("sec", HOST, "blocked by SEC", 600)
    breakers.open("sec", HOST, "host failed 3 times in a row", 60)
    breakers.close(HOST)
    [(left,)] = query(
        warehouse,
        "select extract(epoch from open_until - clock_timestamp())::float from ops.breakers",
    )
    assert left > 500
    reason = breakers.reason(HOST)
    assert reason is not None
    assert reason.startswith("host failed 3 times in a row")
