"""Whatever goes wrong in one filing of a made-up filer, its cells are right or blank."""

from collections import Counter
from typing import Any

import pytest

from connectors.sec import FACTS
from tests.dbt.compiled import CompiledModels
from tests.dbt.facts import registrant
from tests.dbt.generated import YEARS, Filer, generated_filers


@pytest.fixture(scope="module")
def published(
    models: CompiledModels, pytestconfig: pytest.Config
) -> list[tuple[Filer, list[dict[str, Any]]]]:
    """Each filer with its rows of fct_financials."""
    filers = generated_filers(pytestconfig.option.filers)
    models.empty()
    for filer in filers:
        models.load(registrant(filer.cik, f"G{filer.cik}") | {FACTS: filer.facts})
    models.build("fct_financials")
    rows: dict[int, list[dict[str, Any]]] = {}
    for row in models.rows("fct_financials"):
        rows.setdefault(row["cik"], []).append(row)
    return [(filer, rows[filer.cik]) for filer in filers]


def test_every_answer_is_right(published: list[tuple[Filer, list[dict[str, Any]]]]) -> None:
    wrong = [
        (filer.trouble, filer.cik, *cell(row), row["value"], filer.truth[cell(row)])
        for filer, rows in published
        for row in rows
        if row["status"] == "ok"
        and cell(row) in filer.truth
        and row["value"] not in filer.truth[cell(row)]
    ]
    assert wrong == [], "\n".join(map(str, wrong))


def test_few_cells_are_blank(published: list[tuple[Filer, list[dict[str, Any]]]]) -> None:
    for filer, rows in published:
        answered = {cell(row) for row in rows if row["status"] == "ok"}
        blank = Counter(name[:2] for name in filer.truth.keys() - answered)
        assert blank.total() <= filer.blank_share * len(filer.truth), (filer.trouble, blank)


def test_a_year_is_said_once(published: list[tuple[Filer, list[dict[str, Any]]]]) -> None:
    for filer, rows in published:
        told = Counter(
            (row["line"], row["fiscal_year"])
            for row in rows
            if row["period_type"] == "annual" and row["status"] == "ok"
        )
        assert set(told.values()) == {1}, filer.trouble
        assert len({year for _, year in told}) == YEARS


def test_quarters_tell_that_their_year_was_recast(
    published: list[tuple[Filer, list[dict[str, Any]]]],
) -> None:
    for filer, rows in published:
        told = {row["period_end"] for row in rows if row["basis_changed_since"]}
        assert told == filer.left_quarters, filer.trouble


def cell(row: dict[str, Any]) -> tuple[str, str, Any]:
    """What names the row among those of its filer."""
    return row["line"], row["period_type"], row["period_end"]
