"""What is made from `seeds/measures.csv`: `make measures` writes it, a test compares it.

A measure is defined once, in that seed. dbt cannot read a seed while it parses, so the SQL of each
measure, and the columns that carry them, are written from it and committed. What `value` and `base`
name are cells at the same period end (`revenue_ttm`, `revenue_quarter`, a balance without an end)
or, with a time before it, at an earlier one (`year_before.deferred_revenue`).
"""

import csv
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

from tests.dbt.lines import PROJECT, read_lines, write

_CELL = re.compile(r"(?:([a-z_]+)\.)?([a-z][a-z_0-9]*)")
_COLUMNS = re.compile(
    r"( +)# Measures: made from seeds/measures\.csv by `make measures`\.\n.*?\n"
    r" +# End of measures\.\n",
    re.S,
)
# Made of other measures, so after them.
OF_MEASURES = ("change", "sum")
YEARS = {"three_years_before": 3}
# mart_company_performance works these out of vendors' figures too, with a reason beside each.
WITH_OWN_REASON = (
    "revenue_growth_pct",
    "gross_margin_pct",
    "operating_margin_pct",
    "net_margin_pct",
    "fcf_margin_pct",
    "rule_of_40_pct",
)
OF_VENDORS = (*WITH_OWN_REASON, "revenue_quarter_growth_pct")


class Measure(NamedTuple):
    """A measure, as the seed declares it."""

    measure: str
    kind: str
    unit: str
    direction: str
    value: str
    base: str
    earlier: str
    sort_order: str
    description: str

    @property
    def needs(self) -> list[tuple[str, str]]:
        """The cells, or the measures, that it is made of: when, and which."""
        here = [(when or "now", name) for when, name in _CELL.findall(f"{self.value} {self.base}")]
        then = [(self.earlier, name) for _, name in here] if self.earlier else []
        return list(dict.fromkeys(here + then))

    @property
    def sql(self) -> str:
        """Its value; blank where a cell is, or where what it is divided by is not positive."""
        value, base = _aliased(self.value, "now"), _aliased(self.base, "now")
        before = _aliased(self.value, self.earlier)
        if self.kind == "ratio":
            return f"case when {base} > 0 then trim_scale(({value}) / ({base})) end"
        if self.kind == "growth":
            return f"case when {before} > 0 then trim_scale({value} / {before} - 1) end"
        if self.kind == "yearly_growth":
            root = f"power({value} / {before}, 1.0 / {YEARS[self.earlier]})"
            return f"case when {before} > 0 and {value} > 0 then {root} - 1 end"
        if self.kind == "change":
            return f"{value} - {before}"
        return value

    @property
    def published(self) -> str:
        """Its column of the mart: rounded there, once, unless it is an amount of its cells."""
        return (
            self.measure if self.unit == "money" else f"round({self.measure}, 6) as {self.measure}"
        )


def _aliased(expression: str, when: str) -> str:
    return _CELL.sub(lambda found: f"{found[1] or when}.{found[2]}", expression)


def read_measures() -> list[Measure]:
    """The measures in their order."""
    with (PROJECT / "seeds" / "measures.csv").open(encoding="utf-8", newline="") as file:
        measures = [Measure(**row) for row in csv.DictReader(file)]
    return sorted(measures, key=lambda measure: int(measure.sort_order))


def _cells(measures: list[Measure]) -> dict[str, list[str]]:
    """The lines that the measures are made of, by where they are read."""
    known = {line.line: line.nature for line in read_lines()}
    read: dict[str, set[str]] = {"ttm": {"revenue"}, "quarter": {"revenue"}, "balance": set()}
    for measure in measures:
        if measure.kind in OF_MEASURES:
            continue
        for _, name in measure.needs:
            line, _, kind = name.rpartition("_")
            if kind in ("ttm", "quarter"):
                read[kind].add(line)
            else:
                assert known[name] in ("stock", "shares"), f"{measure.measure}: what is {name}?"
                read["balance"].add(name)
    return {where: [line for line in known if line in lines] for where, lines in read.items()}


def _macros(measures: list[Measure]) -> str:
    cells = ""
    for where, lines in _cells(measures).items():
        named = "".join(f"            {line!r},\n" for line in lines)
        cells += f"        {where!r}: [\n{named}        ],\n"
    listed = ""
    for one in measures:
        needs = "".join(f"                {need!r},\n" for need in one.needs)
        listed += (
            f"        {{\n            'name': {one.measure!r},\n"
            f"            'is_of_measures': {one.kind in OF_MEASURES},\n"
            f"            'is_of_vendors': {one.measure in OF_VENDORS},\n"
            f"            'has_own_reason': {one.measure in WITH_OWN_REASON},\n"
            f"            'sql': {one.sql!r},\n"
            f"            'published': {one.published!r},\n"
            f"            'needs': [\n{needs}            ],\n        }},\n"
        )
    return (
        "{# Made from seeds/measures.csv by `make measures`. #}\n"
        "{# The lines that measures are made of, by where they are read. #}\n"
        "{% macro measured_cells() -%}\n    {{ return({\n" + cells + "    }) }}\n{%- endmacro %}\n"
        "\n{# The measures in their order: SQL over cells, and which cells each needs. #}\n"
        "{% macro measures() -%}\n    {{ return([\n" + listed + "    ]) }}\n{%- endmacro %}\n"
    )


def _columns(measures: list[Measure], indent: str) -> str:
    return (
        f"{indent}# Measures: made from seeds/measures.csv by `make measures`.\n"
        + "".join(
            f"{indent}- name: {one.measure}\n"
            f"{indent}  data_type: numeric\n"
            f'{indent}  description: "{one.description}"\n'
            for one in measures
        )
        + f"{indent}# End of measures.\n"
    )


def _same(text: str, _found: re.Match[str]) -> str:
    return text


def made_files() -> Iterator[tuple[Path, str]]:
    """Every file that lists the measures, with what it should hold."""
    measures = read_measures()
    yield PROJECT / "macros" / "measures.sql", _macros(measures)
    added = [measure for measure in measures if measure.measure not in OF_VENDORS]
    for mart, carried in (("series", measures), ("performance", added)):
        columns = PROJECT / "models" / "marts" / mart / f"_{mart}.yml"
        text = columns.read_text(encoding="utf-8")
        [indent] = _COLUMNS.findall(text)
        yield columns, _COLUMNS.sub(partial(_same, _columns(carried, indent)), text)


if __name__ == "__main__":
    write(made_files())
