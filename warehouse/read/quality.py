"""How right the answers are: the certificate of cells that were checked by hand."""

from dataclasses import dataclass
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
