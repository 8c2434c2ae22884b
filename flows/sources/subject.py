"""A subject: one thing asked of a source, how to fetch it and how to parse each answer."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Future
from dataclasses import dataclass
from typing import Literal

from connectors.http import HttpClient, Response
from connectors.records import Parsed
from connectors.service import Service
from flows.night.apart import Readers
from flows.night.open import Night

# Filings, market and alternative sources are asked first, side by side; what they say leads to
# documents, and these to their reading.
Part = Literal["filings", "market", "alternative", "documents", "readings"]


@dataclass(frozen=True)
class Subject:
    """`fetch` returns the captured answers; `parse` raises a SourceError for one it refuses.

    `edition` tells the answer from others before it is fetched, and is kept with its outcome.
    A subject that is `apart` is asked beside those after it, none of which depends on its answer;
    those that do are what it `leads_to` once it is staged.
    `repeats` is the raw table of which every answer brings all rows again: one with none of them,
    or with under half of those that came before, is not taken for the truth.
    """

    name: str
    fetch: Callable[[HttpClient], Sequence[Response]]
    parse: Callable[[Response], Parsed]
    repeats: str | None = None
    apart: bool = False
    edition: str | None = None
    leads_to: Callable[[], Iterable["Subject"]] = tuple


class ReadApart:
    """Reads answers in processes of their own, each from when it is there to when it is asked for.

    `read` is what a process can be told: a module's own function, with its arguments.
    """

    def __init__(self, readers: Readers, read: Callable[[bytes], Parsed]) -> None:
        self._readers = readers
        self._read = read
        self._begun: dict[int, Future[Parsed]] = {}

    def begin(self, responses: Sequence[Response]) -> Sequence[Response]:
        """Have these answers read, and pass them on."""
        for response in responses:
            self._begun[id(response)] = self._readers.begin(self._read, response.body)
        return responses

    def parsed(self, response: Response) -> Parsed:
        """What the answer says, read now where it was not begun; raises what its reading raised."""
        begun = self._begun.pop(id(response), None)
        try:
            return self._read(response.body) if begun is None else begun.result()
        except BrokenExecutor:
            # With a process that was killed go the answers of all: none is lost for that.
            return self._read(response.body)


@dataclass(frozen=True)
class Source:
    """A source's subjects of a night, in the order in which they are asked.

    `part` is the part of the night in which it is asked. `tables` are the raw tables a full answer
    fills; one left without rows is an outcome `empty`. `count` says how many subjects to expect at
    most, for the progress bar. `service` is whom it asks, None for one that asks nobody: without
    the service's key the source is skipped. `is_bundled` says whether the sample has its answers,
    and `has_many_hosts` whether its subjects lie at hosts of their own, one of which stops no
    other.
    """

    name: str
    part: Part
    tables: tuple[str, ...]
    subjects: Callable[[Night], Iterator[Subject]]
    count: Callable[[Night], int]
    service: Service | None = None
    is_bundled: bool = False
    has_many_hosts: bool = False

    @property
    def key(self) -> str | None:
        """The setting without which the source is skipped."""
        return self.service.key if self.service is not None else None

    def why_skipped(self, night: Night) -> str | None:
        """Why this night does not ask the source, and what would enable it; None where it does."""
        if night.data == "sample":
            return None if self.is_bundled else "the bundled sample holds no answers of it"
        if night.plan.replayed is not None:
            return None
        if self.key is not None and night.settings.key_of(self.key) is None:
            return f"it needs a key of yours: set CORPINTEL_{self.key.upper()} to enable it"
        return None
