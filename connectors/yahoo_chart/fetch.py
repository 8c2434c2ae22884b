"""Address of Yahoo's `v8/finance/chart`."""

from datetime import UTC, date, datetime, timedelta
from urllib.parse import quote

from connectors.http import HttpClient, Response
from connectors.yahoo_answers import refuse_error, yahoo_symbol
from connectors.yahoo_chart import SOURCE


def chart_url(base_url: str, ticker: str) -> str:
    """Address of one ticker's chart, without the asked days."""
    return f"{base_url.rstrip('/')}/v8/finance/chart/{quote(yahoo_symbol(ticker), safe='')}"


def chart_params(start: date, end: date) -> dict[str, str]:
    """Parameters for daily bars and events from `start` to `end`, both included."""
    return {
        "period1": str(_midnight(start)),
        "period2": str(_midnight(end + timedelta(days=1))),
        "interval": "1d",
        "events": "div,split",
    }


def fetch_chart(client: HttpClient, base_url: str, ticker: str, start: date, end: date) -> Response:
    """Fetch daily bars, dividends and splits of a ticker, `end` included."""
    return client.get(
        SOURCE,
        chart_url(base_url, ticker),
        params=chart_params(start, end),
        judge=refuse_error,
    )


def _midnight(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
