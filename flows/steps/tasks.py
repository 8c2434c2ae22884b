"""The steps as Prefect tasks: what operators see, and which of them may be retried."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.states import Failed

from connectors.sec.bulk import BulkArchive
from flows.night.open import Night
from flows.night.space import require_space
from flows.sources import SOURCES
from flows.sources.sec_bulk import bulk_source
from flows.steps import build, gate, progress, publication
from flows.steps import tell as telling
from flows.steps.collect import collect
from flows.steps.progress import Advance
from flows.steps.tell import NightReport
from flows.steps.transform import MartsFailedError
from warehouse.load import Load, abandon
from warehouse.ops import has_facts, note_build, why_source_was_down
from warehouse.publishing.publications import Publication


@task(name="collect", task_run_name="collect {source}", cache_policy=NO_CACHE)
def collect_source(night: Night, source: str, advance: Advance) -> Any:
    """Fetch, parse and stage one source; the Load comes with a failure too.

    The task fails where the source answered nothing. What it was asked for is told in outcomes,
    so its package is loaded with the others all the same.
    """
    load = collect(night, SOURCES[source], advance)
    why = why_source_was_down(night.warehouse, night.run_id, source)
    return load if why is None else Failed(message=why, data=load)


@task(name="read archive", task_run_name="read archive", cache_policy=NO_CACHE)
def collect_archive(night: Night, path: Path, everyone: bool) -> Load:
    """Parse and stage the watchlist's companies, or all, from one of SEC's bulk archives."""
    with BulkArchive(path) as archive:
        source = bulk_source(archive, everyone)
        gate.prepare()
        with (
            night.timer.step("collect"),
            progress.step("read archive", source.count(night), "companies") as advance,
        ):
            return collect(night, source, advance)


def collect_sources(night: Night, sources: Sequence[str]) -> list[Load]:
    """Ask the sources side by side."""
    require_space(night.settings)
    gate.prepare()
    total = sum(SOURCES[source].count(night) for source in sources)
    with night.timer.step("collect"), progress.step("collect", total, "subjects") as advance:
        futures = [collect_source.submit(night, source, advance) for source in sources]
        # All of them end before any error is told: a thread must not outlive its night.
        for future in futures:
            future.wait()
    ended = [(future.state, future.state.result(raise_on_failure=False)) for future in futures]
    loads = [load for _, load in ended if isinstance(load, Load)]
    if len(loads) < len(ended):
        for load in loads:
            abandon(load)
        # A fault of ours, and not a source's.
        next(state for state, load in ended if not isinstance(load, Load)).result()
    # A source that was down failed its task and has a package all the same.
    night.down += [str(state.message) for state, _ in ended if state.is_failed()]
    return loads


def require_facts(night: Night) -> None:
    """Stop a night that has nothing to build on; MartsFailedError says which source was down."""
    if has_facts(night.warehouse):
        return
    why = "; ".join(night.down) or "no source was asked yet: run corpintel nightly"
    raise MartsFailedError(f"no fact of any filing was ever loaded, so nothing can be built: {why}")


@task(name="validate and load", task_run_name="validate and load", cache_policy=NO_CACHE)
def load_packages(night: Night, loads: list[Load]) -> None:
    """Judge the staged batches and merge what passes into raw."""
    with night.timer.step("validate and load"), progress.step("validate and load"):
        gate.load_all(night, loads)


def load_sources(night: Night, sources: Sequence[str]) -> int:
    """Collect, judge and load these sources; the marts stay. Returns the run."""
    load_packages(night, collect_sources(night, sources))
    return night.run_id


@task(name="build marts", task_run_name="build marts", cache_policy=NO_CACHE)
def build_models(night: Night, everyone: bool = False, forced_reason: str | None = None) -> int:
    """Build, audit and keep the companies that changed."""
    require_space(night.settings)
    with night.timer.step("build marts"), progress.step("build marts", unit="companies") as advance:
        built = build.build_models(night, advance, everyone=everyone, forced_reason=forced_reason)
    _note_build(night)
    night.held = [
        f"{company} is held back by {fault.test}"
        for company, fault in sorted(night.built.result.faults.items())
    ]
    return built


def _note_build(night: Night) -> None:
    built = night.built
    note_build(
        night.owner,
        night.run_id,
        len(built.changes.companies),
        len(built.result.faults),
        [
            (model, built.project.models[model].domain, seconds)
            for model, seconds in built.result.seconds_of.items()
        ],
    )


@task(name="compare companies", task_run_name="compare companies", cache_policy=NO_CACHE)
def check_marts(night: Night) -> int:
    """Build and audit what compares companies, over the kept rows of all."""
    with (
        night.timer.step("compare companies"),
        progress.step("compare companies", unit="checks") as advance,
    ):
        checked = build.compare_companies(night, advance)
    _note_build(night)
    return checked


# No retry: a lost connection may have taken the single-writer lock with it.
@task(name="publish marts", task_run_name="publish marts", cache_policy=NO_CACHE)
def publish_marts(night: Night, forced_reason: str | None = None) -> Publication:
    """Publish whole or not at all; `forced_reason` overrides the gates."""
    require_space(night.settings)
    with night.timer.step("publish"), progress.step("publish"):
        return publication.publish_marts(night, forced_reason)


@task(
    name="tell",
    task_run_name="tell",
    cache_policy=NO_CACHE,
    retries=2,
    retry_delay_seconds=5,
    retry_jitter_factor=1,
)
def tell(night: Night, published: Publication) -> NightReport:
    """Write the run's summary, its artifacts and its pages."""
    with night.timer.step("tell"), progress.step("tell"):
        return telling.tell(night, published)
