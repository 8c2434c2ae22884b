"""Address of the ECB's `eurofxref-hist.zip`."""

from connectors.ecb import SOURCE
from connectors.http import HttpClient, Response


def rates_url(base_url: str) -> str:
    """Address of the whole history of reference rates."""
    return f"{base_url.rstrip('/')}/stats/eurofxref/eurofxref-hist.zip"


def fetch_rates(client: HttpClient, base_url: str) -> Response:
    """Fetch the whole history of reference rates."""
    return client.get(SOURCE, rates_url(base_url))
