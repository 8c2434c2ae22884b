"""The ends of runs: good or bad, each leaves a summary, and its state says what went wrong."""

import logging
from asyncio import CancelledError
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Final, TypeVar, cast

from opentelemetry.trace import get_current_span
from prefect.artifacts import create_markdown_artifact
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Completed

from connectors.service import services
from flows.night.logs import run_logs
from flows.night.open import Night, open_night
from flows.night.plan import DataKind, today_of
from flows.night.telemetry import send_traces
from flows.steps.alerting import beat, look_after
from flows.steps.tell import grouped_problems
from warehouse.db import Warehouse
from warehouse.ops import RunSummary, summarise_run
from warehouse.settings import load_settings

Result = TypeVar("Result")

log = logging.getLogger(__name__)

# Of a run that did what it could, though a source was down or a company is held back.
WITH_WARNINGS: Final = "CompletedWithWarnings"
SUMMARY_KEY: Final = "night-summary"
# A night that hangs ends before the next one is due; so does what only looks, within its hour.
NIGHT_SECONDS: Final = 20 * 3600
LOOK_SECONDS: Final = 3600

send_traces()


def run_name() -> str:
    """The name of a run in Prefect: its flow, day and kind of data, `night 2026-11-25 live`."""
    asked = flow_run.parameters
    data: DataKind = "sample" if asked.get("data") == "sample" else "live"
    flow = {"nightly": "night"}.get(flow_run.flow_name, flow_run.flow_name)
    part = asked.get("part") or asked.get("source")
    words = [flow, part, str(asked.get("as_of") or today_of(data)), data]
    return " ".join(word for word in words if word)


def dated_name() -> str:
    """The name of a run that is of no logical date: its flow and the day, `report 2026-11-25`."""
    return f"{flow_run.flow_name} {today_of('live')}"


@contextmanager
def told_night(
    flow: str,
    data: DataKind,
    tickers: Sequence[str] | None = None,
    as_of: date | None = None,
    prices_from: date | None = None,
    replayed: frozenset[int] | None = None,
) -> Iterator[Night]:
    """Open a night as `open_night` does, and leave a summary where it ends badly."""
    night = None
    try:
        with (
            run_logs(load_settings(services().values())) as logs,
            open_night(
                data, tickers, as_of, prices_from, replayed, flow=flow, after=_look_after
            ) as night,
        ):
            logs.run_id = night.run_id
            # Of the flow's own span, which every task's belongs to.
            get_current_span().set_attribute("corpintel.run", night.run_id)
            try:
                yield night
            except (Exception, CancelledError) as error:
                # While its warehouse is still open; a run that takes too long is cancelled.
                _leave(failure_markdown(flow, night, error))
                raise
    except (Exception, CancelledError) as error:
        if night is None:
            _leave(failure_markdown(flow, None, error))
        raise
    if night.published:
        beat(night.settings)


def _look_after(warehouse: Warehouse, run_id: int) -> None:
    look_after(load_settings(services().values()), warehouse, run_id)


def ended(night: Night, result: Result) -> Result:
    """The last state of a run that did what it could, for its flow to return.

    Prefect takes the state as it is, and gives whoever called the flow the state's data: so the
    type is that of `result`.
    """
    state: State[Result]
    if night.warnings:
        told = f"Run {night.run_id}: {'; '.join(night.warnings)}"
        state = Completed(name=WITH_WARNINGS, message=told, data=result)
    else:
        state = Completed(message=f"Run {night.run_id}", data=result)
    return cast(Result, state)


def loaded(night: Night) -> int:
    """The last state of a run that loaded and left the marts as they were, with its summary."""
    summary = summarise_run(night.owner, night.run_id)
    _leave(loaded_markdown(summary, night.warnings))
    return ended(night, night.run_id)


def loaded_markdown(summary: RunSummary, warnings: Sequence[str]) -> str:
    """A run that published nothing, in a page of Markdown."""
    lines = [
        f"# Run {summary.run_id} loaded",
        "",
        f"{summary.staged:,} rows arrived, {summary.new:,} were new, {summary.rejected:,} "
        "rejected. Readers see them after the next night, or after `corpintel publish`.",
        *_warned(warnings),
        *_missing(summary),
    ]
    return "\n".join(lines)


def failure_markdown(flow: str, night: Night | None, error: BaseException) -> str:
    """A run that failed, in a page of Markdown: why, and what readers have."""
    which = f"Run {night.run_id}" if night is not None else f"A run of {flow}"
    was_begun = "failed" if night is not None else "was not begun"
    readers = (
        "Readers see what it published: it failed afterwards."
        if night is not None and night.published
        else "Nothing was published: readers stay on the last good night."
    )
    lines = [f"# {which} {was_begun}", "", _why(error), "", readers]
    if night is not None:
        lines += _warned(night.warnings)
        lines += _missing(summarise_run(night.owner, night.run_id))
    return "\n".join(lines)


def _why(error: BaseException) -> str:
    if isinstance(error, CancelledError):
        return f"It was cancelled, or ended after {NIGHT_SECONDS // 3600} hours of running."
    return str(error)


def _warned(warnings: Sequence[str]) -> list[str]:
    return ["", *(f"**{warning}**" for warning in warnings)] if warnings else []


def _missing(summary: RunSummary) -> list[str]:
    if not summary.problems:
        return []
    return [
        "",
        "## What is missing",
        "",
        *(f"- {line}" for line in grouped_problems(summary.problems)),
    ]


def _leave(markdown: str) -> None:
    """Leave the summary; where Prefect cannot take it, the run's own end is what counts."""
    try:
        create_markdown_artifact(key=SUMMARY_KEY, markdown=markdown, description="How a run ended")
    except Exception:
        log.warning("the summary could not be left with Prefect", exc_info=True)
