"""RSS and Atom feeds: company press rooms and trade press, of any age and charset."""

from datetime import datetime
from typing import NamedTuple

from connectors.service import SECOND, Limit, Service

# Their hosts stand in the watchlist.
SERVICE = Service("feeds", limits=(Limit(5, SECOND),))
SOURCE = SERVICE.name

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
