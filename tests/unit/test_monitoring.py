"""The files for Prometheus and Grafana: up to date, and made of measures that there are."""

import json
import re

import yaml

from tests.monitoring import FOLDER, RULES, files
from warehouse.alerts import read_rules
from warehouse.measures import MEASURES

_EXPRESSION = re.compile(r"corpintel_(\w+) (>=|<=) (\d+(?:\.\d+)?)")


def test_the_files_are_up_to_date() -> None:
    """After a change: make monitoring."""
    assert {path.name: path.read_text() for path in files()} == {
        path.name: content for path, content in files().items()
    }


def test_prometheus_has_a_rule_for_each_of_ours() -> None:
    [group] = yaml.safe_load((FOLDER / "prometheus_rules.yml").read_text())["groups"]
    found = {}
    for rule in group["rules"]:
        measure, operator, threshold = _EXPRESSION.fullmatch(rule["expr"]).groups()  # type: ignore[union-attr]
        found[rule["alert"]] = (measure, operator, float(threshold))
    signs = {"at_least": ">=", "at_most": "<="}
    assert found == {
        rule.alert: (rule.measure, signs[rule.condition], rule.threshold)
        for rule in read_rules(RULES)
    }


def test_the_dashboard_draws_each_measure_once_and_no_panel_lies_on_another() -> None:
    panels = json.loads((FOLDER / "grafana_dashboard.json").read_text())["panels"]
    assert [panel["targets"][0]["expr"] for panel in panels] == [
        f"corpintel_{name}" for name in MEASURES
    ]
    taken = [
        (x, y)
        for panel in panels
        for x in range(panel["gridPos"]["x"], panel["gridPos"]["x"] + panel["gridPos"]["w"])
        for y in range(panel["gridPos"]["y"], panel["gridPos"]["y"] + panel["gridPos"]["h"])
    ]
    assert len(taken) == len(set(taken))
    assert max(x for x, _ in taken) < 24
    limits = {
        panel["targets"][0]["expr"]: panel["fieldConfig"]["defaults"]["thresholds"]["steps"][-1]
        for panel in panels
    }
    assert limits["corpintel_disk_used_percent"] == {"color": "red", "value": 90.0}
