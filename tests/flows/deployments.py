"""The deployments as operators meet them: queue, schedule, and the form of each flow's parameters.

`make deployments` writes them to deployments.json, which a reviewer reads.
"""

import importlib
import json
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
SNAPSHOT = Path(__file__).parent / "deployments.json"


def declared() -> list[dict[str, Any]]:
    """The deployments of prefect.yaml."""
    found: list[dict[str, Any]] = yaml.safe_load((ROOT / "prefect.yaml").read_text())["deployments"]
    return found


def flow_of(deployment: dict[str, Any]) -> Any:
    """The flow that a deployment runs."""
    file, _, name = deployment["entrypoint"].partition(":")
    return getattr(importlib.import_module(file.removesuffix(".py").replace("/", ".")), name)


def shown() -> list[dict[str, Any]]:
    """Each deployment with its form, as plain data."""
    return [
        {
            "name": f"{flow_of(one).name}/{one['name']}",
            "description": one["description"],
            "tags": one["tags"],
            "queue": one["work_pool"]["work_queue_name"],
            "concurrency": one["concurrency_limit"],
            "schedules": [
                f"{schedule['cron']} {schedule['timezone']}"
                for schedule in one.get("schedules", ())
            ],
            "parameters": one["parameters"],
            "form": form(flow_of(one)),
        }
        for one in declared()
    ]


def form(flow: Any) -> dict[str, dict[str, Any]]:
    """What Prefect's form shows of each parameter."""
    schema = flow.parameters.model_dump()
    return {
        name: {
            "title": found["title"],
            "description": " ".join(found.get("description", "").split()),
            "required": name in schema["required"],
            "default": found.get("default"),
            "choices": found.get("enum"),
        }
        for name, found in schema["properties"].items()
    }


if __name__ == "__main__":
    SNAPSHOT.write_text(json.dumps(shown(), indent=2) + "\n")
