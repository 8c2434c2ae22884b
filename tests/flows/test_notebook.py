"""The notebook of docs/notebooks runs on the sample night, cell after cell in one namespace.

A kernel and its client are two dozen packages for five plain cells, so they are executed here as
Python: what only a kernel understands has no place in the notebook.
"""

import json
from typing import Any

import pandas as pd
import pytest

from tests.nights import ROOT, SampleNights

NOTEBOOK = ROOT / "docs" / "notebooks" / "analyst.ipynb"


def _code_cells() -> list[dict[str, Any]]:
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    return [cell for cell in cells if cell["cell_type"] == "code"]


def test_the_notebook_is_kept_without_outputs() -> None:
    kept = [(cell["outputs"], cell["execution_count"]) for cell in _code_cells()]
    assert kept == [([], None)] * 5


def test_the_notebook_runs_on_the_sample(
    sample_nights: SampleNights, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("CORPINTEL_HOME", str(sample_nights.home.path))
    monkeypatch.delenv("CORPINTEL_DATABASE_URL", raising=False)
    told: dict[str, Any] = {}
    for number, cell in enumerate(_code_cells(), start=1):
        exec(compile("".join(cell["source"]), f"{NOTEBOOK.name} cell {number}", "exec"), told)
    told["engine"].dispose()
    ranked = sample_nights.home.rows(
        "select ticker from mart_company_performance where is_ranked order by revenue_ttm_usd desc"
    )
    assert told["large"]["ticker"].tolist() == [row["ticker"] for row in ranked]
    assert told["margins"].groupby("ticker").size().max() == 8
    [blank] = sample_nights.home.rows(
        "select count(*) as cells from fct_financials where status = 'blank'"
    )
    assert told["blanks"]["cells"].sum() == blank["cells"]
    kpis: pd.DataFrame = told["kpis"]
    assert (kpis["value"].isna() == kpis["blank_reason"].notna()).all()
