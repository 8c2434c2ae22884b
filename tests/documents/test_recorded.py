"""Recorded filings and releases, read whole: text, sections, tagged facts and KPIs."""

import csv
import gzip
from collections import defaultdict
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from connectors.documents.amounts import counted
from connectors.documents.kpis import Kpi
from connectors.documents.metrics import metric_named
from connectors.documents.pdf import PREFERENCE
from connectors.documents.reading import Reading, read_document
from connectors.documents.sandbox import READING, reading_pool
from tests.recorded import recorded

_HERE = Path(__file__).parent
_LEAST_PRECISION = 0.995
_LEAST_RECALL = 0.93
_LEAST_RECALL_ELSEWHERE = 0.90
_LEAST_GUIDED = 0.97
_LEAST_RECALL_GUIDED = 0.70
# Of all statements, those too that a second witness contradicts.
_LEAST_STATED = 0.95
_REVENUES = {
    "us-gaap:Revenues",
    "us-gaap:RevenueFromContractWithCustomerExcludingAssessedTax",
}
# Quarters of a period, by its kind.
_QUARTERS = {"quarter": 1, "half_year": 2, "nine_months": 3, "annual": 4}
# The letter's own document is not among the recorded ones; the annual report states the same KPIs.
_DUOLINGO = "DUOL_10K_000162828026012494.html"


def _table(name: str) -> list[dict[str, str]]:
    with open(_HERE / name, newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module", params=["pdfium", "pdfplumber"])
def readings(request: pytest.FixtureRequest) -> dict[str, Reading]:
    """Every recorded document, read as a night reads it, with either reader of PDFs."""
    paths = [
        *recorded("filings").glob("*.html"),
        *recorded("pdf").glob("*.pdf"),
        *recorded("documents").iterdir(),
    ]
    with pytest.MonkeyPatch.context() as patch, reading_pool(2) as pool:
        patch.setenv(PREFERENCE, request.param)
        futures = {path.name: pool.submit(path.read_bytes(), "") for path in paths}
        found = {name: future.result() for name, future in futures.items()}
    readers = {reading.reader for reading in found.values() if reading.media == "pdf"}
    assert readers == {request.param}
    return found


def test_each_document_has_its_verdict_calendar_and_sections(readings: dict[str, Reading]) -> None:
    expected = {
        row["document"]: (
            row["verdict"],
            row["period_end"],
            row["fiscal_year"],
            row["fiscal_quarter"],
            row["sections"].split(),
        )
        for row in _table("expected_readings.csv")
    }
    found = {
        name: (
            reading.verdict,
            str(reading.period_end or ""),
            str(reading.fiscal_year or ""),
            str(reading.fiscal_quarter or ""),
            [section.code for section in reading.sections],
        )
        for name, reading in readings.items()
    }
    assert found == expected


def test_no_figure_is_of_a_period_after_that_of_its_document(readings: dict[str, Reading]) -> None:
    for name, reading in readings.items():
        for kpi in reading.kpis:
            end = kpi.period.end if kpi.period is not None else None
            if end is not None and reading.period_end is not None:
                assert end <= reading.period_end, (name, kpi)


def test_what_flows_through_a_period_is_told_of_no_day(readings: dict[str, Reading]) -> None:
    for name, reading in readings.items():
        for kpi in reading.kpis:
            if kpi.period is not None:
                is_day = kpi.period.kind == "instant"
                assert is_day == metric_named(kpi.metric).is_stock, (name, kpi)


def test_no_revenue_of_the_company_is_that_of_a_part(readings: dict[str, Reading]) -> None:
    """Each that is told of a period for which the filing tags revenue is one of those tagged."""
    compared = 0
    for name, reading in readings.items():
        tagged = [
            fact for fact in reading.facts if fact.concept in _REVENUES and not fact.dimensions
        ]
        for kpi in reading.kpis:
            period = kpi.period
            if kpi.metric != "revenue" or period is None or kpi.status != "ok":
                continue
            whole = [
                fact.value
                for fact in tagged
                if fact.end_date == period.end
                and fact.start_date is not None
                and (fact.end_date - fact.start_date).days // 80 == _QUARTERS[period.kind]
            ]
            compared += bool(whole)
            assert not whole or any(abs(kpi.value - v) <= kpi.step / 2 for v in whole), (name, kpi)
    assert compared > 20


def test_sections_lie_in_the_text_one_after_another(readings: dict[str, Reading]) -> None:
    for reading in readings.values():
        for section in reading.sections:
            assert len(section.text) == section.end - section.start
        ends = [section.end for section in reading.sections]
        starts = [section.start for section in reading.sections]
        assert all(start > end for start, end in zip(starts[1:], ends[:-1], strict=True))


def test_reading_it_again_gives_the_same() -> None:
    body = (recorded("filings") / _DUOLINGO).read_bytes()
    assert READING.dump_json(read_document(body)) == READING.dump_json(read_document(body))


def _truth_by_file() -> Iterator[tuple[str, list[dict[str, str]]]]:
    by_file: defaultdict[str, list[dict[str, str]]] = defaultdict(list)
    with gzip.open(recorded("truth", "inline_xbrl_facts.csv.gz"), "rt", newline="") as file:
        for row in csv.DictReader(file):
            by_file[row["file"]].append(row)
    folder = recorded("filings")
    for name, rows in by_file.items():
        if (folder / name).exists():
            yield name, rows


def test_inline_facts_equal_the_recorded_ones(readings: dict[str, Reading]) -> None:
    cells = differing = 0
    for name, rows in _truth_by_file():
        found: defaultdict[tuple[str, str, str, str], list[float]] = defaultdict(list)
        for fact in readings[name].facts:
            if not fact.dimensions:
                start = fact.start_date.isoformat() if fact.start_date else ""
                key = (fact.concept, fact.unit, start, fact.end_date.isoformat())
                found[key].append(float(fact.value))
        for row in rows:
            cells += 1
            # The recorded values went through floats: 0.68 is written 0.6800000000000001 there.
            wanted = float(row["value"])
            key = (row["concept"], row["unit"], row["start"], row["end"])
            differing += not any(abs(v - wanted) <= 1e-9 * abs(wanted) for v in found[key])
    assert cells > 3_500
    assert differing <= cells / 1_000


def _annotated() -> dict[str, dict[tuple[str, str, str], Decimal]]:
    truth: defaultdict[str, dict[tuple[str, str, str], Decimal]] = defaultdict(dict)
    for row in _table("kpi_annotations.csv"):
        truth[row["document"]][row["metric"], row["period"], row["unit"]] = Decimal(row["value"])
    return truth


def _served(reading: Reading) -> dict[tuple[str, str, str], list[Kpi]]:
    """What is served of a document: what no witness contradicts, by cell."""
    served: defaultdict[tuple[str, str, str], list[Kpi]] = defaultdict(list)
    for kpi in reading.kpis:
        if kpi.status == "ok" and kpi.period is not None:
            served[kpi.metric, kpi.period.label, kpi.unit].append(kpi)
    return served


def test_kpis_against_the_annotations(
    readings: dict[str, Reading], record_property: Callable[[str, object], None]
) -> None:
    right = wrong = reached = cells = 0
    for name, truth in _annotated().items():
        served = _served(readings[name])
        for key, kpis in served.items():
            is_right = key in truth and all(
                abs(kpi.value - truth[key]) <= kpi.step / 2 for kpi in kpis
            )
            right += is_right
            wrong += not is_right
            reached += is_right
        cells += len(truth)
    precision, recall = right / (right + wrong), reached / cells
    print(f"KPIs: {cells} annotated, precision {precision:.3f}, recall {recall:.3f}")
    record_property("kpi_precision", precision)
    record_property("kpi_recall", recall)
    assert cells >= 150
    assert precision >= _LEAST_PRECISION
    assert recall >= _LEAST_RECALL


def _figures() -> dict[str, dict[tuple[str, str], Decimal]]:
    """Figures by hand of eleven documents, by document, metric and period; guidance left out."""
    truth: defaultdict[str, dict[tuple[str, str], Decimal]] = defaultdict(dict)
    with recorded("truth", "document_figures.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            if not row["metric"].startswith("guidance:"):
                value = Decimal(row["value"])
                is_share = row["unit"] == "percent"
                truth[row["doc"]][row["metric"], row["period"]] = value / 100 if is_share else value
    return truth


def test_figures_of_documents_that_no_pattern_was_written_on(
    readings: dict[str, Reading], record_property: Callable[[str, object], None]
) -> None:
    truth = _figures()
    right = wrong = 0
    for name, figures in truth.items():
        for (metric, period, _), kpis in _served(readings[name]).items():
            if (metric, period) in figures:
                wanted = figures[metric, period]
                is_right = all(abs(kpi.value - wanted) <= kpi.step / 2 for kpi in kpis)
                right += is_right
                wrong += not is_right
    cells = sum(map(len, truth.values()))
    print(f"of other documents: {cells} figures, {right} told right, {wrong} wrong")
    record_property("kpi_recall_elsewhere", right / cells)
    assert cells == 333
    assert right / (right + wrong) >= 0.99
    assert right / cells >= _LEAST_RECALL_ELSEWHERE


def test_guidance_of_documents_that_no_pattern_was_written_on(
    readings: dict[str, Reading],
) -> None:
    truth: dict[tuple[str, str, str], tuple[Decimal, Decimal]] = {}
    with recorded("truth", "document_figures.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            if row["metric"].startswith("guidance:"):
                low, high = (counted(Decimal(v), row["unit"]) for v in row["value"].split(".."))
                metric = row["metric"].removeprefix("guidance:")
                truth[row["doc"], metric, row["period"]] = (low, high)
    told: defaultdict[tuple[str, str, str], set[tuple[Decimal, Decimal]]] = defaultdict(set)
    for name in {name for name, _, _ in truth}:
        for guidance in readings[name].guidance:
            key = (name, guidance.metric, guidance.period.label)
            told[key].add((guidance.low, guidance.high))
    right = sum(ranges == {truth.get(key)} for key, ranges in told.items())
    print(f"guidance: {len(truth)} ranges, {len(told)} told, {right} right")
    assert right / len(told) >= _LEAST_GUIDED
    assert right / len(truth) >= _LEAST_RECALL_GUIDED


def test_the_readers_are_right_and_not_only_cautious(readings: dict[str, Reading]) -> None:
    """Of every statement, contradicted or not: a single witness is right nearly always."""
    wanted = dict(_figures())
    for name, cells in _annotated().items():
        wanted[name] = {(metric, period): value for (metric, period, _), value in cells.items()}
    right = stated = 0
    for name, figures in wanted.items():
        for kpi in readings[name].kpis:
            if kpi.period is not None and (kpi.metric, kpi.period.label) in figures:
                value = figures[kpi.metric, kpi.period.label]
                stated += 1
                right += abs(kpi.value - value) <= kpi.step / 2
    print(f"without the rule on conflicts: {right} of {stated} statements are right")
    assert stated > 1_000
    assert right / stated >= _LEAST_STATED


def test_duolingo_kpis_are_those_of_its_letters(readings: dict[str, Reading]) -> None:
    rows = csv.DictReader(
        recorded("truth", "duolingo_shareholder_letter_kpis.csv").read_text().splitlines()
    )
    served = _served(readings[_DUOLINGO])
    for row in rows:
        unit, scale = ("USD", 6) if row["unit"] == "USD m" else ("count", 6)
        wanted = Decimal(row["value"]).scaleb(scale)
        kpis = served[row["metric"], row["period"], unit]
        assert kpis, row["metric"]
        # The letter rounds to a tenth of a million.
        assert all(abs(kpi.value - wanted) <= Decimal(50_000) for kpi in kpis), row["metric"]


def test_a_pdf_that_cannot_be_told_letter_by_letter_says_so(readings: dict[str, Reading]) -> None:
    reading = readings["MCDONALDS_2022Q4_EARNINGS.pdf"]
    assert reading.verdict == "unreadable"
    assert reading.characters == 0
    assert reading.detail is not None
    assert "fonts" in reading.detail
