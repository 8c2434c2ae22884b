"""Asking within a quota: the planner orders a source's subjects, and the plan is told."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from flows.night.open import Night
from flows.sources.subject import Subject
from warehouse.ops import record_outcome
from warehouse.planner import Call, plan_calls
from warehouse.quotas import RequestLedger


def planned(
    night: Night,
    source: str,
    subjects: Sequence[tuple[Subject, tuple[int, ...], int]],
    max_age: timedelta,
) -> Iterator[Subject]:
    """The subjects that the source's quota pays for tonight, most wanted first.

    Each comes with the CIKs it is about and its cost in units.
    """
    if night.data == "sample" or night.plan.replayed is not None:
        # Replayed answers cost nobody's quota.
        yield from (subject for subject, _, _ in subjects)
        return
    by_name = {subject.name: subject for subject, _, _ in subjects}
    plan = plan_calls(
        night.warehouse,
        night.run_id,
        source,
        [Call(subject.name, ciks, units) for subject, ciks, units in subjects],
        RequestLedger(night.warehouse).left_today(source),
        night.as_of,
        # Older history was asked for by hand: what is fresh says nothing of it.
        timedelta(days=-10_000) if night.plan.prices_from else max_age,
    )
    left_out = [p.call.subject for p in plan if not p.is_planned and "quota" in p.reason]
    if left_out:
        record_outcome(
            night.warehouse,
            night.run_id,
            source,
            f"{len(left_out)} of {len(plan)} calls",
            "fetch",
            "skipped",
            "the quota is spent on what is more wanted: see corpintel plan",
        )
    for entry in plan:
        if entry.is_planned:
            yield by_name[entry.call.subject]
