"""What must not matter to the figures, and what must move them in one way only."""

import hashlib
import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest

from connectors.sec import FACTS, SecFact
from connectors.yahoo_chart import EVENTS, PRICES, YahooEvent, YahooPrice
from tests.dbt.compiled import CompiledModels, ordered
from tests.dbt.facts import facts_of, registrant

RESTATED = 1093691
SPLIT = 1045810
OTHER = 1562088
# Filings of these years: restatements, a split, quarters of several vintages.
YEARS = range(2019, 2023)
FINANCIALS = (
    "fct_financial_vintages",
    "fct_financials",
    "fct_financial_inputs",
    "fct_financial_candidates",
    "mart_restatements",
)


def test_the_order_in_which_filings_are_loaded_does_not_matter(
    models: CompiledModels, pytestconfig: pytest.Config
) -> None:
    by_filing: dict[str, list[SecFact]] = {}
    for fact in facts_of(RESTATED, YEARS):
        by_filing.setdefault(fact.accession, []).append(fact)
    assert len(by_filing) > 12
    filings = list(by_filing.values())
    shuffled = random.Random(1)
    hashes = set()
    for _ in range(pytestconfig.option.load_orders):
        shuffled.shuffle(filings)
        models.empty()
        models.load(registrant(RESTATED, "REST"))
        # In three packages, as a back-fill may arrive; within each the rows are in any order too.
        for part in range(3):
            rows = [fact for filing in filings[part::3] for fact in filing]
            shuffled.shuffle(rows)
            models.load({FACTS: rows})
        models.build(*FINANCIALS)
        hashes.add(hashlib.sha256(models.content(FINANCIALS).encode()).hexdigest())
    assert len(hashes) == 1


def test_values_scale_through(models: CompiledModels) -> None:
    facts = facts_of(RESTATED, YEARS)
    cells = []
    for factor in (1, 1000):
        scaled = [
            fact._replace(value=fact.value * (1 if fact.unit == "shares" else factor))
            for fact in facts
        ]
        models.empty()
        models.load({**registrant(RESTATED, "REST"), FACTS: scaled})
        models.build("fct_financial_vintages")
        cells.append(models.rows("fct_financial_vintages", "value_usd"))
    plain, thousandfold = cells
    assert sum(row["value"] is not None for row in plain) > 1000
    for row in plain:
        if row["value"] is not None and not row["line"].startswith("shares_"):
            row["value"] *= 1000
    by_key = ("cik", "line", "period_type", "period_end", "known_from")
    assert sorted(plain, key=lambda r: [str(r[n]) for n in by_key]) == sorted(
        thousandfold, key=lambda r: [str(r[n]) for n in by_key]
    )


def prices(ticker: str, split: Decimal) -> list[YahooPrice]:
    """A week before the logical date; the source restates all history on today's basis."""
    days = [date(2026, 7, n) for n in (6, 7, 8, 9, 10)]
    closes = [Decimal(400 + n) / split for n in range(len(days))]
    return [
        YahooPrice(ticker, d, c, c, c, c, c, 1, "USD") for d, c in zip(days, closes, strict=True)
    ]


def test_a_split_leaves_market_value_and_ratios_unchanged(models: CompiledModels) -> None:
    facts = facts_of(SPLIT, range(2025, 2027))
    performance = []
    for ratio in (Decimal(1), Decimal(4)):
        models.empty()
        models.load({**registrant(SPLIT, "SPLT"), FACTS: facts, PRICES: prices("SPLT", ratio)})
        if ratio != 1:
            event = YahooEvent("SPLT", date(2026, 7, 8), "split", None, ratio, Decimal(1))
            models.load({EVENTS: [event]})
        models.build("mart_company_performance", "mart_financials_annual")
        [row] = models.rows("mart_company_performance")
        newest = max(models.rows("mart_financials_annual"), key=lambda r: r["period_end"])
        performance.append((row, newest))
    (before, year_before), (after, year_after) = performance
    assert before["market_value_usd"] > 0
    for name in ("market_value_usd", "pe_ratio", "ps_ratio"):
        assert after[name] == before[name], name
    assert after["price"] * 4 == before["price"]
    assert year_after["shares_diluted"] == year_before["shares_diluted"] * 4
    assert abs(year_after["eps_diluted"] * 4 - year_before["eps_diluted"]) <= Decimal("0.000002")
    assert year_after["net_income"] == year_before["net_income"]


def test_another_company_moves_only_ranks(models: CompiledModels) -> None:
    first = {**registrant(RESTATED, "REST"), FACTS: facts_of(RESTATED, YEARS)}
    newest = range(2025, 2027)
    models.empty()
    models.load(first)
    models.load({**registrant(SPLIT, "SPLT"), FACTS: facts_of(SPLIT, newest)})
    names = [*FINANCIALS, "mart_company_performance", "mart_financials_annual"]
    ranks = ("rank_overall", "percentile_overall", "rank_in_segment", "percentile_in_segment")
    models.build(*names)
    before = {name: models.rows(name, *ranks) for name in names}
    ranked_before = models.rows("mart_company_performance")
    models.load({**registrant(OTHER, "OTHR"), FACTS: facts_of(OTHER, newest)})
    models.build(*names)
    for name in names:
        after = [row for row in models.rows(name, *ranks) if row["cik"] != OTHER]
        assert after == before[name], name
    assert len(models.rows("fct_financials")) > len(before["fct_financials"])
    ranked_after = [r for r in models.rows("mart_company_performance") if r["cik"] != OTHER]
    assert ranked_after != ranked_before


def test_a_change_of_cik_does_not_cut_history(models: CompiledModels) -> None:
    """The early filings came under another CIK; one of the change's year names both registrants."""
    facts = facts_of(RESTATED, YEARS)
    former = 1093692
    years = {fact.accession: fact.filed_date.year for fact in facts}
    both = next(accession for accession, year in years.items() if year == 2021)
    early = [f._replace(cik=former) for f in facts if years[f.accession] < 2021]
    early += [f._replace(cik=former) for f in facts if f.accession == both]
    late = [f for f in facts if years[f.accession] >= 2021]

    models.empty()
    models.load({**registrant(RESTATED, "REST"), FACTS: facts})
    models.build(*FINANCIALS)
    whole = models.content(FINANCIALS)

    models.empty()
    models.load({**registrant(RESTATED, "REST"), FACTS: late})
    models.load({**registrant(former, "FORM"), FACTS: early})
    with psycopg.connect(models.warehouse.psycopg_dsn()) as connection:
        connection.execute(
            "insert into ops.watchlist_predecessors (predecessor_cik, company_id, cik, name)"
            " values (%s, 'rest', %s, 'FORM Inc')",
            (former, RESTATED),
        )
    try:
        models.build(*FINANCIALS)
        assert models.content(FINANCIALS) == whole
    finally:
        with psycopg.connect(models.warehouse.psycopg_dsn()) as connection:
            connection.execute("delete from ops.watchlist_predecessors")


@pytest.mark.parametrize("day", [date(2020, 6, 30), date(2021, 6, 30), date(2022, 4, 15)])
def test_an_as_of_answer_uses_nothing_filed_later(
    models: CompiledModels,
    tmp_path: Path,
    day: date,
) -> None:
    """What a run of that day would have said is what the vintages of today's run say of it."""
    models.empty()
    models.load({**registrant(RESTATED, "REST"), FACTS: facts_of(RESTATED, YEARS)})
    models.build("fct_financial_vintages")
    # The last second of the day in New York, in summer.
    known_at = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(hours=28, seconds=-1)
    in_force = ordered(
        {name: value for name, value in row.items() if name != "known_to"}
        for row in models.rows("fct_financial_vintages")
        if row["known_from"] <= known_at and (row["known_to"] is None or row["known_to"] > known_at)
    )
    then = CompiledModels.compile(models.warehouse, tmp_path, day.isoformat())
    then.build("fct_financials")
    assert len(in_force) > 700
    assert then.rows("fct_financials") == in_force
