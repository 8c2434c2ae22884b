"""One body of the bundle, and where a source would have it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson


@dataclass(frozen=True)
class Document:
    """One body of the bundle and where the sources would have it."""

    url: str
    body: bytes
    content_type: str
    fetched_at: datetime


def json_document(url: str, document: Mapping[str, Any] | list[Any], at: datetime) -> Document:
    """A document that a source sends as JSON."""
    return Document(url, orjson.dumps(document), "application/json", at)


def page(url: str, body: str, at: datetime) -> Document:
    """A page of HTML."""
    return Document(url, body.encode(), "text/html", at)
