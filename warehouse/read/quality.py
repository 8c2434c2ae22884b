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


@dataclass(frozen=True)
class Readings:
    """How many figures read in documents filings tag too, and how many of them otherwise."""

    checked: int
    contradicted: int


@dataclass(frozen=True)
class Certificate:
    """The hand-checked answers by verdict (exact, wrong and so on), and the documents' figures."""

    verdicts: dict[str, int]
    readings: Readings


def certificate(connection: psycopg.Connection[Any]) -> Certificate:
    """How right the publication that readers see is."""
    counts = fetch(
        connection,
        VerdictCount,
        "select verdict, count(*) as answers from marts.mart_accuracy_certificate"
        " group by verdict order by verdict",
    )
    [readings] = fetch(
        connection,
        Readings,
        "select coalesce(sum(checked_count), 0)::bigint as checked,"
        " coalesce(sum(failed_count), 0)::bigint as contradicted"
        " from marts.mart_data_quality where check_name = 'reading_contradicted'",
    )
    return Certificate({count.verdict: count.answers for count in counts}, readings)


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
