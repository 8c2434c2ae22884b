"""A feed of one entry, in an old charset and with the wrong content type."""

from connectors.feeds.fetch import fetch_feed
from connectors.feeds.parse import parse_feed
from tests.sources.examples.example import Example

_FEED = b"""<?xml version="1.0" encoding="ISO-8859-1"?>
<rss version="2.0"><channel><title>Example news</title>
<item><guid>1</guid><title>Caf\xe9 lessons</title><link>https://example.com/1</link>
<pubDate>Thu, 09 Jul 2026 12:00:00 GMT</pubDate></item></channel></rss>"""

EXAMPLES = [
    Example(
        "feed",
        "feeds",
        _FEED,
        lambda client, url: fetch_feed(client, f"{url}/feed.xml"),
        lambda body: parse_feed(body, "https://example.com/feed.xml"),
        "text/html",
    ),
]
ADDRESSES = {
    r"feed\.xml": "feed",
}
HANDLE = 'press_rooms: ["{url}/ok/feeds/feed.xml"]'
