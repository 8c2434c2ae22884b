"""The recorded filers, whole, through the live path, scored by the scorer beside the truth."""

import csv
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from tests.flows.test_live_night import live_home
from tests.nights import Home, make_home, plain_night
from tests.recorded import recorded

FILERS = ("DUOL", "AAPL", "NVDA", "META", "SNOW", "TSM", "PLUG", "DDOG")
FIELDS = ("cik", "line", "period_type", "period_end", "value")


@pytest.fixture(scope="module")
def filers() -> Iterator[Home]:
    recorded("truth", "score.py")
    home = Home(make_home())
    with HTTPServer() as server:
        live = live_home(home, server)
        with live.server_up():
            plain_night(live, "live", *FILERS)
            yield live
    shutil.rmtree(home.path, ignore_errors=True)


def score(answers: list[dict[str, str]], path: Path, *fields: str) -> dict[str, int]:
    """Counts of the scorer's totals by verdict; it fails beyond the limits of the product."""
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, fields, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(answers)
    done = subprocess.run(
        [sys.executable, recorded("truth", "score.py"), path, "--limits", "0", "0.03"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    total = next(line for line in done.stdout.splitlines() if line.startswith("TOTAL"))
    names = ("exact", "alt", "wrong", "abstained", "invented", "ok_empty", "cells")
    return dict(zip(names, map(int, re.findall(r"\d+", total)), strict=True))


def test_the_newest_answers_are_right(filers: Home, tmp_path: Path) -> None:
    answers = filers.query(f"select {', '.join(FIELDS)} from fct_financials where status = 'ok'")
    counts = score(answers, tmp_path / "newest.csv", *FIELDS)
    assert counts["cells"] > 1400
    assert (counts["wrong"], counts["invented"]) == (0, 0)


def test_every_vintage_is_right_on_its_first_and_last_day(filers: Home, tmp_path: Path) -> None:
    asked = set()
    with recorded("truth", "lines.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            last = date.fromisoformat(row["known_to"] or row["known_from"])
            last -= timedelta(days=1 if row["known_to"] else 0)
            key = (str(int(row["cik"])), row["line"], row["period_type"], row["period_end"])
            asked |= {(*key, row["known_from"]), (*key, str(last))}
    days = ", ".join(f"date '{day}'" for day in sorted({cell[-1] for cell in asked}))
    answers = filers.query(
        f"select {', '.join(f'answer.{name}' for name in FIELDS)}, days.day as as_of"
        f" from unnest(array[{days}]) as days (day)"
        " cross join lateral financials_as_of("
        "(days.day + time '23:59:59') at time zone 'America/New_York') as answer"
        " where answer.status = 'ok'"
    )
    names = (*FIELDS[:-1], "as_of")
    answers = [row for row in answers if tuple(row[name] for name in names) in asked]
    counts = score(answers, tmp_path / "vintages.csv", *FIELDS, "as_of")
    assert counts["cells"] > 1700
    assert (counts["wrong"], counts["invented"]) == (0, 0)


def test_the_certificate_finds_nothing_wrong(filers: Home) -> None:
    verdicts = {
        row["verdict"]: int(row["answers"])
        for row in filers.query(
            "select verdict, count(*) as answers from mart_accuracy_certificate group by 1"
        )
    }
    assert set(verdicts) <= {"exact", "alternative", "rightly_blank", "abstained"}
    assert verdicts["exact"] > 3500
    # Three counts of shares that a note gives by class alone, and a quarter beside a recast year.
    assert verdicts["abstained"] <= 7
