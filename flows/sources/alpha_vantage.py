"""Alpha Vantage in a night: five documents per company, as far as 25 answers a day go."""

from collections.abc import Iterator
from datetime import timedelta

from connectors.alpha_vantage import SERVICE, fetch, parse
from flows.night.open import Night
from flows.sources.planned import planned
from flows.sources.subject import Source, Subject

MAX_AGE = timedelta(days=30)


def _subjects(night: Night) -> Iterator[Subject]:
    # All companies of the most telling function first, where nothing else decides.
    asked = [
        (_function(night, function, target.ticker), (target.cik,) if target.cik else (), 1)
        for function in fetch.FUNCTIONS
        for target in night.targets
        if target.ticker is not None
    ]
    yield from planned(night, "alpha_vantage", asked, MAX_AGE)


def _function(night: Night, function: str, ticker: str) -> Subject:
    base_url, key = night.url("alpha_vantage_url"), night.key(SERVICE.key)
    return Subject(
        f"{ticker} {function.lower()}",
        lambda client: [fetch.fetch_function(client, base_url, key, function, ticker)],
        lambda response: parse.parse_function(function, response.body, ticker),
    )


SOURCE = Source(
    "alpha_vantage",
    "market",
    (),
    _subjects,
    lambda night: len(fetch.FUNCTIONS) * len(night.targets),
    service=SERVICE,
    is_bundled=True,
)
