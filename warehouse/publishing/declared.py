"""The marts as dbt declares them, read from its manifest."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

# Of a row that no publication has taken back yet: the run that will is none.
OPEN_END: Final = 2**63 - 1


@dataclass(frozen=True)
class Mart:
    """A mart as dbt declares it: columns map to descriptions; `key` is unique and not null.

    One that keeps its history can be asked as of any publication, the others of the kept ones. The
    rows of one `by_company` are compared and replaced company by company, those of the others
    whole. An internal one is kept for other models and shown to nobody. `asked_by` are the columns
    by which people ask for rows beside the key. `computed` maps a column to the SQL by which its
    view computes it from the row and the publication's `as_of`.
    """

    name: str
    description: str
    key: tuple[str, ...]
    columns: Mapping[str, str]
    may_be_empty: bool = False
    keeps_history: bool = False
    not_hashed: tuple[str, ...] = ()
    searched: str | None = None
    by_company: bool = False
    is_internal: bool = False
    asked_by: tuple[str, ...] = ()
    computed: Mapping[str, str] = field(default_factory=dict)


def marts_from_manifest(manifest: Mapping[str, Any]) -> list[Mart]:
    """Read the kept marts from a dbt manifest: every model of schema build.

    A model's `config.meta` names its `key`, and may say `may_be_empty`, `keeps_history`,
    `not_hashed`, `unit: whole`, `is_internal`, `asked_by`, `computed` and `searched`, a column of
    text to be found by its words.
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
                by_company=meta.get("unit", "company") == "company",
                is_internal=bool(meta.get("is_internal", False)),
                asked_by=tuple(meta.get("asked_by", ())),
                computed=dict(meta.get("computed", {})),
            )
        )
    return sorted(marts, key=lambda mart: mart.name)
