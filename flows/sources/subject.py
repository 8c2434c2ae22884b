"""A subject: one thing asked of a source, how to fetch it and how to parse each answer."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectors.http import HttpClient, Response
from connectors.records import Parsed

if TYPE_CHECKING:
    from flows.steps.night import Night


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
    `count` says how many subjects to expect, for the progress bar.
    """

    name: str
    tables: tuple[str, ...]
    subjects: Callable[["Night"], Iterator[Subject]]
    count: Callable[["Night"], int]
