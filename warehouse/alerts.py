"""Alerts: which measures are beyond their rule, since when, and whom they were told.

An alert is raised once and stands until its cause is gone; one that could not be told is told the
next time.
"""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import func, insert, select, update

from warehouse.db import Warehouse
from warehouse.measures import MEASURES, Measure, about
from warehouse.tables import ops as tables

CONDITIONS: Final = ("at_least", "at_most")
CHANNELS: Final = ("all", "webhook", "email")
# Rules of these scopes are on figures and changes of lines, and looked at by the model fct_alerts.
FIGURE: Final = "figure"
LINE: Final = "line"
OF_FIGURES: Final = (FIGURE, LINE)
SCOPES: Final = ("run", "source", "company", *OF_FIGURES)
_FIGURES: Final = "model.corporate_intel.mart_company_performance"
_OF_ANOMALIES: Final = "anomaly_score"
_OF_RESTATEMENTS: Final = "restatement_pct"
_NUMBERS: Final = ("numeric", "bigint", "integer", "boolean")


class AlertRulesError(ValueError):
    """A rule that cannot be read; the message has the line, the value and the cure."""


@dataclass(frozen=True)
class Rule:
    """When an alert is raised: a measure of a scope beyond a threshold, and whom it is told by."""

    alert: str
    scope: str
    measure: str
    condition: str
    threshold: float
    channel: str
    what_to_do: str

    def is_broken_by(self, value: float) -> bool:
        """Whether this value is beyond the threshold."""
        return value >= self.threshold if self.condition == "at_least" else value <= self.threshold


@dataclass(frozen=True)
class Alert:
    """An alert that stands, or stood; `told_at` is None while no one has heard of it."""

    alert_id: int
    alert: str
    scope: str
    subject: str
    value: float
    threshold: float
    raised_at: datetime
    cleared_at: datetime | None
    told_at: datetime | None

    @property
    def about(self) -> str:
        """What it is of, in words."""
        return about(self.scope, self.subject)


def read_rules(path: Path) -> list[Rule]:
    """The rules of alert_rules.csv on operations; the others are checked_figure_rules.

    AlertRulesError says which line cannot be read and why.
    """
    return [rule for _, rule in _rules(path) if rule.scope not in OF_FIGURES]


def checked_figure_rules(path: Path, manifest: Mapping[str, Any]) -> list[Rule]:
    """The rules of alert_rules.csv on figures and on lines.

    Columns and words are those that dbt's manifest declares, lines those of lines.csv beside the
    rules. AlertRulesError says which line names none of them, before a night computes anything.
    """
    model = manifest["nodes"][_FIGURES]
    computed = model["config"]["meta"].get("computed", {})
    numbers = {
        name
        for name, column in model["columns"].items()
        if column["data_type"] in _NUMBERS and name not in computed
    }
    words = _words_of_columns(manifest)
    found = []
    for line, rule in _rules(path):
        if rule.scope not in OF_FIGURES:
            continue
        where = f"{path.name}, line {line}: measure {rule.measure!r}"
        if rule.scope == LINE:
            _check_of_line(path, rule, where)
            found.append(rule)
            continue
        column, is_of_word, word = rule.measure.partition("=")
        if is_of_word and word not in words.get(column, ()):
            allowed = [f"{name}={one}" for name in sorted(words) for one in words[name]]
            raise AlertRulesError(f"{where} is none of {', '.join(allowed)}")
        if not is_of_word and column not in {*numbers, _OF_ANOMALIES}:
            raise AlertRulesError(
                f"{where} is no number of mart_company_performance; name one of its columns: "
                f"{', '.join([*sorted(numbers), _OF_ANOMALIES])}"
            )
        found.append(rule)
    return found


def _check_of_line(path: Path, rule: Rule, where: str) -> None:
    with path.with_name("lines.csv").open(encoding="utf-8", newline="") as file:
        lines = [row["line"] for row in csv.DictReader(file)]
    allowed = [_OF_RESTATEMENTS, *(f"{_OF_RESTATEMENTS}={line}" for line in lines)]
    if rule.measure not in allowed:
        raise AlertRulesError(f"{where} is none of {', '.join(allowed)}")
    if rule.condition != "at_least":
        raise AlertRulesError(
            f"{where} has condition {rule.condition!r}; of a change it is at_least, since what "
            "no filing restated has none"
        )


def _words_of_columns(manifest: Mapping[str, Any]) -> dict[str, list[str]]:
    """The words that a column of the figures may have, by the test that holds it to them."""
    tests = (
        node["test_metadata"]["kwargs"]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "test"
        and node.get("attached_node") == _FIGURES
        and (node.get("test_metadata") or {}).get("name") == "accepted_values"
    )
    return {found["column_name"]: (found.get("arguments") or found)["values"] for found in tests}


def _rules(path: Path) -> list[tuple[int, Rule]]:
    with path.open(encoding="utf-8", newline="") as file:
        return [(n, _rule(path, n, row)) for n, row in enumerate(csv.DictReader(file), start=2)]


def _rule(path: Path, line: int, row: dict[str, str]) -> Rule:
    names = [field.name for field in fields(Rule)]
    if set(row) != set(names):
        raise AlertRulesError(f"{path.name}: its columns must be {', '.join(names)}")
    known: dict[str, Iterable[str]] = {
        "scope": SCOPES,
        "condition": CONDITIONS,
        "channel": CHANNELS,
    }
    if row["scope"] not in OF_FIGURES:
        known["measure"] = MEASURES
    for column, values in known.items():
        if row[column] not in values:
            raise AlertRulesError(
                f"{path.name}, line {line}: {column} {row[column]!r} is none of {', '.join(values)}"
            )
    try:
        return Rule(**(row | {"threshold": float(row["threshold"])}))  # type: ignore[arg-type]
    except ValueError:
        raise AlertRulesError(
            f"{path.name}, line {line}: threshold {row['threshold']!r} is no number"
        ) from None


def broken(rules: Iterable[Rule], measures: Iterable[Measure]) -> list[tuple[Rule, Measure]]:
    """Each rule with each measure that is beyond it."""
    measured = list(measures)
    return [
        (rule, one)
        for rule in rules
        for one in measured
        if (one.scope, one.name) == (rule.scope, rule.measure) and rule.is_broken_by(one.value)
    ]


def review(
    warehouse: Warehouse, rules: Sequence[Rule], measures: Sequence[Measure]
) -> tuple[list[Alert], list[Alert]]:
    """Raise what is beyond its rule now and clear what is no longer.

    Returns the alerts that stand, and those that were cleared just now.
    """
    now = {
        (rule.alert, one.scope, one.subject): (rule, one) for rule, one in broken(rules, measures)
    }
    table = tables.alerts
    with warehouse.engine.begin() as connection:
        # Two processes may look at once: an alert is raised by one of them.
        connection.execute(select(func.pg_advisory_xact_lock(func.hashtext("corpintel alerts"))))
        standing = {
            (row.alert, row.scope, row.subject): row.alert_id
            for row in connection.execute(select(table).where(table.c.cleared_at.is_(None)))
        }
        for key, (rule, one) in now.items():
            if key in standing:
                connection.execute(
                    update(table).where(table.c.alert_id == standing[key]).values(value=one.value)
                )
                continue
            connection.execute(
                insert(table).values(
                    alert=rule.alert,
                    scope=one.scope,
                    subject=one.subject,
                    value=one.value,
                    threshold=rule.threshold,
                    raised_at=func.clock_timestamp(),
                )
            )
        gone = [alert_id for key, alert_id in standing.items() if key not in now]
        connection.execute(
            update(table)
            .where(table.c.alert_id.in_(gone))
            .values(cleared_at=func.clock_timestamp())
        )
        columns = [table.c[field.name] for field in fields(Alert)]
        shown = select(*columns).order_by(table.c.alert_id)
        return (
            [Alert(*row) for row in connection.execute(shown.where(table.c.cleared_at.is_(None)))],
            [Alert(*row) for row in connection.execute(shown.where(table.c.alert_id.in_(gone)))],
        )


def note_told(warehouse: Warehouse, alert: Alert, failure: str | None = None) -> None:
    """Keep that an alert was told, or why it could not be: then it is told the next time."""
    table = tables.alerts
    told: dict[str, Any] = {"told_at": func.clock_timestamp(), "failed_detail": None}
    with warehouse.engine.begin() as connection:
        connection.execute(
            update(table)
            .where(table.c.alert_id == alert.alert_id)
            .values(**(told if failure is None else {"failed_detail": failure[:1000]}))
        )
