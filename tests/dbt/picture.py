"""The picture of the models by domain in `docs/models.md`, which `make picture` writes.

Boxes are the folders of `dbt_project/models`, arrows say which reads which; below them each model
has the first sentence of its description. A test compares the page with the project.
"""

import json
import sys
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "models.md"
MANIFEST = ROOT / "dbt_project" / "target" / "manifest.json"

_HEAD = """# The models by domain

Made from dbt's manifest by `make picture`; a test fails where the page is not what the project is.
A box is a folder of `dbt_project/models/intermediate` and `models/marts`; an arrow leads from a
domain to one that reads it, left out where a longer way leads there too. No domain reads one that
reads it. Staging has a folder for each source and reads raw tables alone.

"""


_COUNTED = {"staging": "views", "intermediate": "intermediate", "build": "marts"}


def _domain(node: dict[str, Any]) -> str:
    layer, folder = Path(node["original_file_path"]).parts[1:3]
    return "staging" if layer == "staging" else folder


def _first_sentence(node: dict[str, Any]) -> str:
    return " ".join(node["description"].split()).split(". ")[0].rstrip(".") + "."


def page(manifest: dict[str, Any]) -> str:
    """The whole page, as Markdown with one Mermaid chart."""
    models = {
        name: node for name, node in manifest["nodes"].items() if node["resource_type"] == "model"
    }
    members: dict[str, list[dict[str, Any]]] = defaultdict(list)
    arrows: set[tuple[str, str]] = set()
    for node in models.values():
        members[_domain(node)].append(node)
        for parent in node["depends_on"]["nodes"]:
            if parent in models and _domain(models[parent]) != _domain(node):
                arrows.add((_domain(models[parent]), _domain(node)))
    order = _in_order(set(members), arrows)
    chart = ["```mermaid", "flowchart LR"]
    for domain in order:
        schemas = Counter(node["schema"] for node in members[domain])
        told = ", ".join(f"{schemas[s]} {word}" for s, word in _COUNTED.items() if schemas[s])
        chart.append(f'    {domain}["{domain}<br/>{told}"]')
    chart += [
        f"    {one} --> {other}"
        for one in order
        for other in order
        if (one, other) in arrows and not _has_detour(one, other, arrows)
    ]
    chart.append("```")
    tables = []
    for domain in order:
        if domain == "staging":
            continue
        tables.append(f"\n## {domain}\n\n| model | what it is |\n| --- | --- |")
        for node in sorted(
            members[domain], key=lambda node: (node["schema"] == "build", node["name"])
        ):
            tables.append(f"| `{node['name']}` | {_first_sentence(node)} |")
    return _HEAD + "\n".join(chart + tables) + "\n"


def _in_order(domains: set[str], arrows: set[tuple[str, str]]) -> list[str]:
    """The domains, each after all that it reads; a ValueError names a circle."""
    order: list[str] = []
    while domains - set(order):
        ready = sorted(
            domain
            for domain in domains - set(order)
            if all(one in order for one, other in arrows if other == domain)
        )
        if not ready:
            raise ValueError(f"domains read each other in a circle: {sorted(domains - set(order))}")
        order += ready
    return order


def _has_detour(one: str, other: str, arrows: set[tuple[str, str]]) -> bool:
    """Whether a way over a third domain leads from one to the other."""
    reached = {end for start, end in arrows if start == one} - {other}
    while more := {end for start, end in arrows if start in reached} - reached:
        reached |= more
    return other in reached


def main() -> None:
    """Write the page from the manifest of the last `dbt parse`."""
    PAGE.write_text(page(json.loads(MANIFEST.read_bytes())), encoding="utf-8")
    print(f"wrote {PAGE.relative_to(ROOT)}", file=sys.stderr)


if __name__ == "__main__":
    main()
