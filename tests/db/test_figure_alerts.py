"""Alerts on figures: new, still and cleared by publication, and rules that cannot be."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
from jinja2 import Environment

from reports.site.company import ALERT_COLUMNS, ONLY
from tests.db.packages import AS_OF, as_reader, new_run
from tests.db.test_alerts import HEADER
from tests.db.test_publish import Rows, build, move
from warehouse.alerts import AlertRulesError, checked_figure_rules
from warehouse.db import Warehouse
from warehouse.publishing.declared import Mart
from warehouse.publishing.publish import publish
from warehouse.read.marts import mart_rows

ID = {"company_id": "Company."}
ALERTS = Mart("fct_alerts", "Alerts.", ("company_id", "alert"), ID, True, keeps_history=True)
FIGURES = Mart("mart_company_performance", "Figures.", ("company_id",), ID, True)
ANOMALIES = Mart("mart_anomalies", "Anomalies.", ("company_id", "measure"), ID, True)
RESTATED = Mart(
    "mart_restatements",
    "Restatements.",
    ("company_id", "line", "period_length", "period_end", "known_from"),
    ID,
    True,
)
MARTS = (FIGURES, ANOMALIES, RESTATED)
SHAPES = {
    FIGURES.name: "company_id text, ticker text, runway_months numeric, health_status text,"
    " is_stale boolean, staleness_days integer",
    ANOMALIES.name: "company_id text, measure text, score numeric",
    RESTATED.name: "company_id text, line text, period_length text, period_end date,"
    " known_from timestamptz, restatement_class text, currency text, previous_value numeric,"
    " restated_value numeric, change_pct numeric, is_material boolean",
}
RULES_SHAPE = (
    "alert text, scope text, measure text, condition text, threshold double precision,"
    " what_to_do text"
)
PROJECT = Path(__file__).parents[2] / "dbt_project"
MODEL = PROJECT / "models/marts/alerts/fct_alerts.sql"
MACROS = PROJECT / "macros/knowledge.sql"

Rule = tuple[str, str, str, str, float, str]


def published(
    warehouse: Warehouse, rules: Sequence[Rule], rows: Mapping[str, Rows], as_of: date = AS_OF
) -> int:
    """Publish these rows, and the alerts that the model itself makes of them and the rules."""
    for mart in MARTS:
        build(warehouse, rows.get(mart.name, []), SHAPES[mart.name], mart)
    build(warehouse, rules, RULES_SHAPE, Mart("alert_rules", "", ("alert",), {}))
    dialect = Environment(extensions=["jinja2.ext.do"])
    model = dialect.from_string(MACROS.read_text() + MODEL.read_text())
    query = model.render(ref=lambda name: f"build.{name}")
    with psycopg.connect(warehouse.psycopg_dsn()) as connection:
        connection.execute("select set_config('corpintel.as_of', %s, false)", (str(as_of),))
        connection.execute("drop table if exists build.fct_alerts")
        connection.execute(f"create table build.fct_alerts as {query}".encode())
    run = new_run(warehouse)
    publish(warehouse, run, as_of, (ALERTS, *MARTS), "manifest", "revision")
    return run


def night(
    warehouse: Warehouse, runway: int | None, threshold: int = 12, is_listed: bool = True
) -> int:
    """Publish a company with that runway, under a rule that it be over the threshold."""
    rule = ("short", "figure", "runway_months", "at_most", threshold, "Look")
    figures = [("a", "A", runway, None, None, None)]
    return published(warehouse, [rule], {FIGURES.name: figures if is_listed else []})


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


NEW_YORK = ZoneInfo("America/New_York")
YEAR = date(2025, 12, 31)


def restated(day: date, change: str, line: str = "revenue") -> tuple[Any, ...]:
    """A filing of that day that changed the line of company a from a hundred by that share."""
    known = datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=NEW_YORK)
    value = 100 + 100 * Decimal(change)
    kind = "error_correction"
    return ("a", line, "annual", YEAR, known, kind, "USD", 100, value, Decimal(change), True)


def filed(
    warehouse: Warehouse,
    day: date,
    changes: Rows,
    threshold: float = 0.05,
    is_listed: bool = True,
) -> int:
    """Publish, as of that day, a company whose filings restated so."""
    rule = ("restated", "line", "restatement_pct", "at_least", threshold, "Look")
    figures = [("a", "A", None, None, None, None)] if is_listed else []
    rows = {FIGURES.name: figures, RESTATED.name: changes}
    return published(warehouse, [rule], rows, day)


def test_a_filing_that_restates_is_told_for_thirty_days_and_another_anew(
    warehouse: Warehouse,
) -> None:
    first, second = date(2026, 7, 1), date(2026, 7, 3)
    small = [restated(first, "0.2"), restated(first, "0.04", "goodwill")]
    both = [*small, restated(second, "-0.1"), restated(second, "0.06", "net_income")]
    filed(warehouse, first, [])
    came = filed(warehouse, date(2026, 7, 2), small)
    assert told(warehouse) == [("new", None, Decimal("0.2"), came, "restated")]
    filed(warehouse, date(2026, 7, 3), small)
    assert told(warehouse) == [("still", Decimal("0.2"), Decimal("0.2"), came, "stands")]
    again = filed(warehouse, date(2026, 7, 4), both)
    assert told(warehouse) == [("new", Decimal("0.2"), Decimal("0.1"), again, "restated")]
    with as_reader(warehouse) as reader:
        [row] = reader.execute(
            "select ticker, line, period_length, period_end, currency, previous_value,"
            " restated_value, known_from, stands_until, cell_count from mart_alerts"
        ).fetchall()
    known = datetime(2026, 7, 3, 23, 59, 59, tzinfo=NEW_YORK)
    until = date(2026, 8, 2)
    assert row == ("A", "revenue", "annual", YEAR, "USD", 100, 90, known, until, 2)
    filed(warehouse, until, both)
    assert told(warehouse) == [("still", Decimal("0.1"), Decimal("0.1"), again, "stands")]
    filed(warehouse, date(2026, 8, 3), both)
    assert told(warehouse) == [("cleared", Decimal("0.1"), None, again, "passed")]
    filed(warehouse, date(2026, 8, 4), both)
    assert told(warehouse) == []


def test_why_an_alert_on_a_line_came_or_went(warehouse: Warehouse) -> None:
    day = date(2026, 7, 2)
    change = [restated(date(2026, 7, 1), "0.2")]
    size = Decimal("0.2")
    first = filed(warehouse, day, change)
    assert told(warehouse) == [("new", None, size, first, "first_publication")]
    filed(warehouse, day, change, threshold=0.3)
    assert told(warehouse) == [("cleared", size, None, first, "rule_changed")]
    back = filed(warehouse, day, change)
    assert told(warehouse) == [("new", None, size, back, "rule_changed")]
    filed(warehouse, day, [])
    assert told(warehouse) == [("cleared", size, None, back, "figure_lost")]
    anew = filed(warehouse, day, change)
    assert told(warehouse) == [("new", None, size, anew, "restated")]
    filed(warehouse, day, change, is_listed=False)
    assert told(warehouse) == [("cleared", size, None, anew, "gone")]
    listed = filed(warehouse, day, change)
    assert told(warehouse) == [("new", None, size, listed, "listed")]


# Each kind of measure on either side: the measure, its condition, a threshold that figures are
# beyond, and one that none is.
KINDS: dict[str, tuple[str, str, float, float]] = {
    "short": ("runway_months", "at_most", 12, -99),
    "negative": ("runway_months", "at_least", -3, 99),
    "whole": ("staleness_days", "at_least", 400, 402),
    "stale": ("is_stale", "at_least", 1, 2),
    "fresh": ("is_stale", "at_most", 0, -1),
    "ill": ("health_status=at_risk", "at_least", 1, 2),
    "not_ill": ("health_status=at_risk", "at_most", 0, -1),
    "outlier": ("anomaly_score", "at_least", 7, 99),
}
MEASURED: Mapping[str, Rows] = {
    FIGURES.name: [
        ("a", "A", -2.75, "at_risk", True, 400),
        ("b", "B", 11, "sound", False, 401),
        ("c", "C", None, None, None, None),
    ],
    ANOMALIES.name: [("a", "growth", -13.42), ("a", "margin", 9), ("b", "growth", 7.5)],
}


def test_the_view_measures_what_the_model_measures(warehouse: Warehouse) -> None:
    """The model says a measure of tonight, the view that of the publication before, or of after."""

    def rules(is_broken: bool) -> list[Rule]:
        return [
            (name, "figure", measure, condition, beyond if is_broken else within, "Look")
            for name, (measure, condition, beyond, within) in KINDS.items()
        ]

    def asked(column: str, state: str) -> list[Any]:
        with as_reader(warehouse) as reader:
            return reader.execute(
                f"select company_id, alert, {column} from mart_alerts where state = %s"
                " order by 1, 2".encode(),
                (state,),
            ).fetchall()

    published(warehouse, rules(is_broken=True), MEASURED)
    with as_reader(warehouse) as reader:
        raised = reader.execute(
            "select company_id, alert, value from fct_alerts order by 1, 2"
        ).fetchall()
    assert {alert for _, alert, _ in raised} == KINDS.keys()
    assert {company for company, _, _ in raised} == {"a", "b"}
    published(warehouse, rules(is_broken=True), MEASURED)
    assert asked("value_before", "still") == raised
    # No rule is broken any more, though every figure is as it was.
    published(warehouse, rules(is_broken=False), MEASURED)
    assert asked("value_before", "cleared") == raised
    assert asked("value", "cleared") == raised


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
        ("x,line,restatement_pct=sales,at_least,1,all,Look", "is none of restatement_pct, restate"),
        ("x,line,change_pct,at_least,1,all,Look", "measure 'change_pct' is none of restatement_p"),
        ("x,line,restatement_pct,at_most,1,all,Look", "has condition 'at_most'; of a change it is"),
    ],
)
def test_a_rule_on_figures_that_cannot_be_says_where_and_why(
    tmp_path: Path, rule: str, said: str
) -> None:
    file = tmp_path / "alert_rules.csv"
    file.write_text(f"{HEADER}{rule}\n")
    file.with_name("lines.csv").write_text("line\nrevenue\n")
    with pytest.raises(AlertRulesError, match=said):
        checked_figure_rules(file, MANIFEST)


def test_rules_on_numbers_words_outliers_and_lines_are_taken(tmp_path: Path) -> None:
    file = tmp_path / "alert_rules.csv"
    file.with_name("lines.csv").write_text("line\nrevenue\n")
    measures = {
        "growth": "figure", "health=ill": "figure", "anomaly_score": "figure",
        "restatement_pct": "line", "restatement_pct=revenue": "line",
    }  # fmt: skip
    file.write_text(
        HEADER
        + "".join(f"x,{scope},{one},at_least,1,all,Look\n" for one, scope in measures.items())
    )
    assert [rule.measure for rule in checked_figure_rules(file, MANIFEST)] == [*measures]
