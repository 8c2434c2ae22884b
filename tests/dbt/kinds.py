"""Facts of filers of many kinds, and the hand-checked cells of theirs that the certificate scores.

`python -m tests.dbt.kinds` carries both over from the recorded data: identifiers and numbers of the
concepts that a line or a template reads, and of each filer, line and period type the newest and the
oldest cell, with every cell that a scan over published figures had found at fault.
"""

import csv
import gzip
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import orjson

from connectors.sec import FACTS, SecFact
from connectors.sec import parse as sec
from tests.nights import ROOT
from tests.recorded import recorded

BODIES = Path(__file__).with_name("kinds_facts.jsonl.gz")
SEEDS = ROOT / "dbt_project" / "seeds"
TRUTH = SEEDS / "truth_cells.csv"
TRUTH_FILES = ("lines_kinds.csv", "lines_kinds_hunted.csv")
# A cell that no filing was read for has this day.
UNDATED = "1900-01-01"
# A recorded file whose filings lie further apart lacks some between them.
LONGEST_PAUSE = timedelta(days=400)


@dataclass(frozen=True)
class Filer:
    """A filer and the facts of its filings."""

    cik: int
    name: str
    facts: list[SecFact]


def filers() -> Iterator[Filer]:
    """All of them, as the connector reads them."""
    with gzip.open(BODIES, "rb") as lines:
        for line in lines:
            body = orjson.loads(line)
            rows = sec.parse_companyfacts(line, body["cik"]).rows[FACTS]
            yield Filer(
                body["cik"], body["entityName"], [row for row in rows if isinstance(row, SecFact)]
            )


def carry_over() -> None:
    """Write the facts, and the cells among those that are there."""
    bodies = [_reduced(file) for file in sorted(recorded("kinds", "companyfacts").glob("*.json"))]
    lines = b"".join(orjson.dumps(body) + b"\n" for body in bodies)
    # No time of writing: the same facts are the same file.
    BODIES.write_bytes(gzip.compress(lines, mtime=0))
    filed = {body["cik"]: _filing_days(body) for body in bodies}
    with TRUTH.open(newline="") as file:
        rows = list(csv.DictReader(file))
    kept = {_key(row): row for row in rows if int(row["cik"]) not in filed}
    for row in _cells():
        cell = _cell(row, filed[int(row["cik"])])
        kept[_key(cell)] = cell
    with TRUTH.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(row for _, row in sorted(kept.items()))


def _reduced(file: Path) -> dict[str, Any]:
    body = json.loads(file.read_bytes())
    known = {
        (row["taxonomy"], row["concept"])
        for seed in ("line_concepts.csv", "template_concepts.csv")
        for row in csv.DictReader((SEEDS / seed).open(newline=""))
    }
    facts: dict[str, dict[str, Any]] = {}
    for taxonomy, concepts in body["facts"].items():
        for concept, found in concepts.items():
            if (taxonomy, concept) in known:
                facts.setdefault(taxonomy, {})[concept] = {"units": found["units"]}
    return {"cik": int(body["cik"]), "entityName": body["entityName"], "facts": facts}


def _filing_days(body: dict[str, Any]) -> dict[str, date]:
    """The day of each filing, by accession."""
    return {
        fact["accn"]: date.fromisoformat(fact["filed"])
        for concepts in body["facts"].values()
        for found in concepts.values()
        for rows in found["units"].values()
        for fact in rows
    }


def _cells() -> list[dict[str, str]]:
    """The newest and the oldest cell of each filer, line and period type; all that scans found."""
    regular, hunted = (
        list(csv.DictReader(recorded("truth", name).open(newline=""))) for name in TRUTH_FILES
    )
    series: dict[tuple[str, ...], list[dict[str, str]]] = {}
    for row in sorted(regular, key=lambda row: row["period_end"]):
        series.setdefault((row["cik"], row["line"], row["period_type"]), []).append(row)
    ends = [cell for cells in series.values() for cell in (cells[0], cells[-1])]
    return ends + hunted


def _cell(row: dict[str, str], filed: dict[str, date]) -> dict[str, str]:
    """The cell as the seed has it: it holds until the filings that were seen end."""
    days = sorted(set(filed.values()))
    since = row["known_from"]
    if since == UNDATED:
        since = str(next(day for day in days if str(day) > row["period_end"]))
    if row["period_type"] == "ttm":
        # Twelve months are known when the last of the filings is that they are made of.
        named = re.findall(r"\d{10}-\d{2}-\d{6}", row["evidence"])
        since = max(since, *(str(filed[accession]) for accession in named if accession in filed))
    last = date.fromisoformat(since)
    for day in days:
        if last < day <= last + LONGEST_PAUSE:
            last = day
    return {
        "cik": str(int(row["cik"])),
        "line": row["line"],
        "period_type": row["period_type"],
        "period_end": row["period_end"],
        "known_from": since,
        "known_to": str(last + timedelta(days=1)),
        "value": row["value"],
        "alternatives": row["also_ok"],
    }


def _key(row: dict[str, str]) -> tuple[Any, ...]:
    return (
        int(row["cik"]), row["line"], row["period_type"], row["period_end"], row["known_from"],
    )  # fmt: skip


if __name__ == "__main__":
    carry_over()
