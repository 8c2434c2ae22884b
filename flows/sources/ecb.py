"""The European Central Bank in a night: all its euro reference rates once, then the new ones."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from connectors.ecb import fetch, parse
from flows.night.open import Night
from flows.sources.subject import Source, Subject
from warehouse.planner import last_answered

_SUBJECT = "euro reference rates"
# A day's rates are there some hours after noon; two nights lie up to a day and two hours apart.
_ONE_NIGHT = timedelta(hours=26)
_RECENT = timedelta(days=80)


def _subjects(night: Night) -> Iterator[Subject]:
    base_url = night.url("ecb_url")
    answered = last_answered(night.warehouse, "ecb").get(_SUBJECT)
    age = None if answered is None else datetime.now(UTC) - answered
    is_replay = night.plan.replayed is not None
    if night.data == "sample" or is_replay or age is None or age > _RECENT:
        yield Subject(
            _SUBJECT,
            lambda client: [fetch.fetch_rates(client, base_url)],
            lambda response: parse.parse_rates(response.body),
        )
        if not is_replay:
            return
    days = 1 if age is None or age <= _ONE_NIGHT else age.days + 1
    yield Subject(
        _SUBJECT,
        lambda client: [fetch.fetch_recent_rates(client, base_url, days)],
        lambda response: parse.parse_recent_rates(response.body),
    )


SOURCE = Source(
    "ecb",
    ("ecb_rates",),
    _subjects,
    lambda night: 1,
    is_bundled=True,
)
