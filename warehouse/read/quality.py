"""How right the answers are: the hand-checked cells, and the companies that were held back."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import psycopg

from warehouse.read.connection import fetch


@dataclass(frozen=True)
class VerdictCount:
    """How many hand-checked answers have a verdict."""

    verdict: str
    answers: int


def certificate(connection: psycopg.Connection[Any]) -> dict[str, int]:
    """How many hand-checked answers are exact, alternative, wrong and so on."""
    counts = fetch(
        connection,
        VerdictCount,
        "select verdict, count(*) as answers from marts.mart_accuracy_certificate"
        " group by verdict order by verdict",
    )
    return {count.verdict: count.answers for count in counts}


@dataclass(frozen=True)
class HeldBack:
    """A company that keeps the rows of an earlier publication, since new ones fail that test."""

    company_id: str
    test: str
    failures: int
    since_date: date


def held_back(connection: psycopg.Connection[Any]) -> list[HeldBack]:
    """Who is held back in the publication that readers see, by company."""
    return fetch(
        connection,
        HeldBack,
        "select subject as company_id, test, failed_count as failures, since_date"
        " from marts.mart_data_quality where check_name = 'held_back' order by subject",
    )
