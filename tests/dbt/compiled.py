"""The models as plain SQL, so that a test can build them many times in a second or two each.

dbt compiles the project and loads its seeds once; what is run after that is the SQL that dbt would
run, in dbt's own order, on a small warehouse.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg
from psycopg import sql

from flows.steps.gate import SUITES
from flows.steps.models import Project
from tests.dbt.project import run_dbt
from warehouse.building.workplace import Workplace, working_connection
from warehouse.db import Warehouse
from warehouse.load import merge, open_load, stage_rows
from warehouse.ops import CaptureTable, start_run

AS_OF = "2026-07-10"
Records = dict[str, list[tuple[Any, ...]]]


def ordered(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows in an order that depends on nothing but what is in them."""
    return sorted(rows, key=lambda row: [str(value) for value in row.values()])


@dataclass(frozen=True)
class Model:
    """A compiled model: its relation, its SQL and the models that it reads."""

    name: str
    schema: str
    is_view: bool
    query: str
    parents: tuple[str, ...]
    is_of_everyone: bool


@dataclass
class CompiledModels:
    """All models of the project on one warehouse, whose raw tables a test fills as it likes."""

    warehouse: Warehouse
    as_of: date
    manifest: dict[str, Any]
    project: Project
    models: dict[str, Model]
    # The SQL of each data test, whose rows are failures.
    data_tests: dict[str, str] = field(default_factory=dict)
    fetched: datetime = field(default=datetime(2026, 1, 1, tzinfo=UTC))

    @classmethod
    def compile(cls, warehouse: Warehouse, target: Path, as_of: str) -> "CompiledModels":
        """Load the seeds; compile the models and singular data tests as of a day."""
        run_dbt(warehouse, target, as_of, "seed")
        run_dbt(
            warehouse,
            target,
            as_of,
            "compile",
            "--select",
            "resource_type:model",
            "resource_type:test",
        )
        manifest = json.loads((target / "manifest.json").read_bytes())
        for node in manifest["nodes"].values():
            if node["resource_type"] == "test":
                assert node["compiled_code"], node["name"]
        project = Project(manifest, "tests")
        nodes = {
            key: node for key, node in manifest["nodes"].items() if node["resource_type"] == "model"
        }
        models = {
            node["name"]: Model(
                name=node["name"],
                schema=node["schema"],
                is_view=node["config"]["materialized"] == "view",
                query=node["compiled_code"],
                parents=tuple(
                    nodes[key]["name"] for key in node["depends_on"]["nodes"] if key in nodes
                ),
                is_of_everyone=node["name"] in project.before().models,
            )
            for node in nodes.values()
        }
        data_tests = {
            node["name"]: node["compiled_code"]
            for node in manifest["nodes"].values()
            if node["resource_type"] == "test" and node.get("compiled_code")
        }
        day = date.fromisoformat(as_of)
        return cls(warehouse, day, manifest, project, models, data_tests)

    def empty(self) -> None:
        """Forget all that was loaded."""
        with psycopg.connect(self.warehouse.psycopg_dsn()) as connection:
            names = connection.execute(
                "select schemaname, tablename from pg_tables where schemaname = 'raw'"
            ).fetchall()
            connection.execute(
                sql.SQL("truncate {}, ops.arrivals cascade").format(
                    sql.SQL(", ").join(sql.Identifier(*name) for name in names)
                )
            )

    def load(self, records: Records) -> None:
        """Merge records as one package, fetched a minute after the one before."""
        self.fetched += timedelta(minutes=1)
        run_id = start_run(self.warehouse, "sample", self.fetched.date())
        load = open_load(self.warehouse, run_id, "test")
        for table, rows in records.items():
            stage_rows(load, table, rows, self._capture(), self.fetched)
        merge(load, SUITES)

    def _capture(self) -> int:
        stamp = self.fetched.isoformat()
        return CaptureTable(self.warehouse, SimpleNamespace).record(
            SimpleNamespace(
                source="test",
                request_key=stamp,
                url="https://example.com",
                fetched_at=self.fetched,
                status=200,
                etag=None,
                last_modified=None,
                content_type="application/json",
                sha256=stamp,
                size=1,
            )
        )

    def build(self, *targets: str) -> None:
        """Build the named models, all without a name, and all they read, for every company."""
        models = self.in_order(["int_tickers__listed", *(targets or tuple(self.models))])
        # Who there is comes first: the others are built for a batch.
        models.sort(key=lambda model: not model.is_of_everyone)
        with working_connection(self.warehouse, self.as_of) as connection:
            self.make(connection, [model for model in models if model.is_of_everyone])
            listed = connection.execute(
                "select company_id from intermediate.int_companies__listed"
            ).fetchall()
            Workplace([connection], {}, 0, self.as_of, _anybody).set_batch(
                [row[0] for row in listed]
            )
            self.make(connection, [model for model in models if not model.is_of_everyone])

    def make(self, connection: psycopg.Connection[Any], models: Iterable[Model]) -> None:
        """Make these models anew, in their order, as dbt makes them."""
        with connection.transaction():
            for model in models:
                relation = sql.Identifier(model.schema, model.name)
                connection.execute(
                    sql.SQL("create schema if not exists {}").format(sql.Identifier(model.schema))
                )
                kind = sql.SQL("view" if model.is_view else "unlogged table")
                _drop(connection, model.schema, model.name)
                connection.execute(
                    sql.SQL("create {} {} as {}").format(
                        kind,
                        relation,
                        sql.SQL(model.query),  # type: ignore[arg-type]  # dbt's own
                    )
                )
                if not model.is_view:
                    connection.execute(sql.SQL("analyze {}").format(relation))

    def in_order(self, targets: Iterable[str]) -> list[Model]:
        """These models and all they read, each after what it reads."""
        ordered: dict[str, Model] = {}

        def visit(name: str) -> None:
            if name not in ordered:
                for parent in self.models[name].parents:
                    visit(parent)
                ordered[name] = self.models[name]

        for target in targets:
            visit(target)
        return list(ordered.values())

    def rows(self, name: str, *without: str) -> list[dict[str, Any]]:
        """All rows of a model, sorted, some columns left out."""
        model = self.models[name]
        with psycopg.connect(self.warehouse.psycopg_dsn()) as connection:
            cursor = connection.execute(
                sql.SQL("select * from {}").format(sql.Identifier(model.schema, name))
            )
            names = [column.name for column in cursor.description or ()]
            records = [dict(zip(names, row, strict=True)) for row in cursor]
        return ordered({n: v for n, v in record.items() if n not in without} for record in records)

    def content(self, names: Sequence[str]) -> str:
        """The rows of the models as one text, to compare or to hash."""
        return "\n".join(f"{name}: {row}" for name in names for row in self.rows(name))


def _anybody(_connection: psycopg.Connection[Any]) -> None:
    """Nobody else writes here."""


def _drop(connection: psycopg.Connection[Any], schema: str, name: str) -> None:
    row = connection.execute(
        "select relkind from pg_class where oid = to_regclass(%s)", (f"{schema}.{name}",)
    ).fetchone()
    if row is not None:
        connection.execute(
            sql.SQL("drop {} {} cascade").format(
                sql.SQL("view" if row[0] == "v" else "table"), sql.Identifier(schema, name)
            )
        )
