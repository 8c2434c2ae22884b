"""Whole nights over hand-made raw rows in a second or two: the passes, run on what dbt compiled."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg

from flows.night.open import Night
from flows.steps import build
from flows.steps.transform import NodeResult
from tests.dbt.compiled import CompiledModels
from warehouse.building.workplace import working_connection
from warehouse.ops import start_run, store_watchlist
from warehouse.publishing.declared import OPEN_END
from warehouse.publishing.publications import Publication, current_run, move_readers
from warehouse.publishing.publish import publish
from warehouse.watchlist import Watchlist


class KilledError(RuntimeError):
    """The night ends here, as if its process were gone."""


@dataclass
class QuickDbt:
    """Builds models with the SQL that dbt compiled, in dbt's order; `as_of` is the night's day.

    A kill is raised before that many models have run.
    """

    models: CompiledModels
    as_of: date
    models_to_live: int | None = None

    # What it builds with cannot be handed to another process.
    parsed = None

    @property
    def manifest(self) -> dict[str, Any]:
        return self.models.manifest

    def seed(self) -> None:
        """The seeds are loaded once for all tests."""

    def compile_tests(self) -> dict[str, str]:
        return self.models.data_tests

    def run(self, models: Sequence[str]) -> list[NodeResult]:
        wanted = set(models)
        results = []
        failed: set[str] = set()
        with working_connection(self.models.warehouse, self.as_of) as connection:
            for model in self.models.in_order(models):
                if model.name not in wanted:
                    continue
                if self.models_to_live is not None:
                    self.models_to_live -= 1
                    if self.models_to_live < 0:
                        raise KilledError
                if failed & set(model.parents):
                    failed.add(model.name)
                    continue
                error = None
                try:
                    self.models.make(connection, [model])
                except psycopg.Error as raised:
                    error = str(raised)
                    failed.add(model.name)
                results.append(NodeResult(model.name, 0, 0, error))
        return results


@dataclass
class QuickWarehouse:
    """A warehouse whose nights find what a test loaded; `folder` stands for its home."""

    models: CompiledModels
    folder: Path
    watchlist: Watchlist
    as_of: date
    last: Any = field(default=None)

    def begin(self) -> Any:
        """An open night that has loaded what there is."""
        warehouse = self.models.warehouse
        store_watchlist(warehouse, self.watchlist)
        self.last = SimpleNamespace(
            owner=warehouse,
            as_of=self.as_of,
            run_id=start_run(warehouse, "sample", self.as_of),
            settings=SimpleNamespace(home=self.folder, batch_rows=1_000_000),
            writer=SimpleNamespace(hold=lambda _connection: None),
            built=None,
        )
        return self.last

    def build(self, everyone: bool = False, models_to_live: int | None = None) -> Night:
        """Build what changed and what compares companies; nothing is published."""
        night = self.begin()
        dbt = QuickDbt(self.models, self.as_of, models_to_live)
        build.build_models(night, _quiet, dbt=dbt, everyone=everyone)
        build.compare_companies(night, _quiet)
        found: Night = night
        return found

    def publish(self, night: Any) -> Publication:
        """Publish what the night built."""
        return publish(
            self.models.warehouse,
            night.run_id,
            night.as_of,
            night.built.project.marts,
            night.built.rules_hash,
            None,
            losses=night.built.result.coverage.losses(),
        )

    def night(self, everyone: bool = False) -> Publication:
        """A whole night."""
        return self.publish(self.build(everyone))

    def roll_back(self) -> None:
        """Let readers see what the current publication replaced."""
        move_readers(self.models.warehouse, None, lambda _connection: None)

    def current(self) -> int | None:
        """The run that readers see."""
        with psycopg.connect(self.models.warehouse.psycopg_dsn()) as connection:
            return current_run(connection)

    def digests(self) -> dict[tuple[str, str], str]:
        """What will be published, by company and mart."""
        with psycopg.connect(self.models.warehouse.psycopg_dsn()) as connection:
            rows = connection.execute(
                "select company_id, mart, digest from ops.company_digests where valid_to_run = %s",
                (OPEN_END,),
            )
            return {(company, mart): digest for company, mart, digest in rows}

    def forget(self) -> None:
        """Leave only what was loaded: the next night is the first."""
        with psycopg.connect(self.models.warehouse.psycopg_dsn()) as connection:
            connection.execute("drop schema if exists published cascade")
            connection.execute("drop schema if exists build cascade")
            connection.execute("create schema published")
            connection.execute(
                "truncate ops.publications, ops.current_publication, ops.company_digests,"
                " ops.changed_companies, ops.company_states, ops.company_clock, ops.domain_rules,"
                " ops.built_companies, ops.held_back"
            )


def _quiet(_count: int) -> None:
    """Nobody watches."""
