"""The marts as dbt declares them, read from its manifest."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Mart:
    """A mart as dbt declares it: columns map to descriptions; `key` is unique and not null.

    One that keeps its history can be asked as of any publication, the others of the kept ones.
    """

    name: str
    description: str
    key: tuple[str, ...]
    columns: Mapping[str, str]
    may_be_empty: bool = False
    keeps_history: bool = False
    not_hashed: tuple[str, ...] = ()
    searched: str | None = None


def marts_from_manifest(manifest: Mapping[str, Any]) -> list[Mart]:
    """Read the published marts from a dbt manifest: every model of schema build.

    A model's `config.meta` names its `key`, and may say `may_be_empty`, `keeps_history`,
    `not_hashed` and `searched`, a column of text to be found by its words.
    """
    marts = []
    for node in manifest["nodes"].values():
        if node["resource_type"] != "model" or node["schema"] != "build":
            continue
        meta = node["config"]["meta"]
        marts.append(
            Mart(
                name=node["name"],
                description=node["description"].strip(),
                key=tuple(meta["key"]),
                columns={
                    name: column["description"].strip() for name, column in node["columns"].items()
                },
                may_be_empty=bool(meta.get("may_be_empty", False)),
                keeps_history=bool(meta.get("keeps_history", False)),
                not_hashed=tuple(meta.get("not_hashed", ())),
                searched=meta.get("searched"),
            )
        )
    return sorted(marts, key=lambda mart: mart.name)
