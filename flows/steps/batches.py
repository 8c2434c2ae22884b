"""Building a batch: models, audits, and what is kept; in this process, or in lanes beside it."""

import logging
import multiprocessing
import os
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Protocol

from flows.night.apart import deaf_to_ctrl_c, stay_with
from flows.steps.models import Project, Work
from flows.steps.transform import Dbt, MartsFailedError, NodeResult
from warehouse.building.audits import Check, Failure
from warehouse.building.changes import ChangedCompany
from warehouse.building.held import Fault
from warehouse.building.lanes import Lane
from warehouse.building.workplace import ToKeep, Workplace, by_domain, open_workplace
from warehouse.db import reopened
from warehouse.publishing.gates import Coverage
from warehouse.writer import Writer

log = logging.getLogger(__name__)

# A batch is bounded in rows, by what its companies had in the marts that are built, so that its
# sorts stay in memory; of a company without rows many are assumed, and of each some.
ASSUMED_ROWS = 15_000
LEAST_ROWS = 1_000
# A batch's models are one long chain that keeps one core busy: where there is more than a batch to
# build, as many go side by side as there are cores, up to this many.
MOST_LANES = 4
_LANE_THREADS = 2


@dataclass(frozen=True)
class Batch:
    """Companies that are built together: the domains that changed, and what each is made from."""

    made_from: Mapping[str, str]
    domains: frozenset[str]
    rows: int


@dataclass
class DomainTime:
    """What a domain of models cost: how many ran, for how long, and the rows they made."""

    models: int = 0
    seconds: float = 0
    rows: int = 0


@dataclass
class Result:
    """What came of batches: who fails what, and for people, what it cost."""

    faults: dict[str, Fault] = field(default_factory=dict)
    overridden: list[str] = field(default_factory=list)
    coverage: Coverage = field(default_factory=Coverage)
    by_domain: dict[str, DomainTime] = field(default_factory=lambda: defaultdict(DomainTime))
    seconds_of: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    checks: int = 0

    def count(self, domain: str, models: int, seconds: float, rows: int) -> None:
        """Count models of a domain in."""
        time_taken = self.by_domain[domain]
        time_taken.models += models
        time_taken.seconds += seconds
        time_taken.rows += rows

    def add(self, other: "Result") -> None:
        """Count another result in."""
        self.faults.update(other.faults)
        self.overridden += other.overridden
        self.coverage.add(other.coverage)
        for domain, took in other.by_domain.items():
            self.count(domain, took.models, took.seconds, took.rows)
        for model, seconds in other.seconds_of.items():
            self.seconds_of[model] += seconds
        self.checks = max(self.checks, other.checks)


class RunsModels(Protocol):
    """What builds models: dbt, or a test's stand-in that runs what dbt compiled.

    `parsed` is the project as dbt in another process takes it; None where lanes cannot be had.
    """

    @property
    def parsed(self) -> Any: ...
    @property
    def manifest(self) -> dict[str, Any]: ...
    def seed(self) -> None: ...
    def compile_tests(self) -> dict[str, str]: ...
    def run(self, models: Sequence[str]) -> list[NodeResult]: ...


class ModelsFailedError(MartsFailedError):
    """Models that did not build for the batch in work."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        told = "; ".join(f"{name}: {error}" for name, error in list(errors.items())[:5])
        super().__init__(f"{len(errors)} models did not build: {told}")
        self.first = next(iter(errors.items()))


@dataclass
class Builder:
    """Builds batches in one lane; `is_forced` lets through whom the gates would hold back."""

    project: Project
    dbt: RunsModels
    place: Workplace
    is_forced: bool = False

    def build(self, batch: Batch) -> Result:
        """Build, audit and keep a batch. One that does not build is halved to find whose fault."""
        result = Result()
        self._build(list(batch.made_from), batch, self.project.of_domains(batch.domains), result)
        return result

    def _build(self, companies: list[str], batch: Batch, work: Work, result: Result) -> None:
        self.place.set_batch(companies)
        self.place.show(work.shown)
        try:
            self.run(work, result)
        except ModelsFailedError as error:
            if len(companies) == 1:
                model, message = error.first
                self._hold_back({companies[0]: Fault(model, 1, message)}, result)
                return
            middle = len(companies) // 2
            self._build(companies[:middle], batch, work, result)
            self._build(companies[middle:], batch, work, result)
            return
        faults = self._faults(work, result)
        if faults:
            self._hold_back(faults, result)
            companies = [company for company in companies if company not in faults]
            self.place.set_batch(companies)
        models = [self.project.models[name] for name in work.models]
        kept = ToKeep(
            [model.name for model in models if model.is_kept],
            batch.domains,
            by_domain((m.domain, m.moves) for m in models if m.domain in batch.domains),
        )
        self.place.keep(kept, {company: batch.made_from[company] for company in companies})

    def run(self, work: Work, result: Result) -> None:
        """Build the models of a pass; raises ModelsFailedError where some do not build."""
        done = self.dbt.run(work.models)
        for node in done:
            result.count(self.project.models[node.name].domain, 1, node.seconds, node.rows)
            result.seconds_of[node.name] += node.seconds
        errors = {node.name: node.error for node in done if node.error is not None}
        if errors:
            raise ModelsFailedError(errors)

    def audit(self, checks: Sequence[Check], result: Result) -> list[Failure]:
        """Run the checks of a pass and return what failed; warnings are told to the log."""
        result.checks = max(result.checks, len(checks))
        failures = self.place.audit(checks)
        for failure in failures:
            if failure.is_warning:
                log.info("%s", failure)
        return [failure for failure in failures if not failure.is_warning]

    def _faults(self, work: Work, result: Result) -> dict[str, Fault]:
        """Who of the batch fails a check or a gate; raises where a failure names nobody."""
        failures = self.audit(work.checks, result)
        nameless = [failure for failure in failures if failure.company_id is None]
        if nameless:
            told = "; ".join(map(str, nameless[:5]))
            raise MartsFailedError(f"{len(nameless)} checks that name no company failed: {told}")
        faults: dict[str, Fault] = {}
        for failure in sorted(failures, key=lambda failure: failure.check):
            assert failure.company_id is not None
            faults.setdefault(failure.company_id, Fault(failure.check, failure.rows, str(failure)))
        for gate in self.place.compare(result.coverage):
            if self.is_forced:
                result.overridden.append(str(gate))
            else:
                faults.setdefault(gate.company_id, Fault(gate.gate, 1, gate.found))
        return faults

    def _hold_back(self, faults: Mapping[str, Fault], result: Result) -> None:
        self.place.hold_back(faults)
        result.faults.update(faults)


def batches_of(
    companies: Sequence[ChangedCompany],
    domains: frozenset[str],
    made_from: Mapping[str, str],
    rows_of: Mapping[str, int],
    batch_rows: int,
) -> Iterator[Batch]:
    """Companies in their order, so many at a time as have `batch_rows` together.

    `rows_of` counts, by company, the rows that the marts of these domains had when last built.
    """
    batch: dict[str, str] = {}
    rows = 0
    for company in companies:
        known = max(rows_of.get(company.company_id, 0), LEAST_ROWS)
        weight = known if company.has_rows else ASSUMED_ROWS
        if batch and rows + weight > batch_rows:
            yield Batch(batch, domains, rows)
            batch, rows = {}, 0
        batch[company.company_id] = made_from[company.company_id]
        rows += weight
    if batch:
        yield Batch(batch, domains, rows)


@dataclass(frozen=True)
class Order:
    """All that a lane needs to know of the night, to work in a process of its own."""

    url: str = field(repr=False)
    project: Project
    manifest: Any
    run_id: int
    as_of: date
    target: Path
    logs: Path
    token: int
    owner: str
    is_forced: bool


def build_in_lanes(order: Order, batches: Sequence[Batch]) -> Iterator[tuple[Batch, Result]]:
    """Build the batches side by side and yield each with what came of it, as they end.

    Where the caller stops, batches that have not begun are left.
    """
    count = min(MOST_LANES, os.cpu_count() or 1, len(batches))
    context = multiprocessing.get_context("spawn")
    numbers = context.Value("i", 0)
    pool = ProcessPoolExecutor(count, context, _begin, (order, numbers, os.getpid()))
    try:
        with deaf_to_ctrl_c():
            building = {pool.submit(_build, batch): batch for batch in batches}
        for done in as_completed(building):
            yield building[done], done.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


# The builder of this process, where it is a lane.
_builder: Builder | None = None
_open: list[Any] = []


def _begin(order: Order, numbers: Any, parent: int) -> None:
    """Open this process's lane; it ends with the night, whatever ends that."""
    global _builder  # a pool's processes have nowhere else to keep it
    stay_with(parent)
    with numbers.get_lock():
        numbers.value += 1
        number = numbers.value
    own = {model.name for model in order.project.models.values() if model.is_of_batch}
    lane = Lane(number, frozenset(own))
    place = open_workplace(
        reopened(order.url),
        order.project.marts,
        order.run_id,
        order.as_of,
        Writer(order.token, order.owner).hold,
        lane,
    )
    _open.append(place)
    dbt = Dbt(order.url, order.as_of, order.target, order.logs, order.manifest, _LANE_THREADS)
    _builder = Builder(order.project, dbt.in_lane(lane), place.__enter__(), order.is_forced)


def _build(batch: Batch) -> Result:
    assert _builder is not None
    return _builder.build(batch)
