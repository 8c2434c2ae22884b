"""Pages about the publication: what changed, quality and accuracy, operations, the dictionary."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any, Final

from reports.page import render
from reports.site.company import ALERT_COLUMNS, PRICED, Words, alert_rows
from reports.site.figures import label_of
from reports.site.tables import Table, plain
from warehouse.read.connection import Reader
from warehouse.read.marts import MartColumn, MartRow, literal, mart_rows, statement
from warehouse.read.nights import AskedSource, Past
from warehouse.read.publications import Published, moved_by_reason, publications
from warehouse.read.quality import Certificate, HeldBack
from warehouse.read.reasons import REASONS

MOST_CHANGES: Final = 300
_CHANGE_COLUMNS: Final = (
    "company_id", "ticker", "line", "period_type", "period_end", "currency", "value_before",
    "value", "blank_reason_before", "blank_reason", "change_pct", "why", "accession",
)  # fmt: skip
# What is new comes first, and of each at most so many as of the changes.
_STATES: Final = ("new", "cleared", "still")


def changes_page(
    connection: Reader, publication: Published, words: Words, chrome: Mapping[str, Any]
) -> str:
    """What the current publication moved in the figures, and why; a first one moved everything."""
    where = f"where run_id = {publication.run_id}"
    rows = []
    is_first = len(publications(connection, 2)) == 1
    if not is_first:
        rows = mart_rows(
            connection,
            "mart_run_changes",
            _CHANGE_COLUMNS,
            equal={"run_id": [publication.run_id]},
            order_by=("company_id", "why", "-period_end", "line"),
            most=MOST_CHANGES,
        )
    alerts = [
        {**row, "who": row["ticker"] or row["company_id"], "why": row["why"].replace("_", " ")}
        for state in _STATES
        for row in mart_rows(
            connection,
            "mart_alerts",
            (*ALERT_COLUMNS, "ticker", "state", "value_before", "why"),
            equal={"state": [state]},
            order_by=("alert", "company_id"),
            most=MOST_CHANGES,
        )
    ]
    counted = [] if is_first else moved_by_reason(connection, publication.run_id)
    moved = sum(one.cells for one in counted)
    return render(
        "site/tables.html.j2",
        **chrome,
        title="What changed",
        lead=(
            "This is the first publication here, so every figure is new and none is listed."
            if is_first
            else f"Figures that publication {publication.run_id} gave, changed or took. "
            f"{moved:,} moved; the first {len(rows):,} are listed."
        ),
        tables=[
            *([_alerts_table(alerts)] if alerts else []),
            plain(
                "changes_by_reason", "Why figures moved",
                [{**vars(one), "why": one.why.replace("_", " ")} for one in counted],
                (("why", "Why", "text"), ("cells", "Figures", "count"),
                 ("companies", "Companies", "count")),
                statement("mart_run_changes", where, "group by why", columns="why, count(*)"),
            ),
            plain(
                "changes", "Figures that moved, amounts in millions",
                [
                    {
                        **row,
                        "who": row["ticker"] or row["company_id"],
                        "kind": words.kind_of(row["line"]),
                    }
                    for row in rows
                ],
                (("who", "Company", "text"), ("line", "Line", "text"),
                 ("period_type", "Period", "text"), ("period_end", "To", "text"),
                 ("value_before", "Was", "of_line"), ("value", "Is", "of_line"),
                 ("currency", "Currency", "text"), ("change_pct", "Change", "share"),
                 ("why", "Why", "text"), ("accession", "Accession", "text")),
                statement("mart_run_changes", where),
            ),
        ],
    )  # fmt: skip


def _alerts_table(alerts: Sequence[MartRow]) -> Table:
    return plain(
        "alerts",
        "Figures beyond a rule, and those that are no longer; of each state at most"
        f" {MOST_CHANGES}",
        alert_rows(alerts),
        (("who", "Company", "text"), ("alert", "Alert", "text"), ("state", "State", "text"),
         ("since", "Since", "text"), ("measure", "Measure", "text"),
         ("value_before", "Was", "text"), ("value", "Is", "text"), ("limit", "Raised by", "text"),
         ("why", "Why", "text"), ("what_to_do", "What to do", "text")),
        statement("mart_alerts", "order by alert, company_id"),
    )  # fmt: skip


def quality_page(
    connection: Reader,
    certificate: Certificate,
    held: Sequence[HeldBack],
    chrome: Mapping[str, Any],
) -> str:
    """How right the figures are, where they are blank, and who is held back."""
    checks = mart_rows(
        connection,
        "mart_data_quality",
        ("check_name", "scope", "subject", "checked_count", "failed_count", "passed_pct"),
        order_by=("check_name", "scope", "-failed_count", "subject"),
    )
    tables = [
        plain(
            "accuracy", "Answers that were checked by hand, by verdict",
            [
                {"verdict": verdict.replace("_", " "), "answers": answers}
                for verdict, answers in sorted(certificate.verdicts.items())
            ],
            (("verdict", "Verdict", "text"), ("answers", "Answers", "count")),
            statement(
                "mart_accuracy_certificate", "group by verdict", columns="verdict, count(*)"
            ),
        ),
        plain(
            "held_back", "Companies that keep their earlier rows",
            [vars(one) for one in held[:MOST_CHANGES]],
            (("company_id", "Company", "text"), ("test", "Fails", "text"),
             ("failures", "Rows", "count"), ("since_date", "Since", "text")),
            statement("mart_data_quality", "where check_name = 'held_back'"),
        ),
    ]  # fmt: skip
    for (check, scope), rows in groupby(checks, lambda row: (row["check_name"], row["scope"])):
        if check == "held_back":
            continue
        sql = statement(
            "mart_data_quality",
            f"where check_name = {literal(check)} and scope = {literal(scope)}",
            "order by failed_count desc",
        )
        caption = f"{label_of(check)}, by {scope.replace('_', ' ')}"
        # All of a kind that is many are in the mart; the page shows those that fail most.
        tables.append(
            plain(
                f"{check}_{scope}", caption, list(rows)[:50],
                (("subject", scope.replace("_", " ").capitalize(), "text"),
                 ("checked_count", "Checked", "count"), ("failed_count", "Failed", "count"),
                 ("passed_pct", "Passed", "share")),
                sql,
            )
        )  # fmt: skip
    return render(
        "site/tables.html.j2",
        **chrome,
        title="Data quality and accuracy",
        lead="Every figure is right, or blank with its reason. These are the measured shares.",
        tables=[table for table in tables if table.lines],
    )


def operations_page(
    nights: Sequence[Past], asked: Sequence[AskedSource], chrome: Mapping[str, Any]
) -> str:
    """The last nights, what they changed and how long they took, and what sources answered."""
    tables: list[Table] = [
        plain(
            "nights", "The last nights, the newest first",
            [
                {
                    **vars(night),
                    "ended": night.ended_as,
                    "started": f"{night.started_at:%Y-%m-%d %H:%M}",
                    "said": "; ".join(night.warnings or []) or night.detail or "",
                }
                for night in nights
            ],
            (("run_id", "Run", "text"), ("as_of", "As of", "text"), ("ended", "Ended as", "text"),
             ("started", "Started, UTC", "text"), ("seconds", "Seconds", "number"),
             ("companies_built", "Companies built", "count"),
             ("rows_changed", "Rows changed", "count"),
             ("companies_held_back", "Held back", "count"), ("said", "What it said", "text")),
            statement("publications", "order by run_id desc"),
        ),
        plain(
            "sources", "What sources answered in the current publication's night",
            [vars(one) for one in asked],
            (("source", "Source", "text"), ("answered", "Answered", "count"),
             ("unanswered", "Not answered", "count"), ("refused", "Refused", "count"),
             ("drifted", "Changed shape", "count"), ("why", "First refusal", "text")),
            statement("publications", "where is_current", columns="run_id, timings"),
        ),
    ]  # fmt: skip
    return render(
        "site/tables.html.j2",
        **chrome,
        title="Operations",
        lead="How the last nights ended. Times are UTC.",
        tables=[table for table in tables if table.lines],
    )


def dictionary_page(
    columns: Sequence[MartColumn], words: Words, chrome: Mapping[str, Any], dbt_docs: str | None
) -> str:
    """Every line, measure, blank reason and column of the marts, in words.

    `dbt_docs` is the file with dbt's own documentation, None where there is none.
    """
    tables = [
        plain(
            "lines", "Lines of the statements", words.lines,
            (("line", "Line", "text"), ("statement", "Statement", "text"),
             ("nature", "Nature", "text"), ("description", "What it is", "text")),
            statement("dim_lines", "order by sort_order"),
        ),
        plain(
            "measures", "Measures", words.measures,
            (("measure", "Measure", "text"), ("formula", "Formula", "text"),
             ("unit", "Unit", "text"), ("direction", "Better", "text"),
             ("description", "What it is", "text")),
            statement("dim_measures", "order by sort_order"),
        ),
        plain(
            "blank_reasons", "Why a figure is blank",
            [vars(reason) for reason in REASONS.values()],
            (("code", "Reason", "text"), ("words", "In words", "text"),
             ("needed", "What would fill it", "text")),
            statement(
                "fct_financials", "group by blank_reason", columns="blank_reason, count(*)"
            ),
        ),
    ]  # fmt: skip
    for mart, rows in groupby(columns, lambda one: one.mart):
        listed = [vars(one) for one in rows]
        tables.append(
            plain(
                str(mart), f"{mart}: {listed[0]['mart_description']}", listed,
                (("column", "Column", "text"), ("data_type", "Type", "text"),
                 ("description", "What it is", "text")),
                statement(mart, "limit 10"),
            )
        )  # fmt: skip
    return render(
        "site/tables.html.j2",
        **chrome,
        title="Dictionary",
        lead="What every number means: lines, measures, reasons of blanks, and columns of marts.",
        more=(dbt_docs, "How each is made: models, tests and lineage (dbt)") if dbt_docs else None,
        tables=tables,
    )


def shared_words(
    connection: Reader, words: Words, columns: Sequence[MartColumn]
) -> Mapping[str, Any]:
    """What explanations on every page need: rules, measures, lines and reasons."""
    rules: Sequence[MartRow] = mart_rows(
        connection, "dim_rules", ("rule", "derivation", "formula", "reason"), order_by=("rule",)
    )
    return {
        "rules": {row["rule"]: [row["derivation"], row["formula"], row["reason"]] for row in rules},
        "measures": {
            row["measure"]: {
                "label": label_of(row["measure"]),
                "unit": row["unit"],
                "formula": row["formula"],
                "words": row["description"],
                "parts": row["parts"],
            }
            for row in words.measures
        },
        "lines": {
            row["line"]: [label_of(row["line"]), row["nature"], row["description"]]
            for row in words.lines
        },
        "columns": {
            one.column: [label_of(one.column), one.description]
            for one in columns
            if one.mart == "mart_company_performance" and one.column in PRICED
        },
        "reasons": {code: [one.words, one.needed] for code, one in REASONS.items()},
    }
