"""Three passes over what changed: company models and their audits batch by batch, then the rest.

A batch is built, audited and kept in the store under this run, where readers do not see it. Who
fails an audit is held back: its rows stay those that readers have, and the night goes on. What
compares companies is built last, from the kept rows of everyone.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flows.night.open import Night
from flows.steps import progress
from flows.steps.batches import (
    Batch,
    Builder,
    Order,
    Result,
    RunsModels,
    batches_of,
    build_in_lanes,
)
from flows.steps.models import Project
from flows.steps.progress import Advance, expect
from flows.steps.transform import PROJECT, THREADS, Dbt, MartsFailedError, cached_tests
from warehouse.alerts import checked_figure_rules
from warehouse.building.changes import ChangedCompany, Changes, note_changes
from warehouse.building.held import most_held
from warehouse.building.workplace import Workplace, open_workplace
from warehouse.publishing.declared import Mart
from warehouse.publishing.gates import CERTIFICATE_GATE

# How fast a machine of two cores is, to say beforehand about how long a night takes.
ROWS_PER_SECOND = 40_000


@dataclass
class Built:
    """What was built tonight, for publishing and for people."""

    project: Project
    dbt: RunsModels
    rules_hash: str
    changes: Changes
    result: Result = field(default_factory=Result)


def build_models(
    night: Night,
    advance: Advance,
    *,
    dbt: RunsModels | None = None,
    everyone: bool = False,
    forced_reason: str | None = None,
) -> int:
    """Build, audit and keep every company that changed; return how many there were.

    `everyone` builds all of them; `forced_reason` lets companies through that the gates would hold
    back. Raises MartsFailedError where so many would be newly held back that the night is in doubt.
    """
    dbt = dbt or dbt_of(night)
    with _workplace(night, ()) as place:
        project = _prepare(night, dbt, place)
        place.marts = {mart.name: mart for mart in project.marts}
        place.refresh_statistics()
        changes = note_changes(place.main, night.run_id, night.as_of, project.rules, everyone)
        rules_hash = _sha(json.dumps(sorted(project.rules.items())))
        night.built = built = Built(project, dbt, rules_hash, changes)
        expect(len(changes.companies))
        held_before = place.held_in_publication()
        most = most_held(place.published_companies(), len(changes.companies))
        batches = list(_batches(night, built, place, advance))
        _tell_plan(changes, batches)
        for batch, result in _build(night, built, place, batches, forced_reason is not None):
            built.result.add(result)
            newly = built.result.faults.keys() - held_before
            if len(newly) > most:
                told = "; ".join(
                    f"{name} by {built.result.faults[name].test} "
                    f"({built.result.faults[name].detail})"
                    for name in sorted(newly)[:5]
                )
                raise MartsFailedError(
                    f"{len(newly)} companies would be newly held back, more than {most:g}, so the "
                    f"night itself is in doubt and nothing is published: {told}"
                )
            wrong = [f for f in result.faults.values() if f.test == CERTIFICATE_GATE]
            if wrong and changes.are_rules_new:
                raise MartsFailedError(
                    "rules changed, and a hand-checked cell is wrong by them, so nothing is "
                    f"published: {wrong[0].detail}"
                )
            advance(len(batch.made_from))
        place.release({c.company_id for c in changes.companies} - built.result.faults.keys())
    return len(changes.companies)


def compare_companies(night: Night, advance: Advance) -> int:
    """Build what compares companies, over the kept rows of all, and audit it.

    Returns how many checks a company or all of them went through. Raises MartsFailedError for a
    check that fails: it is of no one company.
    """
    built: Built = night.built
    work = built.project.after()
    with _workplace(night, built.project.marts) as place:
        place.set_batch([])
        place.refresh_statistics()
        place.show(work.shown, of_batch=False)
        builder = Builder(built.project, built.dbt, place)
        builder.run(work, built.result)
        failures = builder.audit(work.checks, built.result)
        advance(len(work.checks))
    if failures:
        told = "; ".join(map(str, failures[:5]))
        raise MartsFailedError(f"{len(failures)} checks over all companies failed: {told}")
    return built.result.checks


def dbt_of(night: Night, manifest: Any = None, threads: int = THREADS) -> Dbt:
    """dbt for that night; without a manifest it parses the project."""
    home = night.settings.home
    return Dbt(night.owner.url, night.as_of, home / "dbt", home / "logs", manifest, threads)


def _workplace(night: Night, marts: Sequence[Mart]) -> AbstractContextManager[Workplace]:
    return open_workplace(night.owner, marts, night.run_id, night.as_of, night.writer.hold)


def _batches(night: Night, built: Built, place: Workplace, advance: Advance) -> Iterator[Batch]:
    """All that changed, the same domains together; what is there already is left out."""
    profiles: dict[frozenset[str], list[ChangedCompany]] = defaultdict(list)
    for company in built.changes.companies:
        profiles[built.project.below(company.domains)].append(company)
    for domains in sorted(profiles, key=lambda found: (-len(found), sorted(found))):
        rules = _sha(json.dumps([built.rules_hash, sorted(domains)]))
        made_from = {
            company.company_id: f"{rules}:{night.as_of}:{company.since_run}"
            for company in profiles[domains]
        }
        done = place.already_built(made_from)
        advance(len(done))
        companies = [c for c in profiles[domains] if c.company_id not in done]
        place.take_back_leftovers([company.company_id for company in companies])
        marts = [
            name
            for name in built.project.of_domains(domains).models
            if built.project.models[name].is_kept
        ]
        rows_of = place.rows_of([company.company_id for company in companies], marts)
        yield from batches_of(companies, domains, made_from, rows_of, night.settings.batch_rows)


def _tell_plan(changes: Changes, batches: Sequence[Batch]) -> None:
    """How many companies are built, why, and about how long it takes."""
    if not batches:
        progress.say("build marts: no company changed")
        return
    why = ", ".join(f"{count:,} {reason}" for reason, count in changes.reasons.items())
    companies = sum(len(batch.made_from) for batch in batches)
    seconds = sum(batch.rows for batch in batches) / ROWS_PER_SECOND
    progress.say(
        f"build marts: {companies:,} {'company' if companies == 1 else 'companies'} to build "
        f"({why}), in {len(batches)} {'batch' if len(batches) == 1 else 'batches'}, "
        f"about {seconds:,.0f} s"
    )


def _build(
    night: Night, built: Built, place: Workplace, batches: Sequence[Batch], is_forced: bool
) -> Iterator[tuple[Batch, Result]]:
    """Build the batches, in lanes side by side where they are more than one batch's rows."""
    is_much = sum(batch.rows for batch in batches) > night.settings.batch_rows
    if is_much and built.dbt.parsed is not None:
        order = Order(
            night.owner.url,
            built.project,
            built.dbt.parsed,
            night.run_id,
            night.as_of,
            night.settings.home / "dbt",
            night.settings.home / "logs",
            night.writer.token,
            night.writer.owner,
            is_forced,
        )
        yield from build_in_lanes(order, batches)
        place.clear({model.name for model in built.project.models.values() if model.is_of_batch})
        return
    builder = Builder(built.project, built.dbt, place, is_forced)
    for batch in batches:
        yield batch, builder.build(batch)


def _prepare(night: Night, dbt: RunsModels, place: Workplace) -> Project:
    """Read the project, and make what is made for all companies: who they are, every night.

    Seeds, the views of raw tables and the compiled checks are made anew where they changed.
    """
    from dbt.version import get_installed_version

    manifest = dbt.manifest
    checked_figure_rules(PROJECT / "seeds" / "alert_rules.csv", manifest)
    server, reader_sha = place.surroundings()
    # Other versions of dbt or the server may compute other rows from the same text.
    version = get_installed_version().to_version_string(skip_matcher=True).rsplit(".", 1)[0]
    project = Project(manifest, f"dbt {version}, PostgreSQL {server}")
    # Whose readings of documents are in force is a rule of theirs.
    project.rules["documents"] = _sha(project.rules["documents"] + reader_sha)
    reference = project.reference(manifest)
    before = project.before()
    target: Path = night.settings.home / "dbt"
    target.mkdir(parents=True, exist_ok=True)
    models = before.models
    if place.is_prepared(reference):
        models = tuple(name for name in models if not project.models[name].is_staging_view)
    else:
        dbt.seed()
    errors = [node for node in dbt.run(models) if node.error is not None]
    if errors:
        raise MartsFailedError(
            f"{len(errors)} models did not build: {errors[0].name}: {errors[0].error}"
        )
    place.note_prepared(reference)
    project.compile(cached_tests(dbt.compile_tests, target / "tests.json", reference))
    return project


def _sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
