"""corpintel explain: a cell with its formula, its facts, other vintages and what was refused."""

import difflib
import json
import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import psycopg
import typer
from psycopg.rows import dict_row
from psycopg.types.json import set_json_loads

from flows.cli.options import to_date
from flows.night.bad_request import BadRequestError
from warehouse.db import open_warehouse
from warehouse.settings import load_settings

_NEW_YORK = ZoneInfo("America/New_York")
_PERIOD = re.compile(r"FY(?P<year>\d{4})|(?P<quarter_year>\d{4})Q(?P<quarter>[1-4])|TTM", re.I)

# Of the vintages in force at the instant asked about, those of the period.
_VINTAGES = """
select *
from marts.financials_explained
where cik = %(cik)s and line = %(line)s and period_type = any(%(period_types)s)
    and (%(year)s::int is null or fiscal_year = %(year)s)
    and (%(quarter)s::int is null or fiscal_quarter = %(quarter)s)
    and known_from <= %(known_at)s
order by period_end desc, known_from desc
"""

_PERIODS = """
select distinct on (period_end)
    case period_type
        when 'annual' then 'FY' || fiscal_year
        else fiscal_year || 'Q' || fiscal_quarter
    end as label
from marts.fct_financials
where cik = %(cik)s and line = %(line)s and period_type in ('annual', 'quarter', 'instant')
    and status = 'ok'
order by period_end desc
limit 6
"""

_AWAITED = ("not_due", "not_filed", "source_down")

# Shown last: what agrees with the answer tells least.
_TAKEN = ("new_value", "repeat", "rounded_repeat")


@dataclass(frozen=True)
class Question:
    """What is asked: a cell's line and period, and as of when."""

    ticker: str
    line: str
    period: str | None
    as_of: date | None


def run(question: Question, as_json: bool) -> None:
    """Answer from the current publication; print it for people or as JSON."""
    with open_warehouse(load_settings()) as warehouse:
        try:
            with psycopg.connect(warehouse.reader_url(), row_factory=dict_row) as connection:
                set_json_loads(partial(json.loads, parse_float=Decimal), connection)
                answer = explain(connection, question)
        except (psycopg.errors.UndefinedTable, psycopg.OperationalError):
            raise BadRequestError(
                "nothing is published yet, or the read-only role cannot connect; run corpintel"
                " nightly --sample first, or check CORPINTEL_READER_PASSWORD"
            ) from None
    if as_json:
        print(json.dumps(answer, default=_plain, indent=2, ensure_ascii=False))
    else:
        print("\n".join(_lines(answer)))


def explain(connection: psycopg.Connection[Any], question: Question) -> dict[str, Any]:
    """The vintage in force with the others of its cell; raises BadRequestError for a wrong name."""
    company = _company(connection, question.ticker)
    nature = _nature(connection, question.line)
    known_at = _known_at(connection, question.as_of)
    period_types, year, quarter = _period(question.period, nature)
    rows = connection.execute(
        _VINTAGES,
        {
            "cik": company["cik"],
            "line": question.line,
            "period_types": period_types,
            "year": year,
            "quarter": quarter,
            "known_at": known_at,
        },
    ).fetchall()
    in_force = [row for row in rows if row["known_to"] is None or row["known_to"] > known_at]
    if question.period is None or question.period.upper() == "TTM":
        # The newest period with an answer, else the newest that is filed: an awaited one explains
        # nothing.
        sound = [row for row in in_force if row["status"] == "ok"]
        filed = [row for row in in_force if row["blank_reason"] not in _AWAITED]
        in_force = sound or filed or in_force
    if not in_force:
        known = connection.execute(_PERIODS, {"cik": company["cik"], "line": question.line})
        labels = ", ".join(row["label"] for row in known if row["label"])
        raise BadRequestError(
            f"--period {question.period or 'TTM'}: {company['ticker']} owes no {question.line} for "
            f"it as of {_day(known_at)}; {f'periods known: {labels}' if labels else 'none known'}"
        )
    cell = in_force[0]
    same_cell = [
        row
        for row in rows
        if (row["period_type"], row["period_end"]) == (cell["period_type"], cell["period_end"])
    ]
    return {
        "company": company["name"],
        "as_of": known_at,
        "cell": cell,
        "other_vintages": [
            {
                name: row[name]
                for name in (
                    "value",
                    "blank_reason",
                    "rule",
                    "split_factor",
                    "known_from",
                    "known_to",
                )
            }
            for row in same_cell
            if row is not cell
        ],
    }


def _company(connection: psycopg.Connection[Any], ticker: str) -> dict[str, Any]:
    rows: list[dict[str, Any]] = connection.execute(
        "select ticker, name, cik from marts.mart_company_performance"
        " where figures_source = 'filing'"
    ).fetchall()
    for row in rows:
        if ticker.upper() in (row["ticker"], str(row["cik"])):
            return row
    known = sorted(row["ticker"] or str(row["cik"]) for row in rows)
    raise BadRequestError(
        f"TICKER {ticker!r} has no filings in this warehouse; {_near(ticker.upper(), known)}"
    )


def _nature(connection: psycopg.Connection[Any], line: str) -> str:
    rows = connection.execute(
        "select distinct line, period_type = 'instant' as is_balance from marts.fct_financials"
    ).fetchall()
    natures = {row["line"]: "balance" if row["is_balance"] else "flow" for row in rows}
    if line not in natures:
        raise BadRequestError(f"LINE {line!r} is no line of ours; {_near(line, sorted(natures))}")
    return natures[line]


def _near(given: str, known: list[str]) -> str:
    close = difflib.get_close_matches(given, known, n=3, cutoff=0.5)
    return f"did you mean {' or '.join(close)}?" if close else f"known: {', '.join(known)}"


def _known_at(connection: psycopg.Connection[Any], as_of: date | None) -> datetime:
    row = connection.execute(
        "select (coalesce(%s, max(as_of) filter (where is_current)) + time '23:59:59')"
        " at time zone 'America/New_York' as known_at from marts.publications",
        (as_of,),
    ).fetchone()
    assert row is not None
    if row["known_at"] is None:
        raise BadRequestError("nothing is published yet; run corpintel nightly --sample first")
    known_at: datetime = row["known_at"]
    return known_at


def _period(given: str | None, nature: str) -> tuple[list[str], int | None, int | None]:
    """Period types, fiscal year and quarter that a label such as FY2024 or 2024Q3 stands for."""
    if given is None:
        return (["instant"] if nature == "balance" else ["ttm", "annual"]), None, None
    found = _PERIOD.fullmatch(given)
    if found is None:
        raise BadRequestError(
            f"--period {given!r} is no period; write it like FY2024, 2024Q3 or TTM"
        )
    if found["year"]:
        if nature == "balance":
            return ["instant"], int(found["year"]), 4
        return ["annual"], int(found["year"]), None
    if found["quarter_year"]:
        types = ["instant"] if nature == "balance" else ["quarter"]
        return types, int(found["quarter_year"]), int(found["quarter"])
    if nature == "balance":
        raise BadRequestError(
            "--period TTM: a balance has no twelve months; write it like FY2024 or 2024Q3"
        )
    return ["ttm"], None, None


def _lines(answer: dict[str, Any]) -> list[str]:
    cell = answer["cell"]
    lines = [
        f"{answer['company']} ({cell['ticker']}), {cell['line']}, {_period_text(cell)}",
        f"As known on {_day(answer['as_of'])}: {_value_text(cell)}",
    ]
    if cell["split_factor"] != 1:
        lines.append(f"  Share basis: {_number(cell['split_factor'])} of today's for one of then.")
    if cell["rule"]:
        lines += [
            f"  {cell['derivation']} by rule {cell['rule']}: {cell['formula']}",
            f"  {cell['reason']}",
        ]
    for number, fact in enumerate(cell["inputs"] or (), 1):
        lines += ["", *_fact_lines(f"Fact {number}  {_signed(fact)}", fact)]
    if answer["other_vintages"]:
        lines += ["", "Other vintages"]
        lines += [_vintage_text(row) for row in answer["other_vintages"]]
    refused = [c for c in cell["candidates"] or () if c["verdict"] not in _TAKEN]
    if refused:
        lines += ["", "Candidates that were not taken"]
        for fact in refused:
            lines += _fact_lines(f"  {fact['verdict']}  {_number(fact['value'])}", fact)
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


def _period_text(cell: dict[str, Any]) -> str:
    label = f"FY{cell['fiscal_year']}"
    if cell["period_type"] in ("quarter", "instant"):
        label = f"{cell['fiscal_year']}Q{cell['fiscal_quarter']}"
    if cell["period_type"] == "ttm":
        label = "TTM"
    if cell["period_type"] == "instant":
        return f"{label} at {cell['period_end']}"
    return f"{label} {cell['period_start']} to {cell['period_end']}"


def _value_text(cell: dict[str, Any]) -> str:
    if cell["status"] == "blank":
        return f"blank, {cell['blank_reason']}"
    return f"{_number(cell['value'])} {cell['currency'] or 'shares'}"


def _vintage_text(row: dict[str, Any]) -> str:
    value = row["blank_reason"] if row["value"] is None else _number(row["value"])
    basis = "" if row["split_factor"] == 1 else f"  split factor {_number(row['split_factor'])}"
    return f"  {value}  known {_day(row['known_from'])} to {_day(row['known_to']) or 'now'}{basis}"


def _number(value: Any) -> str:
    return f"{Decimal(str(value)).normalize():,f}"


def _day(instant: datetime | None) -> str:
    """The day in New York, where filings are dated."""
    return "" if instant is None else f"{instant.astimezone(_NEW_YORK):%Y-%m-%d}"


def _plain(value: Any) -> Any:
    """Amounts stay exact: JSON's numbers would not."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else str(value)
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


app = typer.Typer(add_completion=False)


@app.command("explain")
def explain_command(
    ticker: Annotated[str, typer.Argument(help="A company's ticker or CIK.")],
    line: Annotated[str, typer.Argument(help="A line of the statements, such as revenue.")],
    period: Annotated[
        str | None,
        typer.Option(metavar="PERIOD", help="FY2024, 2024Q3 or TTM; default the newest."),
    ] = None,
    as_of: Annotated[
        str | None, typer.Option(metavar="DATE", help="What was known on that day; default now.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Say where a figure comes from: formula, facts, filings, other vintages, what was refused."""
    run(Question(ticker, line, period, to_date("--as-of", as_of)), as_json)
