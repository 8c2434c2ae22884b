"""Files for Prometheus and Grafana, made of the alert rules and the measures.

`make monitoring` writes them to docs/monitoring; a test says when they are out of date.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import yaml

from warehouse.alerts import Rule, read_rules
from warehouse.measures import MEASURES

ROOT: Final = Path(__file__).parents[1]
RULES: Final = ROOT / "dbt_project" / "seeds" / "alert_rules.csv"
FOLDER: Final = ROOT / "docs" / "monitoring"

_OPERATORS: Final = {"at_least": ">=", "at_most": "<="}
# What a panel shows a number as, by the end of the measure's name.
_UNITS: Final = {
    "_percent": "percent",
    "_bytes": "bytes",
    "_seconds": "s",
    "hours_since_published": "h",
}
_WIDTH, _HEIGHT, _ACROSS = 8, 7, 3


def prometheus_rules(rules: Sequence[Rule]) -> dict[str, Any]:
    """Alert rules for Prometheus, where it is the one that tells people: one for each of ours."""
    return {
        "groups": [
            {
                "name": "corpintel",
                "rules": [
                    {
                        "alert": rule.alert,
                        "expr": (
                            f"corpintel_{rule.measure} {_OPERATORS[rule.condition]} "
                            f"{rule.threshold:g}"
                        ),
                        "labels": {"scope": rule.scope},
                        "annotations": {
                            "summary": rule.what_to_do,
                            "runbook": f"docs/runbook.md#{rule.alert}",
                        },
                    }
                    for rule in rules
                ],
            }
        ]
    }


def dashboard(measures: Mapping[str, str], rules: Sequence[Rule]) -> dict[str, Any]:
    """A Grafana dashboard with a panel for each measure, and a line where an alert is raised."""
    return {
        "title": "Corporate Intel",
        "uid": "corpintel",
        "schemaVersion": 39,
        "timezone": "utc",
        "time": {"from": "now-30d", "to": "now"},
        "templating": {
            "list": [{"name": "source", "type": "datasource", "query": "prometheus"}],
        },
        "panels": list(_panels(measures, rules)),
    }


def _panels(measures: Mapping[str, str], rules: Sequence[Rule]) -> Iterator[dict[str, Any]]:
    thresholds = {rule.measure: rule.threshold for rule in rules}
    for number, (measure, description) in enumerate(measures.items()):
        steps: list[dict[str, Any]] = [{"color": "green", "value": None}]
        if measure in thresholds:
            steps.append({"color": "red", "value": thresholds[measure]})
        unit = next((unit for end, unit in _UNITS.items() if measure.endswith(end)), "short")
        yield {
            "id": number + 1,
            "type": "timeseries",
            "title": measure.replace("_", " ").capitalize(),
            "description": description,
            "datasource": {"type": "prometheus", "uid": "${source}"},
            "gridPos": {
                "x": number % _ACROSS * _WIDTH,
                "y": number // _ACROSS * _HEIGHT,
                "w": _WIDTH,
                "h": _HEIGHT,
            },
            "targets": [{"expr": f"corpintel_{measure}", "legendFormat": "{{source}}{{company}}"}],
            "fieldConfig": {
                "defaults": {
                    "unit": unit,
                    "thresholds": {"mode": "absolute", "steps": steps},
                    "custom": {"thresholdsStyle": {"mode": "line"}},
                },
                "overrides": [],
            },
        }


def files() -> dict[Path, str]:
    """Each file with what it should hold."""
    rules = read_rules(RULES)
    told = yaml.safe_dump(prometheus_rules(rules), sort_keys=False, width=100)
    return {
        FOLDER / "prometheus_rules.yml": told,
        FOLDER / "grafana_dashboard.json": json.dumps(dashboard(MEASURES, rules), indent=2) + "\n",
    }


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for path, content in files().items():
        path.write_text(content, encoding="utf-8")
