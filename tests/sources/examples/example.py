"""One small document of a kind that a source sends, made up in the form of the recorded ones."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson

from connectors.http import HttpClient, Response
from connectors.records import Parsed
from connectors.shapes import Shape

KEY = "canary-key-4711"
DAY = date(2026, 7, 10)
Fetch = Callable[[HttpClient, str], Response | list[Response]]
# The object, or table of columns, in which a field of the example's row stands.
Place = Callable[[Any, str], dict[str, Any]]


@dataclass(frozen=True)
class Example:
    """`fetch` asks for the document at a base URL; `shape` and `place` say how its row is read."""

    name: str
    source: str
    body: bytes
    fetch: Fetch
    parse: Callable[[bytes], Parsed]
    content_type: str = "application/json"
    shape: Shape | None = None
    place: Place | None = None
    is_columns: bool = False


def json_example(
    name: str,
    source: str,
    document: Any,
    fetch: Fetch,
    parse: Callable[[bytes], Parsed],
    shape: Shape | None = None,
    place: Place | None = None,
    is_columns: bool = False,
) -> Example:
    """An example whose body is the document as JSON."""
    body = orjson.dumps(document)
    return Example(name, source, body, fetch, parse, "application/json", shape, place, is_columns)
