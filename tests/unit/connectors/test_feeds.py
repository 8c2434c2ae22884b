"""Feeds of any age and charset, and what is no feed."""

from datetime import UTC, datetime

import pytest

from connectors.errors import BadBodyError
from connectors.feeds.parse import parse_feed

URL = "https://a.example/feed"
NOON = datetime(2026, 7, 9, 12, tzinfo=UTC)

RSS_091 = (
    '<?xml version="1.0" encoding="windows-1251"?><rss version="0.91"><channel><title>Новости'
    "</title><item><title>Школа</title><link>https://a.example/1</link></item></channel></rss>"
).encode("windows-1251")
RSS_10 = b"""<?xml version="1.0" encoding="UTF-8"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
 xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="https://a.example/">
<title>News</title></channel><item rdf:about="https://a.example/1"><title>School</title>
<link>https://a.example/1</link><dc:date>2026-07-09T14:00:00+02:00</dc:date></item></rdf:RDF>"""
RSS_20 = b"""<rss version="2.0"><channel><title>News</title><item>
<title>One &lt;b&gt;bold&lt;/b&gt; &amp; free</title><guid isPermaLink="false">7</guid>
<link>https://a.example/1</link><pubDate>Thu, 09 Jul 2026 08:00:00 EDT</pubDate>
</item></channel></rss>"""
ATOM = (
    '<?xml version="1.0" encoding="utf-16"?><feed xmlns="http://www.w3.org/2005/Atom">'
    "<title>News</title><entry><id>urn:1</id><title>Schule für alle</title>"
    '<link href="https://a.example/1"/><updated>2026-07-09T12:00:00Z</updated></entry></feed>'
).encode("utf-16")
TORN = RSS_20[: RSS_20.index(b"</item>")]


@pytest.mark.parametrize(
    ("body", "entry_id", "title", "published", "updated"),
    [
        (RSS_091, "https://a.example/1", "Школа", None, None),
        (RSS_10, "https://a.example/1", "School", None, NOON),
        (RSS_20, "7", "One bold & free", NOON, None),
        (ATOM, "urn:1", "Schule für alle", None, NOON),
        (TORN, "7", "One bold & free", NOON, None),
    ],
    ids=["0.91 in windows-1251", "1.0", "2.0", "Atom in UTF-16", "torn"],
)
def test_a_feed_is_read(
    body: bytes, entry_id: str, title: str, published: datetime | None, updated: datetime | None
) -> None:
    [row] = parse_feed(body, URL).rows["feed_entries"]
    assert (row[0], row[1], row[3], row[6]) == (URL, entry_id, title, published)
    assert row[7] == updated


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html><body>Please accept cookies</body></html>",
        b'{"articles": []}',
        b'<!DOCTYPE r [<!ENTITY a "aaaa">]><rss version="2.0"><channel/></rss>',
        b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss version="2.0"/>',
    ],
)
def test_what_is_no_feed_is_refused(body: bytes) -> None:
    with pytest.raises(BadBodyError):
        parse_feed(body, URL)


def test_an_entry_without_a_headline_or_an_address_is_a_reject() -> None:
    body = (
        b'<rss version="2.0"><channel><title>N</title><item><link>https://a.example/1</link></item>'
        b"<item><title>Nowhere</title></item></channel></rss>"
    )
    parsed = parse_feed(body, URL)
    assert parsed.rows["feed_entries"] == []
    assert [reject.rule for reject in parsed.rejects] == ["field_mistyped", "field_mistyped"]


def test_a_feed_whose_title_is_only_a_picture_is_read() -> None:
    body = RSS_20.replace(b"<title>News</title>", b'<title>&lt;img src="l.png"/&gt;</title>')
    [row] = parse_feed(body, URL).rows["feed_entries"]
    assert row[2] is None
