"""Feeds in a night: press rooms of the companies asked about, and the trade press."""

from collections.abc import Iterator

from connectors.feeds import SERVICE, fetch, parse
from flows.night.open import Night
from flows.sources.subject import Source, Subject


def _urls(night: Night) -> list[str]:
    rooms = [url for target in night.targets for url in target.known_as("feeds")]
    # A night for some companies alone leaves the trade press to the whole ones.
    trade_press = () if night.plan.tickers else night.plan.watchlist.trade_press
    return list(dict.fromkeys([*rooms, *trade_press]))


def _subjects(night: Night) -> Iterator[Subject]:
    for url in _urls(night):
        yield _feed(url)


def _feed(url: str) -> Subject:
    return Subject(
        f"{url} feed",
        lambda client: [fetch.fetch_feed(client, url)],
        lambda response: parse.parse_feed(response.body, url),
    )


SOURCE = Source(
    "feeds",
    "alternative",
    (),
    _subjects,
    lambda night: len(_urls(night)),
    service=SERVICE,
    is_bundled=True,
    has_many_hosts=True,
)
