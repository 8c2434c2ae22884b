"""Addresses of the ECB's reference rates: the whole history, ninety days, or the newest day."""

from connectors.ecb import SOURCE
from connectors.http import HttpClient, Response


def rates_url(base_url: str) -> str:
    """Address of the whole history of reference rates."""
    return f"{base_url.rstrip('/')}/stats/eurofxref/eurofxref-hist.zip"


def fetch_rates(client: HttpClient, base_url: str) -> Response:
    """Fetch the whole history of reference rates."""
    return client.get(SOURCE, rates_url(base_url))


def recent_url(base_url: str, days: int) -> str:
    """Address of the shortest document that reaches back so many days."""
    name = "eurofxref-daily.xml" if days <= 1 else "eurofxref-hist-90d.xml"
    return f"{base_url.rstrip('/')}/stats/eurofxref/{name}"


def fetch_recent_rates(client: HttpClient, base_url: str, days: int) -> Response:
    """Fetch the newest rates, `days` of the calendar back; at most 90."""
    return client.get(SOURCE, recent_url(base_url, days))
