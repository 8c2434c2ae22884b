"""dbt's models as a night sees them: their domains, what is built by company, what is kept.

Models by company are built for a batch of companies at a time. Those of schema build are kept in
the store, so a domain that did not change is read from there; the others exist for the batch in
work alone. What compares companies is built whole, after them, from kept rows.
"""

import dataclasses
import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from warehouse.building.audits import Check
from warehouse.building.changes import FIRST_DOMAIN
from warehouse.publishing.declared import Mart, marts_from_manifest

_COMMENT = re.compile(r"\{#.*?#\}|^\s*--[^\n]*", re.DOTALL | re.MULTILINE)
_BATCH_TABLES = "source.corporate_intel.ops.batch"


@dataclass(frozen=True)
class Model:
    """A model: its folder, whether it is built by company and kept, and the models it reads.

    `moves` is SQL that says of each company when an answer of the model next moves with the
    calendar alone.
    """

    name: str
    domain: str
    by_company: bool
    is_kept: bool
    is_staging_view: bool
    reads: frozenset[str]
    moves: tuple[str, ...]

    @property
    def is_of_batch(self) -> bool:
        """Whether a lane makes it for its batch alone; views of raw tables serve all lanes."""
        return self.by_company and not self.is_staging_view


@dataclass(frozen=True)
class Work:
    """What one pass builds, and which kept marts it reads without building them."""

    models: tuple[str, ...]
    shown: tuple[str, ...]
    checks: tuple[Check, ...]


class Project:
    """The models of a manifest, and what a change of one of their domains reaches."""

    def __init__(self, manifest: Mapping[str, Any], surroundings: str) -> None:
        """`surroundings` names what else the rows depend on, such as the server's version."""
        nodes = manifest["nodes"]
        self.marts: list[Mart] = marts_from_manifest(manifest)
        self.models = {
            node["name"]: _model(node, nodes)
            for node in nodes.values()
            if node["resource_type"] == "model"
        }
        self.checks = tuple(
            Check(
                name=node["name"],
                reads=frozenset(_models_read(node, nodes)),
                is_warning=node["config"]["severity"].lower() == "warn",
                query=node.get("compiled_code") or "",
            )
            for node in nodes.values()
            if node["resource_type"] == "test"
        )
        self.domains = {model.domain for model in self._by_company()} - {"staging"}
        self.rules = {
            domain: self._rules(domain, manifest, surroundings) for domain in sorted(self.domains)
        }

    def reference(self, manifest: Mapping[str, Any]) -> str:
        """A hash of what is made once for all batches: seeds, views of raw tables, checks.

        A generic test has no text of its own: what it is given and its settings are its text.
        """
        made = sorted(
            (
                key,
                node["checksum"]["checksum"],
                node["database"],
                json.dumps(
                    [node["config"], node.get("test_metadata")], sort_keys=True, default=str
                ),
            )
            for key, node in manifest["nodes"].items()
            if node["resource_type"] in {"seed", "test"}
            or (node["resource_type"] == "model" and node["fqn"][1] == "staging")
        )
        macros = sorted((key, macro["macro_sql"]) for key, macro in manifest["macros"].items())
        return hashlib.sha256(json.dumps([made, macros]).encode()).hexdigest()

    def compile(self, queries: Mapping[str, str]) -> None:
        """Give the checks their SQL, by their names."""
        self.checks = tuple(
            dataclasses.replace(check, query=queries[check.name]) for check in self.checks
        )

    def _by_company(self) -> list[Model]:
        return [model for model in self.models.values() if model.by_company]

    def below(self, domains: Iterable[str]) -> frozenset[str]:
        """These domains and all that read them."""
        found = set(domains)
        if FIRST_DOMAIN in found:
            return frozenset(self.domains)
        while True:
            more = {
                model.domain
                for model in self._by_company()
                if any(
                    self.models[name].by_company and self.models[name].domain in found
                    for name in model.reads
                )
            } - found
            if not more:
                return frozenset(found & self.domains)
            found |= more

    def before(self) -> Work:
        """What is built first, for all companies: who they are, and the views of raw tables."""
        names = [
            model.name
            for model in self.models.values()
            if model.is_staging_view or (not model.by_company and not model.is_kept)
        ]
        return Work(tuple(sorted(names)), (), ())

    def of_domains(self, domains: frozenset[str]) -> Work:
        """What is built of a batch whose companies changed in these domains."""
        names: set[str] = set()
        staged: set[str] = set()
        asked = [model.name for model in self._by_company() if model.domain in domains]
        shown: set[str] = set()
        while asked:
            model = self.models[asked.pop()]
            if model.is_staging_view:
                staged.add(model.name)
                continue
            if model.name in names:
                continue
            names.add(model.name)
            for name in model.reads:
                read = self.models[name]
                if not read.by_company:
                    continue
                if read.is_kept and read.domain not in domains:
                    shown.add(name)
                else:
                    asked.append(name)
        checks = []
        for check in self.checks:
            reads = {name for name in check.reads if self.models[name].by_company}
            if not reads & (names | staged) or self._compares(check):
                continue
            lacking = reads - names - staged
            if any(not self.models[name].is_kept for name in lacking):
                continue
            checks.append(check)
            shown |= lacking
        return Work(tuple(sorted(names)), tuple(sorted(shown)), tuple(checks))

    def after(self) -> Work:
        """What is built last, over the kept rows of all companies."""
        names = {m.name for m in self.models.values() if not m.by_company and m.is_kept}
        checks = [
            check
            for check in self.checks
            if self._compares(check)
            or not any(self.models[name].by_company for name in check.reads)
        ]
        read = {name for model in names for name in self.models[model].reads}
        read |= {name for check in checks for name in check.reads}
        shown = {name for name in read if self.models[name].by_company}
        unkept = sorted(
            name
            for name in shown
            if not self.models[name].is_kept and not self.models[name].is_staging_view
        )
        assert not unkept, f"read over all companies and not kept: {unkept}"
        shown = {name for name in shown if self.models[name].is_kept}
        return Work(tuple(sorted(names)), tuple(sorted(shown)), tuple(checks))

    def _compares(self, check: Check) -> bool:
        return any(
            self.models[name].is_kept and not self.models[name].by_company for name in check.reads
        )

    def _rules(self, domain: str, manifest: Mapping[str, Any], surroundings: str) -> str:
        """What makes the rows of a domain: its models and the views and seeds they read, macros."""
        nodes = manifest["nodes"]
        own = {
            key
            for key, node in nodes.items()
            if node["resource_type"] == "model" and self.models[node["name"]].domain == domain
        }
        taken: set[str] = set()
        asked = list(own)
        while asked:
            key = asked.pop()
            if key in taken or key not in nodes:
                continue
            taken.add(key)
            for parent in nodes[key].get("depends_on", {}).get("nodes", ()):
                node = nodes.get(parent)
                if node is None:
                    continue
                is_whole = (
                    node["resource_type"] == "model" and not self.models[node["name"]].by_company
                )
                if (
                    node["resource_type"] == "seed"
                    or is_whole
                    or self.models[node["name"]].is_staging_view
                ):
                    asked.append(parent)
        texts = [surroundings]
        for key in sorted(taken):
            node = nodes[key]
            # A seed's checksum is that of its file.
            text = (
                node["checksum"]["checksum"]
                if node["resource_type"] == "seed"
                else _COMMENT.sub("", node["raw_code"])
            )
            texts.append(f"{key}\n{text}")
        for key, macro in sorted(manifest["macros"].items()):
            if macro["package_name"] == "corporate_intel" and not macro["name"].startswith("test_"):
                texts.append(f"{key}\n{_COMMENT.sub('', macro['macro_sql'])}")
        return hashlib.sha256("\n".join(texts).encode()).hexdigest()


def _models_read(node: Mapping[str, Any], nodes: Mapping[str, Any]) -> list[str]:
    return [
        nodes[key]["name"]
        for key in node["depends_on"]["nodes"]
        if key in nodes and nodes[key]["resource_type"] == "model"
    ]


def _model(node: Mapping[str, Any], nodes: Mapping[str, Any]) -> Model:
    meta = node["config"]["meta"]
    is_staging = node["fqn"][1] == "staging"
    by_company = (
        any(key.startswith(_BATCH_TABLES) for key in node["depends_on"]["nodes"])
        if is_staging
        else meta.get("unit", "company") == "company"
    )
    return Model(
        name=node["name"],
        domain=meta.get("domain", "staging" if is_staging else node["fqn"][2]),
        by_company=by_company,
        is_kept=node["schema"] == "build",
        is_staging_view=is_staging and node["config"]["materialized"] == "view",
        reads=frozenset(_models_read(node, nodes)),
        moves=tuple(meta.get("moves", ())),
    )
