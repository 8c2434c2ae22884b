"""One request of a source: what is asked, how its answers are named, and what judges them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import httpx

from connectors.archive import Capture

Kind = Literal["data", "page"]


class Answer(NamedTuple):
    """What came over the wire, for a source's judge; an error's body may be cut short."""

    status: int
    headers: Mapping[str, str]
    body: bytes


# Raises a SourceError for an answer that its source means as an error, whatever its status says.
Judge = Callable[[Answer], None]


def public_url(url: httpx.URL | str) -> httpx.URL:
    """The address without user name, password and fragment, its parameters sorted."""
    bare = httpx.URL(url).copy_with(userinfo=b"", fragment=None)
    items = sorted(bare.params.multi_items())
    return bare.copy_with(params=items) if items else bare.copy_with(query=None)


def request_key(url: httpx.URL | str) -> str:
    """The name under which captures of this address are found again."""
    return f"GET {public_url(url)}"


def origin(url: httpx.URL) -> tuple[str, str, int | None]:
    """Whom an address asks; secrets go to the asked one alone."""
    return url.scheme, url.host, url.port


@dataclass
class Request:
    """What one call of the client asks; `shown` is its address without secrets."""

    source: str
    address: httpx.URL
    secret_params: dict[str, str]
    headers: dict[str, str]
    secrets: tuple[str, ...]
    units: int
    judge: Judge | None
    kind: Kind
    known: tuple[int, Capture] | None
    shown: str = field(init=False)

    def __post_init__(self) -> None:
        self.shown = str(public_url(self.address))
