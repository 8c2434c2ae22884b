"""Answers read in processes beside the night's."""

import os
import signal
from typing import Any, cast

from connectors.http import Response
from connectors.records import BadRow, Parsed
from flows.night.apart import Readers
from flows.sources.subject import ReadApart

LONG = 1_500_000
NIGHT = os.getpid()


def read(body: bytes) -> Parsed:
    """Says who read it; a body of x kills whoever reads it beside the night."""
    if body.startswith(b"x") and os.getpid() != int(body.split()[1]):
        os.kill(os.getpid(), signal.SIGKILL)
    return Parsed(
        rejects=[BadRow("table", "rule", str(os.getpid()), {"letter": body[:1].decode()})]
    )


def answer(number: int, letter: bytes) -> Response:
    body = letter + b" %d " % os.getpid()
    return Response(body.ljust(LONG), cast(Any, None), number)


def test_what_a_killed_reader_was_to_read_is_read_by_the_night() -> None:
    readers = Readers()
    apart = ReadApart(readers, read)
    answers = [answer(number, letter) for number, letter in enumerate((b"a", b"x", b"b"))]
    try:
        apart.begin(answers)
        told = [apart.parsed(one).rejects[0] for one in answers]
        assert [row.row["letter"] for row in told] == ["a", "x", "b"]
        # Those that follow are read apart again.
        later = answer(3, b"c")
        apart.begin([later])
        assert apart.parsed(later).rejects[0].detail != str(NIGHT)
    finally:
        readers.close()
