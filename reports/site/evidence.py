"""What stands behind the numbers of a company's page, as a script that the page loads on a click.

A browser that opened a file may load a script beside it, and nothing else: so the evidence is one
call, `site.evidence({...})`. Names, dates and facts are listed once and meant by their place.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from reports.site.figures import day_filed, exact
from warehouse.read.marts import MartRow

# Cell columns that are asked of fct_financial_vintages, and input columns of fct_financial_inputs.
VINTAGE_COLUMNS = (
    "company_id", "line", "period_type", "period_start", "period_end", "currency", "value",
    "status", "blank_reason", "rule", "accession", "known_from", "known_to", "split_factor",
)  # fmt: skip
INPUT_COLUMNS = (
    "company_id", "line", "period_type", "period_end", "known_from", "input_number", "weight",
    "input_concept", "input_unit", "input_start", "input_end", "input_value", "input_accession",
    "input_form", "input_filed_date",
)  # fmt: skip
CellKey = tuple[str, str, str]


@dataclass
class _Places:
    """Values in the order in which they first occur, each known by its place."""

    values: list[Any] = field(default_factory=list)
    places: dict[Any, int] = field(default_factory=dict)

    def place(self, value: Any) -> int:
        if value not in self.places:
            self.places[value] = len(self.values)
            self.values.append(value)
        return self.places[value]


def evidence(
    cik: int, wanted: Iterable[CellKey], vintages: Sequence[MartRow], inputs: Sequence[MartRow]
) -> str:
    """The script with the vintages and facts of the cells `wanted`: (line, period type, end).

    A cell lists its vintages from the newest to the oldest; the facts are those of the newest.
    """
    shown = set(wanted)
    facts = _Places()
    filings = _Places()
    facts_of = _facts_by_cell(shown, inputs, facts, filings)
    cells: dict[str, list[list[Any]]] = {}
    for row in sorted(vintages, key=lambda row: row["known_from"], reverse=True):
        key = _key(row)
        if key not in shown:
            continue
        cells.setdefault("|".join(key), []).append(_vintage(row, key, facts_of))
    told = {
        "cik": cik,
        "filings": filings.values,
        "facts": facts.values,
        "cells": cells,
    }
    return f"site.evidence({json.dumps(told, separators=(',', ':'), ensure_ascii=False)});\n"


def _key(row: MartRow) -> CellKey:
    return row["line"], row["period_type"], row["period_end"].isoformat()


def _facts_by_cell(
    shown: set[CellKey], inputs: Sequence[MartRow], facts: _Places, filings: _Places
) -> Mapping[tuple[CellKey, Any], list[tuple[int, int]]]:
    found: dict[tuple[CellKey, Any], list[tuple[int, int]]] = {}
    for row in sorted(inputs, key=lambda row: row["input_number"]):
        key = _key(row)
        if key not in shown:
            continue
        filing = filings.place(
            (row["input_accession"], row["input_form"], _text(row["input_filed_date"]))
        )
        fact = facts.place(
            (
                row["input_concept"],
                row["input_unit"],
                _text(row["input_start"]),
                _text(row["input_end"]),
                exact(row["input_value"]),
                filing,
            )
        )
        found.setdefault((key, row["known_from"]), []).append((fact, row["weight"]))
    return found


def _vintage(
    row: MartRow,
    key: CellKey,
    facts_of: Mapping[tuple[CellKey, Any], list[tuple[int, int]]],
) -> list[Any]:
    """Value, currency, rule or blank reason, known from, share basis, start, facts, accession."""
    return [
        None if row["value"] is None else exact(row["value"]),
        row["currency"],
        row["rule"] or row["blank_reason"],
        day_filed(row["known_from"]),
        exact(row["split_factor"]),
        _text(row["period_start"]),
        facts_of.get((key, row["known_from"]), []) if row["known_to"] is None else [],
        row["accession"],
    ]


def _text(value: Any) -> str | None:
    return None if value is None else value.isoformat()
