"""Alerts on figures: new, still and cleared by publication, and rules that cannot be."""

from pathlib import Path
from typing import Any

import pytest

from reports.site.company import ALERT_COLUMNS, ONLY
from tests.db.packages import AS_OF, as_reader, new_run
from tests.db.test_alerts import HEADER
from tests.db.test_publish import build, move
from warehouse.alerts import AlertRulesError, checked_figure_rules
from warehouse.db import Warehouse
from warehouse.publishing.declared import Mart
from warehouse.publishing.publish import publish
from warehouse.read.marts import mart_rows

ID = {"company_id": "Company."}
ALERTS = Mart("fct_alerts", "Alerts.", ("company_id", "alert"), ID, True, keeps_history=True)
ALERTS_SHAPE = (
    "company_id text, ticker text, alert text, measure text, value numeric, condition text,"
    " threshold numeric, what_to_do text"
)
FIGURES = Mart("mart_company_performance", "Figures.", ("company_id",), ID, True)
ANOMALIES = Mart("mart_anomalies", "Anomalies.", ("company_id",), ID, True)


def night(
    warehouse: Warehouse, runway: int | None, threshold: int = 12, is_listed: bool = True
) -> int:
    """Publish a company with that runway, and the alert where it is at most the threshold."""
    rows = [("a", "A", "short", "runway_months", runway, "at_most", threshold, "Look")]
    is_raised = is_listed and runway is not None and runway <= threshold
    build(warehouse, rows if is_raised else [], ALERTS_SHAPE, ALERTS)
    shape = "company_id text, runway_months numeric"
    build(warehouse, [("a", runway)] if is_listed else [], shape, FIGURES)
    build(warehouse, [], "company_id text, score numeric", ANOMALIES)
    run = new_run(warehouse)
    publish(warehouse, run, AS_OF, (ALERTS, FIGURES, ANOMALIES), "manifest", "revision")
    return run


def told(warehouse: Warehouse) -> list[Any]:
    with as_reader(warehouse) as reader:
        return reader.execute(
            "select state, value_before, value, since_run_id, why from mart_alerts"
        ).fetchall()


def test_an_alert_is_new_stands_and_is_cleared(warehouse: Warehouse) -> None:
    night(warehouse, 20)
    assert told(warehouse) == []
    first = night(warehouse, 11)
    assert told(warehouse) == [("new", 20, 11, first, "figure_moved")]
    night(warehouse, 10)
    assert told(warehouse) == [("still", 11, 10, first, "stands")]
    # Nothing was built that night: the alert stands all the same.
    night(warehouse, 10)
    assert told(warehouse) == [("still", 10, 10, first, "stands")]
    night(warehouse, 14)
    assert told(warehouse) == [("cleared", 10, 14, first, "figure_moved")]
    night(warehouse, 14)
    assert told(warehouse) == []
    # Raised anew it begins anew.
    again = night(warehouse, 9)
    assert told(warehouse) == [("new", 14, 9, again, "figure_moved")]


def test_why_an_alert_came_or_went(warehouse: Warehouse) -> None:
    first = night(warehouse, 11)
    assert told(warehouse) == [("new", None, 11, first, "first_publication")]
    night(warehouse, None)
    assert told(warehouse) == [("cleared", 11, None, first, "figure_lost")]
    back = night(warehouse, 11)
    assert told(warehouse) == [("new", None, 11, back, "figure_came")]
    night(warehouse, 11, threshold=6)
    assert told(warehouse) == [("cleared", 11, 11, back, "rule_changed")]
    third = night(warehouse, 11)
    assert told(warehouse) == [("new", 11, 11, third, "rule_changed")]
    night(warehouse, 11, is_listed=False)
    assert told(warehouse) == [("cleared", 11, None, third, "gone")]


def test_a_publication_that_readers_were_moved_back_from_has_no_part(warehouse: Warehouse) -> None:
    sound = night(warehouse, 20)
    night(warehouse, 11)
    move(warehouse, sound)
    assert told(warehouse) == []
    anew = night(warehouse, 10)
    assert told(warehouse) == [("new", 20, 10, anew, "figure_moved")]


def test_a_page_of_an_alert_that_stands_stays_as_it_is(warehouse: Warehouse) -> None:
    night(warehouse, 20)
    shown = []
    for runway in (9, 9, 14):
        night(warehouse, runway)
        with as_reader(warehouse) as reader:
            rows = mart_rows(reader, "mart_alerts", ALERT_COLUMNS, equal=ONLY["mart_alerts"])
        shown.append(rows)
    new, still, cleared = shown
    assert [(row["alert"], row["value"]) for row in new] == [("short", 9)]
    assert still == new
    assert cleared == []


# What dbt's manifest says of the figures: two numbers, one of them computed, and a word.
MANIFEST = {
    "nodes": {
        "model.corporate_intel.mart_company_performance": {
            "resource_type": "model",
            "config": {"meta": {"computed": {"days": "1"}}},
            "columns": {
                "growth": {"data_type": "numeric"},
                "days": {"data_type": "integer"},
                "health": {"data_type": "text"},
            },
        },
        "test.health": {
            "resource_type": "test",
            "attached_node": "model.corporate_intel.mart_company_performance",
            "test_metadata": {
                "name": "accepted_values",
                "kwargs": {"column_name": "health", "arguments": {"values": ["ill", "well"]}},
            },
        },
    }
}


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (
            "x,figure,grwth,at_most,1,all,Look",
            "line 2: measure 'grwth' is no number of mart_company_performance; name one of its "
            "columns: growth, anomaly_score",
        ),
        ("x,figure,days,at_most,1,all,Look", "measure 'days' is no number"),
        ("x,figure,health,at_most,1,all,Look", "measure 'health' is no number"),
        (
            "x,figure,health=sick,at_least,1,all,Look",
            "measure 'health=sick' is none of health=ill, health=well",
        ),
        ("x,figure,growth,over,1,all,Look", "line 2: condition 'over' is none of at_least, at_m"),
        ("x,figure,growth,at_most,one,all,Look", "line 2: threshold 'one' is no number"),
        ("x,figures,growth,at_most,1,all,Look", "line 2: scope 'figures' is none of run, source"),
    ],
)
def test_a_rule_on_figures_that_cannot_be_says_where_and_why(
    tmp_path: Path, rule: str, said: str
) -> None:
    file = tmp_path / "alert_rules.csv"
    file.write_text(f"{HEADER}{rule}\n")
    with pytest.raises(AlertRulesError, match=said):
        checked_figure_rules(file, MANIFEST)


def test_rules_on_numbers_words_and_outliers_are_taken(tmp_path: Path) -> None:
    file = tmp_path / "alert_rules.csv"
    measures = ["growth", "health=ill", "anomaly_score"]
    file.write_text(HEADER + "".join(f"x,figure,{one},at_least,1,all,Look\n" for one in measures))
    assert [rule.measure for rule in checked_figure_rules(file, MANIFEST)] == measures
