"""RSS and Atom of any version to entries, by feedparser."""

import re
from calendar import timegm
from datetime import UTC, datetime
from time import struct_time
from typing import Any

import feedparser

from connectors.bodies import MistypedError, bad_row, required_text
from connectors.errors import BadBodyError
from connectors.feeds import ENTRIES, SOURCE, FeedEntry
from connectors.records import Parsed
from connectors.shapes import Shape

# Entities of its own have no place in a feed, and are how small bodies become huge ones.
_ENTITY = re.compile(rb"<!\s*ENTITY", re.IGNORECASE)
_TAG = re.compile(r"<[^>]*>")
_MAX_TEXT = 2_000


def _instant(value: Any) -> datetime:
    if not isinstance(value, struct_time):
        raise MistypedError(f"not a time: {value!r:.80}")
    try:
        return datetime.fromtimestamp(timegm(value), UTC)
    except (OverflowError, ValueError, OSError):
        raise MistypedError(f"time out of range: {value!r:.80}") from None


def _text(value: Any) -> str:
    text = required_text(" ".join(_TAG.sub(" ", required_text(value)).split()))
    return text[:_MAX_TEXT]


# The names are feedparser's, which are the same for every version of RSS and Atom.
ENTRY = Shape(
    ENTRIES,
    required={"title": _text},
    optional={
        "id": required_text,
        "link": required_text,
        "author": _text,
        "published_parsed": _instant,
        "updated_parsed": _instant,
    },
)


def parse_feed(body: bytes, feed_url: str) -> Parsed:
    """Rows of `feed_entries`; an entry that nothing identifies becomes a reject."""
    if _ENTITY.search(body):
        raise _wrong_shape("feed with entities of its own", feed_url)
    try:
        feed = feedparser.parse(body, sanitize_html=False, resolve_relative_uris=False)
    except Exception as error:
        # feedparser repairs nearly everything and documents no exception for the rest.
        raise _wrong_shape(f"unreadable feed ({type(error).__name__})", feed_url) from None
    if not feed.get("version"):
        raise _wrong_shape("not a feed", feed_url)
    title = _title(feed.feed.get("title"))
    parsed = Parsed({ENTRIES: []})
    seen: set[str] = set()
    for entry in feed.entries:
        # `get` would give the time of publication for a missing time of update.
        known = (*ENTRY.required, *ENTRY.optional)
        row = {name: entry[name] for name in known if name in entry}
        try:
            values = ENTRY.read(row)
            entry_id = required_text(values["id"] or values["link"])
        except ValueError as error:
            place = {"feed_url": feed_url} | row
            parsed.rejects.append(bad_row(ENTRIES, "field_mistyped", error, place))
            continue
        if entry_id in seen:
            place = {"feed_url": feed_url} | row
            parsed.rejects.append(bad_row(ENTRIES, "duplicate_entry", entry_id, place))
            continue
        seen.add(entry_id)
        parsed.rows[ENTRIES].append(
            FeedEntry(
                feed_url,
                entry_id,
                title,
                values["title"],
                values["link"],
                values["author"],
                values["published_parsed"],
                values["updated_parsed"],
            )
        )
    return parsed


def _title(value: object) -> str | None:
    """The feed's own title; one that is only markup is none."""
    try:
        return _text(value)
    except ValueError:
        return None


def _wrong_shape(what: str, feed_url: str) -> BadBodyError:
    return BadBodyError(SOURCE, what, feed_url, "open the address: it may have moved")
