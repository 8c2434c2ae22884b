"""Made-up pages with one fault each, as readers of filings have reported them in public."""

from decimal import Decimal

import pytest

from connectors.documents.reading import read_document
from tests.recorded import recorded

_M = 1_000_000
_OF_QUARTER_AND_YEAR = {
    ("revenue", "Q4 2024"): "210.5e6",
    ("revenue", "FY2024"): "801.9e6",
    ("eps_diluted", "Q4 2024"): "0.42",
}
_CASES: dict[str, tuple[str, dict[tuple[str, str], str]]] = {
    # A headline with quarter and year, and no day.
    "g3": ("", {("revenue", "Q4 2024"): "210.5e6", ("net_income", "Q4 2024"): "21.5e6"}),
    "g5": ("", {("revenue", "Q4 2024"): "210.5e6"}),
    "d7_footnote": (
        "",
        _OF_QUARTER_AND_YEAR
        | {
            ("non_gaap_eps_diluted", "Q4 2024"): "0.32",
            ("operating_cash_flow", "FY2024"): "151.2e6",
            ("free_cash_flow", "FY2024"): "120.4e6",
        },
    ),
    "g1": ("", _OF_QUARTER_AND_YEAR),
    "h2": ("", {("revenue", "Q4 2024"): "210.5e6", ("revenue", "Q4 2023"): "194.9e6"}),
    # A loss per share whose bracket is never closed, below a count of shares.
    "d1_neg_eps": (
        "",
        {
            ("revenue", "Q2 2025"): "1204e3",
            ("revenue", "Q2 2024"): "902e3",
            ("revenue", "6M Q2 2025"): "2310e3",
            ("revenue", "6M Q2 2024"): "1755e3",
            ("operating_income", "Q2 2025"): "-20515e3",
            ("operating_income", "Q2 2024"): "-14200e3",
            ("operating_income", "6M Q2 2025"): "-41007e3",
            ("operating_income", "6M Q2 2024"): "-29911e3",
            ("net_income", "Q2 2025"): "-20979e3",
            ("net_income", "Q2 2024"): "-14530e3",
            ("net_income", "6M Q2 2025"): "-41900e3",
            ("net_income", "6M Q2 2024"): "-30120e3",
            ("eps_diluted", "Q2 2025"): "-0.52",
            ("eps_diluted", "Q2 2024"): "-0.38",
            ("eps_diluted", "6M Q2 2025"): "-1.04",
            ("eps_diluted", "6M Q2 2024"): "-0.78",
        },
    ),
    # A forecast of the next quarter beside the results of the last one.
    "p4_forecast": (
        "EX-99.1",
        {("revenue", "Q4 2022"): "14.0e9", ("revenue", "FY2022"): "63.1e9"},
    ),
    # A column of changes with a name of its own.
    **{
        name: (
            "EX-99.1",
            {
                ("revenue", "Q1 2023"): "5897.8e6",
                ("revenue", "Q1 2022"): "5665.6e6",
                ("net_income", "Q1 2023"): "1802.3e6",
                ("net_income", "Q1 2022"): "1104.4e6",
            },
        )
        for name in ("p5_translation", "p6_notrans")
    },
    # "The prior year quarter" in a release of quarter and year.
    "p7_priorq": (
        "EX-99.1",
        {
            ("operating_income", "Q4 2022"): "-2e6",
            ("operating_income", "Q4 2021"): "369e6",
            ("eps_diluted", "Q4 2022"): "0.69",
            ("eps_diluted", "Q4 2021"): "0.23",
        },
    ),
    # Two spans in one cell of the head.
    "p10": (
        "EX-99.1",
        {
            ("free_cash_flow", "Q2 2023"): "100e6",
            ("free_cash_flow", "Q2 2022"): "90e6",
            ("net_income", "Q2 2023"): "50e6",
            ("net_income", "Q2 2022"): "40e6",
            ("net_income", "6M Q2 2023"): "95e6",
            ("net_income", "6M Q2 2022"): "80e6",
        },
    ),
    # Three columns of quarters and two of years.
    "p12": (
        "EX-99.1",
        {
            ("free_cash_flow", "FY2023"): "400e6",
            ("free_cash_flow", "FY2022"): "300e6",
            ("adjusted_ebitda", "Q4 2023"): "50e6",
            ("adjusted_ebitda", "Q3 2023"): "40e6",
            ("adjusted_ebitda", "Q4 2022"): "30e6",
            ("adjusted_ebitda", "FY2023"): "170e6",
            ("adjusted_ebitda", "FY2022"): "120e6",
        },
    ),
    # A row of percentages in the middle of a table of money.
    "q1": (
        "EX-99.1",
        {
            ("revenue", "Q2 2023"): "8603e6",
            ("revenue", "Q2 2022"): "7720e6",
            ("non_gaap_eps_diluted", "Q2 2023"): "2.12",
            ("non_gaap_eps_diluted", "Q2 2022"): "1.19",
        },
    ),
    # Weeks over days with slashes; the table's own days win against the headline's quarter.
    "q4": ("EX-99.1", {("revenue", "Q1 2023"): "17846e6", ("revenue", "Q1 2022"): "16200e6"}),
    # A quarter and a half named by words over years.
    "q5": (
        "EX-99.1",
        {
            ("revenue", "Q2 2023"): "12734e6",
            ("revenue", "Q2 2022"): "27742e6",
            ("revenue", "6M Q2 2023"): "31015e6",
            ("revenue", "6M Q2 2022"): "53402e6",
        },
    ),
}


@pytest.mark.parametrize("name", _CASES)
def test_all_that_is_told_of_a_page_is_right(name: str) -> None:
    document_type, expected = _CASES[name]
    page = recorded("cases", "documents", f"{name}.html")
    told = {
        (kpi.metric, kpi.period.label): kpi.value
        for kpi in read_document(page.read_bytes(), document_type).kpis
        if kpi.status == "ok" and kpi.period is not None
    }
    assert told == {cell: Decimal(value) for cell, value in expected.items()}


def test_a_forecast_is_guidance_alone() -> None:
    page = recorded("cases", "documents", "p4_forecast.html")
    [told] = read_document(page.read_bytes(), "EX-99.1").guidance
    assert (told.metric, told.period.label) == ("revenue", "Q1 2023")
    assert (told.low, told.high) == (10_500 * _M, 11_500 * _M)
