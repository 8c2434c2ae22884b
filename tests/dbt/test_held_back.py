"""One company's trouble is its own: it keeps its rows and is named, the others are published."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from connectors.sec import (
    COMPANIES,
    FACTS,
    FILINGS,
    TICKERS,
    SecCompany,
    SecFact,
    SecFiling,
    SecTicker,
)
from flows.steps.transform import MartsFailedError
from tests.dbt.compiled import CompiledModels
from tests.dbt.quick import QuickWarehouse
from warehouse.watchlist import Watchlist

CIKS = range(7_000_001, 7_000_051)
WRONG_DATE, CONTRADICTED, HUGE = CIKS[3], CIKS[17], CIKS[40]
AS_OF = date(2023, 6, 30)
# A balance sheet and an income statement: concept, value in millions, whether it is an instant.
STATEMENT = (
    ("Revenues", 100, False),
    ("NetIncomeLoss", 10, False),
    ("Assets", 500, True),
    ("AssetsCurrent", 200, True),
    ("LiabilitiesCurrent", 80, True),
    ("Liabilities", 300, True),
)


def company_of(cik: int) -> str:
    return f"company-{cik}"


def accession(cik: int, year: int) -> str:
    return f"{cik:010d}-{(year + 1) % 100:02d}-000001"


def year_of(cik: int, year: int, **changed: Decimal) -> list[SecFact]:
    """The annual report on a year and its last quarter; `changed` replaces amounts."""
    quarter = ("Revenues", date(year, 10, 1), Decimal(25_000_000))
    spans = [
        (concept, None if is_instant else date(year, 1, 1),
         changed.get(concept, Decimal(amount * 1_000_000)))
        for concept, amount, is_instant in STATEMENT
    ]  # fmt: skip
    return [
        SecFact(
            cik, "us-gaap", concept, "USD", start, date(year, 12, 31), amount,
            accession(cik, year), year, "FY", "10-K", date(year + 1, 2, 15),
        )
        for concept, start, amount in [*spans, quarter]
    ]  # fmt: skip


def filing(cik: int, year: int, report_date: date | None = None) -> SecFiling:
    return SecFiling(
        cik, accession(cik, year), "10-K", date(year + 1, 2, 15),
        report_date or date(year, 12, 31), *(None,) * 7,
    )  # fmt: skip


@contextmanager
def after_a_sound_night(
    models: CompiledModels, folder: Path, ciks: Sequence[int], as_of: date
) -> Iterator[QuickWarehouse]:
    """A warehouse of these companies after a night that has their year 2021."""
    models.empty()
    watchlist = Watchlist.model_validate(
        {
            "companies": [
                {
                    "id": company_of(cik),
                    "name": f"Company {cik}",
                    "cik": cik,
                    "segment": "k12",
                    "delivery_model": "B2C",
                    "tickers": [{"symbol": f"T{cik % 100}"}],
                }
                for cik in ciks
            ]
        }
    )
    place = QuickWarehouse(models, folder, watchlist, as_of)
    place.forget()
    models.load(
        {
            COMPANIES: [
                SecCompany(cik, "companyfacts", f"Company {cik}", *(None,) * 7) for cik in ciks
            ],
            TICKERS: [SecTicker(cik, f"T{cik % 100}", f"Company {cik}") for cik in ciks],
            FACTS: [fact for cik in ciks for fact in year_of(cik, 2021)],
            FILINGS: [filing(cik, 2021) for cik in ciks],
        }
    )
    place.night()
    yield place
    models.empty()
    place.forget()
    with psycopg.connect(models.warehouse.psycopg_dsn()) as connection:
        connection.execute("delete from ops.watchlist_handles; delete from ops.watchlist")


@pytest.fixture
def warehouse(models: CompiledModels, tmp_path: Path) -> Iterator[QuickWarehouse]:
    """Fifty companies after a sound night."""
    with after_a_sound_night(models, tmp_path, CIKS, AS_OF) as place:
        yield place


def rows(warehouse: QuickWarehouse, statement: str) -> list[dict[str, Any]]:
    with psycopg.connect(
        warehouse.models.warehouse.psycopg_dsn(), row_factory=dict_row
    ) as connection:
        return connection.execute(statement.encode()).fetchall()


def newest_years(warehouse: QuickWarehouse) -> dict[str, int]:
    found = rows(
        warehouse,
        "select company_id, max(fiscal_year) as year from marts.fct_financials"
        " where line = 'revenue' and period_type = 'annual' and status = 'ok' group by 1",
    )
    return {row["company_id"]: row["year"] for row in found}


def held(warehouse: QuickWarehouse) -> dict[str, str]:
    found = rows(
        warehouse,
        "select subject, test from marts.mart_data_quality where check_name = 'held_back'",
    )
    return {row["subject"]: row["test"] for row in found}


def test_three_troubled_companies_keep_their_rows_and_forty_seven_are_published(
    warehouse: QuickWarehouse,
) -> None:
    models = warehouse.models
    wrong = {
        CONTRADICTED: {"AssetsCurrent": Decimal(2_000_000_000)},
        HUGE: {"Revenues": Decimal("1e300")},
    }
    late = date(2222, 12, 31)
    models.load(
        {
            FACTS: [
                *(fact for cik in CIKS for fact in year_of(cik, 2022, **wrong.get(cik, {}))),
                # The source now tells another amount in an old filing, which contradicts itself.
                *year_of(CONTRADICTED, 2021, **wrong[CONTRADICTED]),
            ],
            FILINGS: [filing(cik, 2022, late if cik == WRONG_DATE else None) for cik in CIKS],
        }
    )
    warehouse.night()
    troubled = {company_of(cik) for cik in (WRONG_DATE, CONTRADICTED, HUGE)}
    assert held(warehouse) == {
        company_of(WRONG_DATE): "assert_reports_are_on_periods_that_have_ended",
        company_of(CONTRADICTED): "check_failed",
        company_of(HUGE): "assert_values_are_of_a_size_that_can_be",
    }
    named = rows(warehouse, "select company_id from marts.dim_company where is_held_back")
    assert {row["company_id"] for row in named} == troubled
    years = newest_years(warehouse)
    assert {name for name, year in years.items() if year == 2021} == troubled
    assert len([name for name, year in years.items() if year == 2022]) == 47
    # What compares companies has the new rows of the others and the earlier ones of these.
    performance = rows(
        warehouse,
        "select fiscal_year, count(*) as n from marts.mart_company_performance group by 1",
    )
    assert {row["fiscal_year"]: row["n"] for row in performance} == {2021: 3, 2022: 47}

    models.load(
        {
            FACTS: [
                *year_of(CONTRADICTED, 2021),
                *year_of(CONTRADICTED, 2022),
                *year_of(HUGE, 2022),
            ],
            FILINGS: [filing(WRONG_DATE, 2022)],
        }
    )
    healed = warehouse.night()
    assert held(warehouse) == {}
    assert set(newest_years(warehouse).values()) == {2022}
    digests = warehouse.digests()
    warehouse.forget()
    made = warehouse.night()
    assert warehouse.digests() == digests
    assert made.content_hash == healed.content_hash


def test_a_quarter_that_ends_twice_holds_one_company_back(warehouse: QuickWarehouse) -> None:
    """A quarter that was awaited is filed late, under its foreseen day, after another one was."""
    cik = CIKS[0]

    def quarter(start: date, end: date, filed: date, number: int) -> list[SecFact]:
        return [
            SecFact(
                cik, "us-gaap", concept, "USD", begun, end, Decimal(5_000_000),
                f"{cik:010d}-22-{number:06d}", 2022, "Q2", "10-Q", filed,
            )
            for concept, begun in (("Revenues", start), ("Assets", None))
        ]  # fmt: skip

    warehouse.models.load(
        {
            FACTS: [
                *quarter(date(2022, 1, 1), date(2022, 4, 2), date(2022, 5, 1), 2),
                # Foreseen was the second of July.
                *quarter(date(2022, 4, 3), date(2022, 6, 30), date(2022, 8, 1), 3),
                *quarter(date(2022, 4, 3), date(2022, 7, 2), date(2022, 10, 1), 4),
            ]
        }
    )
    before = rows(warehouse, "select count(*) as n from marts.fct_financials")
    warehouse.night()
    assert held(warehouse) == {company_of(cik): "assert_a_fiscal_year_ends_once"}
    assert rows(warehouse, "select count(*) as n from marts.fct_financials") == before


def test_a_night_in_which_four_companies_fail_at_once_is_not_published(
    warehouse: QuickWarehouse,
) -> None:
    current = warehouse.current()
    warehouse.models.load(
        {FACTS: [f for cik in CIKS[:4] for f in year_of(cik, 2022, Revenues=Decimal("1e300"))]}
    )
    # Nor is the next one: what stopped a night is no less in doubt for having been seen.
    for _ in range(2):
        with pytest.raises(
            MartsFailedError, match="4 companies would be newly held back, more than 3"
        ):
            warehouse.night()
        assert warehouse.current() == current
    assert set(newest_years(warehouse).values()) == {2021}


def test_a_model_that_does_not_build_names_the_company(warehouse: QuickWarehouse) -> None:
    cik = CIKS[9]
    # A former name with a day that is none: the model cannot make a date of it.
    former = '[{"name": "Old", "from": "not a day at all", "to": null}]'
    warehouse.models.load(
        {
            COMPANIES: [
                SecCompany(cik, "submissions", "Company", *(None,) * 6, former),
            ],
            FACTS: [fact for one in CIKS for fact in year_of(one, 2022)],
        }
    )
    warehouse.night()
    assert held(warehouse) == {company_of(cik): "dim_company_history"}
    assert len([year for year in newest_years(warehouse).values() if year == 2022]) == 49
