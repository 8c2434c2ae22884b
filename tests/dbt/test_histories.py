"""However a warehouse came to where it is, its marts are those of a build from nothing."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest

from connectors.ecb import RATES, EcbRate
from connectors.sec import FACTS, FILINGS, SecFact, SecFiling
from connectors.yahoo_chart import EVENTS, PRICES, YahooEvent, YahooPrice
from tests.dbt.compiled import CompiledModels
from tests.dbt.facts import facts_of, registrant
from tests.dbt.quick import KilledError, QuickWarehouse
from warehouse.watchlist import Watchlist

FILERS = {1562088: "ONE", 1640147: "TWO", 1046179: "THREE"}
FIRST_DAY = date(2022, 6, 30)
COMPANIES_LISTED = {
    cik: {
        "id": ticker.lower(),
        "name": f"{ticker} Inc",
        "cik": cik,
        "segment": "k12" if cik % 2 else "publishing",
        "delivery_model": "B2C",
        "tickers": [{"symbol": ticker}],
    }
    for cik, ticker in FILERS.items()
}


def watchlist(ciks: set[int]) -> Watchlist:
    return Watchlist.model_validate({"companies": [COMPANIES_LISTED[cik] for cik in sorted(ciks)]})


@dataclass
class History:
    """A warehouse that lives through random days."""

    warehouse: QuickWarehouse
    chance: random.Random
    filings: dict[int, list[list[SecFact]]]
    listed: set[int] = field(default_factory=lambda: set(FILERS))
    told: list[str] = field(default_factory=list)

    def step(self) -> None:
        """Something happens, and a night comes to one end or another."""
        for _ in range(self.chance.randint(0, 2)):
            happens = [self.file, self.file, self.trade, self.split, self.rate, self.list]
            self.chance.choice(happens)()
        self.move()
        end = self.chance.choice(["whole", "whole", "whole", "refused", "killed", "rolled back"])
        self.told.append(f"{self.warehouse.as_of} {end}")
        if end == "refused":
            self.warehouse.build()
        elif end == "killed":
            with pytest.raises(KilledError):
                self.warehouse.build(models_to_live=self.chance.randint(0, 12))
        else:
            self.warehouse.night()
            if end == "rolled back" and self.has_former():
                self.warehouse.roll_back()

    def has_former(self) -> bool:
        """Whether the current publication replaced another."""
        with psycopg.connect(self.warehouse.models.warehouse.psycopg_dsn()) as connection:
            row = connection.execute(
                "select previous_run_id from ops.publications"
                " join ops.current_publication using (run_id)"
            ).fetchone()
        return row is not None and row[0] is not None

    def file(self) -> None:
        """A company's next filing arrives, listed and with its facts."""
        cik = self.chance.choice(sorted(FILERS))
        if self.filings[cik]:
            facts = self.filings[cik].pop(0)
            self.told.append(f"{FILERS[cik]} files {facts[0].accession}")
            first = facts[0]
            filed = SecFiling(cik, first.accession, first.form, first.filed_date, *(None,) * 8)
            self.warehouse.models.load({FACTS: facts, FILINGS: [filed]})

    def trade(self) -> None:
        """A close of a day around the logical date, maybe of tomorrow."""
        ticker = self.chance.choice(sorted(FILERS.values()))
        day = self.warehouse.as_of + timedelta(days=self.chance.randint(-20, 3))
        close = Decimal(self.chance.randint(50, 150))
        self.told.append(f"{ticker} trades on {day}")
        self.warehouse.models.load(
            {PRICES: [YahooPrice(ticker, day, close, close, close, close, close, 1, "USD")]}
        )

    def split(self) -> None:
        """A split of two for one, past or to come."""
        ticker = self.chance.choice(sorted(FILERS.values()))
        day = self.warehouse.as_of + timedelta(days=self.chance.randint(-60, 30))
        self.told.append(f"{ticker} splits on {day}")
        self.warehouse.models.load(
            {EVENTS: [YahooEvent(ticker, day, "split", None, Decimal(2), Decimal(1))]}
        )

    def rate(self) -> None:
        """The dollar's rate of two weeks, and that of another currency."""
        start = self.warehouse.as_of - timedelta(days=self.chance.randint(0, 200))
        days = [start + timedelta(days=n) for n in range(14)]
        self.told.append(f"rates from {start}")
        self.warehouse.models.load(
            {
                RATES: [
                    EcbRate(currency, day, rate)
                    for day in days
                    for currency, rate in (("USD", Decimal("1.1")), ("TWD", Decimal(35)))
                ]
            }
        )

    def list(self) -> None:
        """A company comes to the watchlist, or leaves it and stays as one that is looked up."""
        cik = self.chance.choice(sorted(FILERS))
        self.listed = self.listed ^ {cik} or {cik}
        self.told.append(f"{FILERS[cik]} {'listed' if cik in self.listed else 'not listed'}")
        self.warehouse.watchlist = watchlist(self.listed)

    def move(self) -> None:
        """Time passes, and now and then somebody asks for an earlier day."""
        days = self.chance.choice([0, 1, 1, 30, 95, 210, -40])
        self.warehouse.as_of = max(self.warehouse.as_of + timedelta(days=days), FIRST_DAY)


@pytest.fixture
def history_of(models: CompiledModels, tmp_path: Path) -> Iterator[object]:
    """Begin histories: some filings of each company are there, the others come."""

    def begin(seed: int) -> History:
        models.empty()
        warehouse = QuickWarehouse(models, tmp_path, watchlist(set(FILERS)), FIRST_DAY)
        warehouse.forget()
        filings = {}
        for cik, ticker in FILERS.items():
            by_filing: dict[str, list[SecFact]] = {}
            for fact in facts_of(cik, range(2021, 2024)):
                by_filing.setdefault(fact.accession, []).append(fact)
            ordered = sorted(by_filing.values(), key=lambda facts: facts[0].filed_date)
            models.load(registrant(cik, ticker))
            models.load({FACTS: [fact for facts in ordered[:3] for fact in facts]})
            filings[cik] = ordered[3:]
        return History(warehouse, random.Random(seed), filings)

    yield begin
    models.empty()
    QuickWarehouse(models, tmp_path, watchlist(set(FILERS)), FIRST_DAY).forget()
    with psycopg.connect(models.warehouse.psycopg_dsn()) as connection:
        connection.execute("delete from ops.watchlist_handles; delete from ops.watchlist")


def test_any_history_ends_where_a_build_from_nothing_does(
    history_of: object, pytestconfig: pytest.Config
) -> None:
    for seed in range(pytestconfig.option.histories):
        history = history_of(seed)  # type: ignore[operator]
        for _ in range(6):
            history.step()
        grown = history.warehouse.night()
        digests = history.warehouse.digests()
        history.warehouse.forget()
        made = history.warehouse.night()
        assert digests == history.warehouse.digests(), (seed, history.told)
        assert grown.content_hash == made.content_hash, (seed, history.told)
        assert grown.row_counts == made.row_counts


def test_days_on_which_nothing_arrives_are_as_a_full_build(
    history_of: object, pytestconfig: pytest.Config
) -> None:
    """Periods end and reports become due, prices and figures too old: each on its day."""
    history = history_of(1)  # type: ignore[operator]
    for _ in range(3):
        history.file()
        history.trade()
    warehouse = history.warehouse
    warehouse.night()
    moved = 0
    for _ in range(0, 400, pytestconfig.option.days_apart):
        warehouse.as_of += timedelta(days=pytestconfig.option.days_apart)
        moved += warehouse.night().rows_changed > 0
        assert warehouse.night(everyone=True).rows_changed == 0, warehouse.as_of
    assert moved > 3
