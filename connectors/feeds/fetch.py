"""A feed is fetched from the address that the watchlist gives."""

from connectors.feeds import SOURCE
from connectors.http import HttpClient, Response


def fetch_feed(client: HttpClient, url: str) -> Response:
    """Fetch one feed; many are served as HTML or plain text, so its type decides nothing."""
    return client.get(SOURCE, url, kind="page")
