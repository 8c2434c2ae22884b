"""The rows that a feed holds."""

from datetime import datetime
from typing import NamedTuple

ENTRIES = "feed_entries"


class FeedEntry(NamedTuple):
    """One entry; `entry_id` is the feed's own id or, without one, the link.

    Times are in UTC as the feed states them; None where it does not.
    """

    feed_url: str
    entry_id: str
    feed_title: str | None
    title: str
    link: str | None
    author: str | None
    published_at: datetime | None
    updated_at: datetime | None
