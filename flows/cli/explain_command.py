"""corpintel explain: a cell with its facts, vintages and what was refused, or a measure's parts."""

import json
from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

import typer

from flows.cli.options import to_date
from flows.night.bad_request import BadRequestError
from warehouse.db import open_warehouse
from warehouse.read.connection import Reader, open_reader
from warehouse.read.errors import UnknownLineError
from warehouse.read.explain import (
    NEW_YORK,
    ExplainedCell,
    Explanation,
    Question,
    VendorFigure,
    explain,
)
from warehouse.read.measures import ExplainedMeasure, explain_measure, measures
from warehouse.settings import load_settings

__all__ = ["Question", "run"]

# Shown last: what agrees with the answer tells least.
_TAKEN = ("new_value", "repeat", "rounded_repeat")


def run(question: Question, as_json: bool) -> None:
    """Answer from the current publication; print it for people or as JSON."""
    with open_warehouse(load_settings()) as warehouse, open_reader(warehouse) as connection:
        try:
            answer = explain(connection, question)
        except UnknownLineError:
            if question.line not in {one.measure for one in measures(connection)}:
                raise
            _tell_measure(connection, question, as_json)
            return
    if as_json:
        print(json.dumps(_fields(answer), default=_plain, indent=2, ensure_ascii=False))
    else:
        print("\n".join(_lines(answer)))


def _tell_measure(connection: Reader, question: Question, as_json: bool) -> None:
    if question.as_of is not None:
        raise BadRequestError(
            f"--as-of {question.as_of}: a measure is told as it is now; ask for a line that it is "
            "made of, or leave --as-of out"
        )
    answer = explain_measure(connection, question.company, question.line, question.period)
    if as_json:
        print(json.dumps(asdict(answer), default=_plain, indent=2, ensure_ascii=False))
        return
    lines = [
        f"{answer.company.name} ({answer.company.label}), {answer.measure.measure},"
        f" at {answer.period_end}: {_measured(answer)}",
        f"  {answer.measure.description}",
        f"  {answer.measure.formula}",
    ]
    if answer.blank is not None:
        lines.insert(1, f"  {answer.blank.words[0].upper()}{answer.blank.words[1:]}.")
    for part in answer.parts:
        shown = part.blank_reason or "no such cell"
        if part.value is not None:
            shown = f"{_number(part.value)} {part.currency or ''}".rstrip()
        if part.period_type == "measure" and part.value is not None:
            shown = _number(part.value)
        lines += ["", f"{part.name}, {part.at.replace('_', ' ')}  {shown}"]
        if part.period_end is not None:
            behind = f", rule {part.rule}" if part.rule else ""
            filing = f", {part.accession}" if part.accession else ""
            lines.append(f"    {part.period_type} to {part.period_end}{behind}{filing}")
    print("\n".join(lines))


def _measured(answer: ExplainedMeasure) -> str:
    if answer.value is None:
        return f"blank, {answer.blank.code if answer.blank else 'not_stated'}"
    if answer.measure.unit == "share":
        return f"{_number(answer.value)} ({answer.value * 100:,.1f} %)"
    unit = answer.currency if answer.measure.unit == "money" else answer.measure.unit
    return f"{_number(answer.value)} {unit or ''}".rstrip()


def _fields(answer: Explanation) -> dict[str, Any]:
    """The answer for a program; of other vintages what may differ."""
    return {
        "company": answer.company.name,
        "company_id": answer.company.company_id,
        "line": answer.line,
        "as_of": answer.as_of,
        "cell": None if answer.cell is None else asdict(answer.cell),
        "other_vintages": [
            {
                "value": row.value,
                "blank_reason": row.blank_reason,
                "rule": row.rule,
                "split_factor": row.split_factor,
                "known_from": row.known_from,
                "known_to": row.known_to,
            }
            for row in answer.other_vintages
        ],
        "blank": None if answer.blank is None else asdict(answer.blank),
        "vendor_figures": [asdict(figure) for figure in answer.vendor_figures],
    }


def _lines(answer: Explanation) -> list[str]:
    if answer.cell is None:
        lines = _lines_without_cell(answer)
    else:
        lines = _lines_of_cell(answer, answer.cell)
    if answer.vendor_figures:
        lines += ["", "Vendors' figures, which are no part of answers from filings"]
        fields = {(figure.source, figure.field) for figure in answer.vendor_figures}
        for field in sorted(fields):
            lines += _vendor_lines(
                [
                    figure
                    for figure in answer.vendor_figures
                    if (figure.source, figure.field) == field
                ]
            )
    elif answer.cell is None:
        lines += ["", f"No vendor's {answer.line} of this period is loaded either."]
    return lines


def _lines_without_cell(answer: Explanation) -> list[str]:
    company = answer.company
    assert answer.blank is not None
    filings = (
        "It has no CIK: it owes SEC no filings, and none can be loaded."
        if company.cik is None
        else f"Its CIK is {company.cik}; a live night loads what it filed."
    )
    return [
        f"{company.name} ({company.label}), {answer.line}",
        f"As known on {_day(answer.as_of)}: blank, {answer.blank.code}",
        *_blank_lines(answer),
        f"  {filings}",
    ]


def _lines_of_cell(answer: Explanation, cell: ExplainedCell) -> list[str]:
    lines = [
        f"{answer.company.name} ({answer.company.label}), {cell.line}, {_period_text(cell)}",
        f"As known on {_day(answer.as_of)}: {_value_text(cell)}",
        *_blank_lines(answer),
    ]
    if cell.split_factor != 1:
        lines.append(f"  Share basis: {_number(cell.split_factor)} of today's for one of then.")
    if cell.rule:
        lines += [
            f"  {cell.derivation} by rule {cell.rule}: {cell.formula}",
            f"  {cell.reason}",
        ]
    for number, fact in enumerate(cell.inputs or (), 1):
        lines += ["", *_fact_lines(f"Fact {number}  {_signed(fact)}", fact)]
    if answer.other_vintages:
        lines += ["", "Other vintages"]
        lines += [_vintage_text(row) for row in answer.other_vintages]
    refused = [c for c in cell.candidates or () if c["verdict"] not in _TAKEN]
    if refused:
        lines += ["", "Candidates that were not taken"]
        for fact in refused:
            lines += _fact_lines(f"  {fact['verdict']}  {_number(fact['value'])}", fact)
    return lines


def _blank_lines(answer: Explanation) -> list[str]:
    if answer.blank is None:
        return []
    lines = [f"  {answer.blank.words[0].upper()}{answer.blank.words[1:]}."]
    if answer.blank.needed:
        lines.append(f"  What would fill it: {answer.blank.needed}.")
    return lines


def _vendor_lines(figures: list[VendorFigure]) -> list[str]:
    """One field of one vendor: how far it can be trusted, then its figures."""
    field = figures[0]
    trust = "trusted" if field.is_trusted else "not trusted"
    if field.compared_count:
        trust += (
            f", agrees with filings in {field.agreeing_count:,} of {field.compared_count:,}"
            " comparisons over all companies"
        )
    lines = [f"  {field.source}, field {field.field} ({trust})"]
    for figure in figures:
        compared = ""
        if figure.filed_value is not None:
            judged = "agrees with" if figure.is_agreeing else "differs from"
            compared = f", {judged} the filed {_number(figure.filed_value)}"
        joint = "at" if figure.period_type == "instant" else "to"
        lines.append(
            f"    {_number(figure.value)} {figure.currency or 'shares'}  {figure.period_type}"
            f" {joint} {figure.period_end}, captured {_day(figure.captured_at)}{compared}"
        )
    return lines


def _fact_lines(heading: str, fact: dict[str, Any]) -> list[str]:
    days = f"{fact['start']} to {fact['end']}" if fact["start"] else f"at {fact['end']}"
    return [
        f"{heading} {fact['unit']}  {fact['concept']}, {days}",
        f"    {fact['form']} filed {fact['filed']}, {fact['accession']}",
        f"    {fact['url']}",
    ]


def _signed(fact: dict[str, Any]) -> str:
    weight = fact["weight"]
    times = "" if abs(weight) == 1 else f"{abs(weight)} x "
    return f"{'+' if weight > 0 else '-'} {times}{_number(fact['value'])}"


def _period_text(cell: ExplainedCell) -> str:
    label = f"FY{cell.fiscal_year}"
    if cell.period_type in ("quarter", "instant"):
        label = f"{cell.fiscal_year}Q{cell.fiscal_quarter}"
    if cell.fiscal_year is None:
        label = cell.period_type
    if cell.period_type == "ttm":
        label = "TTM"
    if cell.period_type == "instant":
        return f"{label} at {cell.period_end}"
    return f"{label} {cell.period_start} to {cell.period_end}"


def _value_text(cell: ExplainedCell) -> str:
    if cell.status == "blank":
        return f"blank, {cell.blank_reason}"
    return f"{_number(cell.value)} {cell.currency or 'shares'}"


def _vintage_text(row: ExplainedCell) -> str:
    value = row.blank_reason if row.value is None else _number(row.value)
    basis = "" if row.split_factor == 1 else f"  split factor {_number(row.split_factor)}"
    return f"  {value}  known {_day(row.known_from)} to {_day(row.known_to) or 'now'}{basis}"


def _number(value: Any) -> str:
    return f"{Decimal(str(value)).normalize():,f}"


def _day(instant: datetime | None) -> str:
    """The day in New York, where filings are dated."""
    return "" if instant is None else f"{instant.astimezone(NEW_YORK):%Y-%m-%d}"


def _plain(value: Any) -> Any:
    """Amounts stay exact: JSON's numbers would not."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else str(value)
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


app = typer.Typer(add_completion=False)


@app.command("explain", epilog="Example: corpintel explain DUOL revenue --period FY2025")
def explain_command(
    ticker: Annotated[str, typer.Argument(help="A company's ticker or CIK.")],
    line: Annotated[
        str,
        typer.Argument(
            help="A line of the statements, such as revenue, or a measure, such as roe_pct."
        ),
    ],
    period: Annotated[
        str | None,
        typer.Option(
            metavar="PERIOD",
            help="FY2024, 2024Q3, TTM or a quarter's last day; default the newest.",
        ),
    ] = None,
    as_of: Annotated[
        str | None, typer.Option(metavar="DATE", help="What was known on that day; default now.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Say where a figure comes from: formula, facts, filings, other vintages, what was refused."""
    run(Question(ticker, line, period, to_date("--as-of", as_of)), as_json)
