"""A subject: one thing asked of a source, how to fetch it and how to parse each answer."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from connectors.http import HttpClient, Response
from connectors.records import Parsed
from flows.night.open import Night


@dataclass(frozen=True)
class Subject:
    """`fetch` returns the captured answers; `parse` raises a SourceError for one it refuses."""

    name: str
    fetch: Callable[[HttpClient], Sequence[Response]]
    parse: Callable[[Response], Parsed]


@dataclass(frozen=True)
class Source:
    """A source's subjects of a night, in the order in which they are asked.

    `tables` are the raw tables a full answer fills; one left without rows is an outcome `empty`.
    `count` says how many subjects to expect at most, for the progress bar. `key` is the setting
    without which the source is skipped, `is_bundled` whether the sample has its answers, and
    `has_many_hosts` whether its subjects lie at hosts of their own, one of which stops no other.
    """

    name: str
    tables: tuple[str, ...]
    subjects: Callable[[Night], Iterator[Subject]]
    count: Callable[[Night], int]
    key: str | None = None
    is_bundled: bool = False
    has_many_hosts: bool = False

    def why_skipped(self, night: Night) -> str | None:
        """Why this night does not ask the source, and what would enable it; None where it does."""
        if night.data == "sample":
            return None if self.is_bundled else "the bundled sample holds no answers of it"
        if night.plan.replayed is not None:
            return None
        if self.key is not None and night.settings.key_of(self.key) is None:
            return f"it needs a key of yours: set CORPINTEL_{self.key.upper()} to enable it"
        return None
