"""The European Central Bank in a night: its whole history of euro reference rates."""

from collections.abc import Iterator

from connectors.ecb import fetch, parse
from flows.sources.subject import Source, Subject
from flows.steps.night import Night


def _subjects(night: Night) -> Iterator[Subject]:
    yield Subject(
        "euro reference rates",
        lambda client: [fetch.fetch_rates(client, night.endpoints.ecb_url)],
        lambda response: parse.parse_rates(response.body),
    )


SOURCE = Source(
    "ecb",
    ("ecb_rates",),
    _subjects,
    lambda night: 1,
)
