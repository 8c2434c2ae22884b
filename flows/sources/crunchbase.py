"""Crunchbase in a night: profile and funding rounds of each company that has a permalink."""

from collections.abc import Iterator

from connectors.crunchbase import SERVICE, fetch, parse
from flows.night.open import Night
from flows.sources.subject import Source, Subject


def _subjects(night: Night) -> Iterator[Subject]:
    for target in night.targets:
        for permalink in target.known_as("crunchbase"):
            yield from _organization(night, permalink)


def _organization(night: Night, permalink: str) -> Iterator[Subject]:
    base_url, key = night.url("crunchbase_url"), night.key(SERVICE.key)
    yield Subject(
        f"{permalink} organization",
        lambda client: [fetch.fetch_organization(client, base_url, key, permalink)],
        lambda response: parse.parse_organization(response.body, permalink),
    )
    yield Subject(
        f"{permalink} funding rounds",
        lambda client: fetch.fetch_rounds(client, base_url, key, permalink),
        lambda response: parse.parse_rounds(response.body, permalink),
    )


SOURCE = Source(
    "crunchbase",
    "alternative",
    (),
    _subjects,
    lambda night: 2 * sum(len(target.known_as("crunchbase")) for target in night.targets),
    service=SERVICE,
    is_bundled=True,
)
