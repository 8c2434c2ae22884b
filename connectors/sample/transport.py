"""An httpx transport that answers from the bundled captures instead of the network."""

from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import orjson
import zstandard

from connectors.request import request_key
from connectors.sample import SAMPLE_AS_OF, SAMPLE_FETCHED_AT

FOLDER = Path(__file__).parent
_NEW_YORK = ZoneInfo("America/New_York")
# These differ from night to night, or say who asks, and do not decide which document is meant.
_UNIMPORTANT_PARAMS = frozenset(
    {"period1", "period2", "crumb", "start_date", "end_date", "from", "to", "apikey"}
)


class SampleTransport(httpx.BaseTransport):
    """Answers a GET of a bundled document with its body and the time it was recorded.

    An address that has several answers gives the newest of those that were there on a day; one
    that was first recorded later gives its first. Any other address gets a 404; the crumb that
    quoteSummary asks for is the word "sample".
    """

    def __init__(self, as_of: date = SAMPLE_AS_OF, folder: Path = FOLDER) -> None:
        self._folder = folder
        self._entries: dict[str, dict[str, Any]] = {}
        for entry in orjson.loads((folder / "index.json").read_bytes()):
            # The oldest answer of an address comes first.
            fetched_at = datetime.fromisoformat(entry["fetched_at"]).astimezone(_NEW_YORK)
            if fetched_at.date() <= as_of:
                self._entries[_lookup_key(entry["url"])] = entry
            else:
                self._entries.setdefault(_lookup_key(entry["url"]), entry)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer one request from the bundle."""
        if request.method != "GET":
            return _answer(405, b"", "text/plain", SAMPLE_FETCHED_AT)
        if request.url.path.endswith("/v1/test/getcrumb"):
            return _answer(200, b"sample", "text/plain", SAMPLE_FETCHED_AT)
        entry = self._entries.get(_lookup_key(request.url))
        if entry is None:
            return _answer(404, b"", "text/plain", SAMPLE_FETCHED_AT)
        return _answer(
            entry["status"],
            self._body(entry),
            entry["content_type"],
            datetime.fromisoformat(entry["fetched_at"]),
        )

    def _body(self, entry: dict[str, Any]) -> bytes:
        packed = (self._folder / "captures" / f"{entry['sha256']}.zst").read_bytes()
        return zstandard.ZstdDecompressor().decompress(packed)


def _lookup_key(url: httpx.URL | str) -> str:
    address = httpx.URL(url)
    for name in _UNIMPORTANT_PARAMS & address.params.keys():
        address = address.copy_remove_param(name)
    return request_key(address)


def _answer(status: int, body: bytes, content_type: str, at: datetime) -> httpx.Response:
    return httpx.Response(
        status,
        headers={"content-type": content_type},
        content=body,
        extensions={"fetched_at": at},
    )
