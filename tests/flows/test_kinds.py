"""Filers of every kind, and made-up ones after public bug reports, in one live night."""

import csv
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from tests.flows.test_live_night import live_home
from tests.nights import Home, make_home, plain_night
from tests.recorded import recorded
from warehouse.ops import RunSummary

FIELDS = ("cik", "line", "period_type", "period_end", "value")
# Periods that are awaited are those of the day that asks.
AWAITED = "('not_due', 'not_filed', 'source_down')"
CUTS = (date(2010, 1, 1), date(2026, 1, 1))
# Until when the predecessor filed.
SUCCEEDED = "2024-09-30"


def watchlist() -> str:
    """Every recorded filer and case under its own name."""
    kinds = list(csv.DictReader(recorded("kinds", "filers.csv").open(newline="")))
    former = {row["predecessor_of"]: row for row in kinds if row["predecessor_of"]}
    entries = []
    for row in kinds:
        if row["predecessor_of"]:
            continue
        entry = _entry(recorded("kinds", "companyfacts"), int(row["cik"]), row["ticker"])
        if row["cik"] in former:
            before = former[row["cik"]]
            entry["predecessors"] = [
                {"cik": int(before["cik"]), "name": before["name"], "to": SUCCEEDED}
            ]
        entries.append(entry)
    for folder in ("cases", ""):
        place = recorded(*filter(None, (folder, "companyfacts")))
        entries += [
            _entry(place, int(file.stem[3:]), f"T{int(file.stem[3:])}")
            for file in sorted(place.glob("CIK*.json"))
        ]
    return json.dumps({"companies": entries})


def _entry(folder: Path, cik: int, ticker: str) -> dict[str, Any]:
    name = json.loads((folder / f"CIK{cik:010d}.json").read_bytes())["entityName"]
    return {
        "id": f"c{cik}",
        "name": name,
        "cik": cik,
        "segment": "k12",
        "delivery_model": "B2C",
        "tickers": [{"symbol": ticker}],
    }


@pytest.fixture(scope="module")
def night() -> Iterator[tuple[Home, RunSummary]]:
    home = Home(make_home())
    (home.path / "watchlist.yaml").write_text(watchlist())
    with HTTPServer() as server:
        live = live_home(home, server)
        live.variables["CORPINTEL_WATCHLIST"] = str(home.path / "watchlist.yaml")
        with live.server_up():
            yield live, plain_night(live, "live")
    shutil.rmtree(home.path, ignore_errors=True)


@pytest.fixture(scope="module")
def kinds(night: tuple[Home, RunSummary]) -> Home:
    return night[0]


def test_every_kind_of_filer_is_published_and_none_held_back(kinds: Home) -> None:
    held = kinds.query("select * from mart_data_quality where check_name = 'held_back'")
    assert held == []
    told = kinds.query("select count(distinct cik) as filers from fct_financials")
    assert told == [{"filers": "57"}]


@pytest.mark.parametrize(
    ("truth", "cells", "most_wrong", "most_abstained"),
    [
        ("lines_kinds.csv", 2817, 0.0005, 0.04),
        ("lines_kinds_hunted.csv", 42, 0.0, 0.05),
    ],
)
def test_the_newest_answers_are_right(
    kinds: Home, tmp_path: Path, truth: str, cells: int, most_wrong: float, most_abstained: float
) -> None:
    answers = kinds.query(f"select {', '.join(FIELDS)} from fct_financials where status = 'ok'")
    path = tmp_path / "answers.csv"
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, FIELDS)
        writer.writeheader()
        writer.writerows(answers)
    done = subprocess.run(
        [sys.executable, recorded("truth", "score.py"), path, "--truth", recorded("truth", truth)],
        capture_output=True,
        text=True,
        check=False,
    )
    total = next(line for line in done.stdout.splitlines() if line.startswith("TOTAL"))
    names = ("exact", "alt", "wrong", "abstained", "invented", "ok_empty", "cells")
    counts = dict(zip(names, map(int, re.findall(r"\d+", total)), strict=True))
    assert counts["cells"] == cells
    assert counts["wrong"] + counts["invented"] <= most_wrong * cells
    assert counts["abstained"] <= most_abstained * cells


def test_a_predecessor_and_its_successor_have_one_history(kinds: Home) -> None:
    rows = kinds.query(
        "select period_end, value from fct_financials where ticker = 'BLK' and line = 'net_income'"
        " and period_type = 'annual' and status = 'ok' order by 1"
    )
    years = [int(row["period_end"][:4]) for row in rows]
    # The recorded files lack the years between.
    assert {2007, 2008, 2009, 2022, 2023, 2024} <= set(years)
    assert len(years) == len(set(years))


def cells(
    kinds: Home, case: int, line: str, period_type: str = "annual", column: str = "value"
) -> dict[str, str]:
    """The case's answers by period end: its values, or another column."""
    rows = kinds.query(
        f"select period_end, {column} as answer from fct_financials where cik = {case}"
        f" and line = '{line}' and period_type = '{period_type}' order by 1"
    )
    return {row["period_end"]: row["answer"] for row in rows}


def newest(answers: dict[str, str]) -> Decimal:
    return Decimal(next(value for value in reversed(answers.values()) if value))


def test_a_filer_without_an_annual_report_has_figures_and_no_fiscal_year(kinds: Home) -> None:
    rows = kinds.query(
        "select count(value) as known, count(fiscal_year) as labelled from fct_financials"
        " where cik = 9100101"
    )
    assert int(rows[0]["known"]) > 0
    assert rows[0]["labelled"] == "0"


def test_of_an_exact_and_a_rounded_value_the_exact_one_is_served(kinds: Home) -> None:
    told = kinds.query(
        "select value from fct_financial_vintages where cik = 9100301 and line = 'total_assets'"
        " and period_end = '2024-12-31' and status = 'ok'"
    )
    assert told == [{"value": "171797000000"}]


def test_costs_and_outlays_with_a_minus_are_turned(kinds: Home) -> None:
    assert newest(cells(kinds, 9100014, "cost_of_revenue")) == 3_136_317_000
    assert newest(cells(kinds, 9100014, "gross_profit")) == 2_090_879_000
    flow, outlay, free = (
        newest(cells(kinds, 9100014, line))
        for line in ("operating_cash_flow", "capital_expenditure", "free_cash_flow")
    )
    assert outlay > 0
    assert free == flow - outlay


def test_an_amendment_in_thousands_does_not_win(kinds: Home) -> None:
    assert cells(kinds, 9100002, "net_income")["2024-12-31"] == "534101000"
    assert cells(kinds, 9100002, "revenue")["2024-12-31"] == "4829120000"


def test_a_balance_is_of_a_day_on_which_a_period_ends(kinds: Home) -> None:
    rows = kinds.query(
        "select balance_sheet_date, total_assets, cash from mart_company_performance"
        " where company_id = 'c9100201'"
    )
    assert rows[0]["balance_sheet_date"] == "2026-09-30"
    assert round(Decimal(rows[0]["total_assets"]), -6) == 5_713_000_000
    assert round(Decimal(rows[0]["cash"]), -6) == 714_000_000


def test_another_currency_is_no_error_correction(kinds: Home) -> None:
    rows = kinds.query(
        "select restatement_class, count(*) as changes, count(change_pct) as rated"
        " from mart_restatements where cik = 9100022 group by 1"
    )
    assert [row["restatement_class"] for row in rows] == ["currency"]
    assert int(rows[0]["changes"]) > 0
    assert rows[0]["rated"] == "0"


def test_an_uneven_split_makes_one_basis(kinds: Home) -> None:
    eps = cells(kinds, 9100011, "eps_diluted", column="round(value / split_factor, 4)")
    assert [Decimal(value) for value in eps.values() if value] == [
        Decimal(value) for value in ("1.4", "1.6", "1.8", "2.0", "2.2", "2.4")
    ]


def test_a_loss_has_no_positive_earnings_per_share(kinds: Home) -> None:
    losses = cells(kinds, 9100204, "net_income")
    assert all(Decimal(value) < 0 for value in losses.values() if value)
    told = kinds.query(
        "select distinct blank_reason from fct_financials where cik = 9100204"
        " and line = 'eps_diluted' and period_type = 'annual' and period_end < '2026-01-01'"
    )
    assert told == [{"blank_reason": "check_failed"}]


def test_a_payment_does_not_shrink_within_a_year(kinds: Home) -> None:
    for period_type, ends in (("quarter", "-12-31"), ("ttm", "-12-31")):
        values = cells(kinds, 9100015, "dividends_paid", period_type)
        reasons = cells(kinds, 9100015, "dividends_paid", period_type, "blank_reason")
        last = [end for end in values if end.endswith(ends)]
        assert last
        assert {(values[end], reasons[end]) for end in last} == {("", "check_failed")}


def test_an_advisers_only_revenue_tag_is_read(kinds: Home) -> None:
    revenue = cells(kinds, 9100019, "revenue")["2025-12-31"]
    assert round(Decimal(revenue), -6) == 5_227_000_000


def test_a_maker_with_a_finance_arm_is_no_bank(kinds: Home) -> None:
    assert round(newest(cells(kinds, 9100203, "revenue")), -6) == 4_829_000_000
    assert newest(cells(kinds, 9100203, "gross_profit")) > 0
    assert newest(cells(kinds, 9100203, "inventory", "instant")) > 0


def test_units_are_read_however_they_are_spelled(kinds: Home) -> None:
    eps = cells(kinds, 9100023, "eps_diluted")
    assert [Decimal(value) for value in eps.values() if value] == [
        Decimal("4.56"), Decimal("4.93"), Decimal("5.34"),
    ]  # fmt: skip


def test_nothing_filed_later_has_a_part_in_an_answer(
    night: tuple[Home, RunSummary], request: pytest.FixtureRequest
) -> None:
    """A night with an earlier day sees nothing that was filed after it."""
    home, _ = night
    columns = "cik, line, period_type, period_end, value, currency, split_factor, blank_reason"
    told = f"select {columns} from {{}} where coalesce(blank_reason, '') not in {AWAITED}"
    # One day in the middle, or so many from the first filings on.
    count = request.config.getoption("--cuts")
    days = [CUTS[0] + (CUTS[1] - CUTS[0]) * (n + 1) / (count + 1) for n in range(count)]
    known = {day: home.query(told.format(f"financials_as_of(date '{day}')")) for day in days}
    # Backwards: a night for a later day is held back where it loses cells against the last one.
    for day, answers in reversed(known.items()):
        plain_night(home, "live", as_of=day, asks=False)
        assert len(answers) > 1_000
        assert _sorted(home.query(told.format("fct_financials"))) == _sorted(answers), day


def _sorted(rows: list[dict[str, str]]) -> list[tuple[str, ...]]:
    return sorted(tuple(row.values()) for row in rows)
