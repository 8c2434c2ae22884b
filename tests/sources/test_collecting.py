"""Collecting from all sources over real sockets, without dbt: keys, refusals, discovery, plans."""

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import date, timedelta
from pathlib import Path

import pytest

from chaos.scripted_server import ScriptedServer, scripted
from flows.night.open import Night, open_night
from flows.sources import SOURCES, WAVES
from flows.steps.collect import collect
from flows.steps.gate import load_all
from tests.db.packages import query
from tests.sources.examples import KEYED, WATCHLIST, answer, keys, variables
from warehouse.db import Warehouse

KEYED_SOURCES = tuple(name.lower() for name in KEYED)


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with scripted(answer) as running:
        yield running


@pytest.fixture
def live(
    warehouse: Warehouse, server: ScriptedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> pytest.MonkeyPatch:
    """The environment of a live night on the scripted server, without any key."""
    (tmp_path / "watchlist.yaml").write_text(WATCHLIST.format(url=server.url))
    url = warehouse.engine.url.render_as_string(hide_password=False)
    environment = variables(server.url) | {
        "CORPINTEL_DATABASE_URL": url,
        "CORPINTEL_HOME": str(tmp_path),
        "CORPINTEL_WATCHLIST": str(tmp_path / "watchlist.yaml"),
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def give_keys(live: pytest.MonkeyPatch) -> None:
    for name, value in keys().items():
        live.setenv(name, value)


@contextmanager
def collected(
    *sources: str, tickers: list[str] | None = None, as_of: date | None = None
) -> Iterator[Night]:
    """A night that asked these sources and loaded what passed; it publishes nothing."""
    with open_night("live", tickers, as_of) as night:
        for names in [sources] if sources else WAVES:
            loads = [collect(night, SOURCES[name], lambda _: None) for name in names]
            load_all(night, loads)
        yield night


def problems(warehouse: Warehouse) -> list[tuple[str, str, str]]:
    return query(
        warehouse,
        "select source, status, detail from ops.outcomes where status <> 'ok'"
        " and run_id = (select max(run_id) from ops.runs) order by outcome_id",
    )


def asked(server: ScriptedServer) -> Counter[str]:
    """How many requests each base URL got."""
    return Counter(path.split("/")[2] for _, path in server.arrivals)


def test_without_a_key_a_source_is_skipped_and_its_variable_named(
    warehouse: Warehouse, live: pytest.MonkeyPatch, server: ScriptedServer
) -> None:
    with collected():
        pass
    told = {source: detail for source, status, detail in problems(warehouse)}
    assert set(told) == set(KEYED_SOURCES)
    for source, detail in told.items():
        assert detail == (
            f"it needs a key of yours: set CORPINTEL_{source.upper()}_API_KEY to enable it"
        )
    assert not set(asked(server)) & set(KEYED_SOURCES)


def test_a_wrong_key_gives_one_line_one_request_and_an_open_breaker(
    warehouse: Warehouse, live: pytest.MonkeyPatch
) -> None:
    give_keys(live)
    with ExitStack() as stack:
        # A breaker is a host's, so each source has a host of its own.
        refusing = {name: stack.enter_context(scripted(answer)) for name in KEYED}
        for name, own in refusing.items():
            live.setenv(f"CORPINTEL_{name}_URL", f"{own.url}/401/{name}")
        with collected():
            pass
        assert [len(own.arrivals) for own in refusing.values()] == [1] * len(KEYED)
        told = problems(warehouse)
        assert sorted((source, status) for source, status, _ in told) == sorted(
            (source, "failed") for source in KEYED_SOURCES
        )
        assert all(detail.startswith("refused with status 401") for _, _, detail in told)
        standing = query(
            warehouse, "select source, reason from ops.breakers where closed_at is null"
        )
        assert sorted(standing) == sorted(
            (source, "refused with status 401") for source in KEYED_SOURCES
        )
        # The operator mends the keys and starts again at once: no breaker stands in the way.
        for name, own in refusing.items():
            live.setenv(f"CORPINTEL_{name}_URL", f"{own.url}/ok/{name}")
        with collected():
            pass
        assert problems(warehouse) == []
        still = query(warehouse, "select count(*) from ops.breakers where closed_at is null")
        assert still == [(0,)]


def test_every_source_fills_its_tables_and_keeps_its_key_to_itself(
    warehouse: Warehouse, live: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    give_keys(live)
    with collected():
        pass
    assert problems(warehouse) == []
    tables = query(
        warehouse,
        "select table_name from information_schema.columns where table_schema = 'raw'"
        " and column_name = 'load_id'",
    )
    empty = {
        table
        for (table,) in tables
        if query(warehouse, f"select count(*) from raw.{table}") == [(0,)]  # type: ignore[arg-type]
    }
    assert empty == {"unmapped_fields"}
    for relation in ("raw.captures", "ops.outcomes", "ops.runs"):
        dumped = query(warehouse, f"select t::text from {relation} t")  # type: ignore[arg-type]
        assert not any(next(iter(keys().values())) in row[0] for row in dumped)


def test_hand_checked_values_arrive_as_the_sources_say_them(
    warehouse: Warehouse, live: pytest.MonkeyPatch
) -> None:
    give_keys(live)
    with collected():
        pass
    checked = {
        "select value::text from raw.alpha_vantage_statements where field = 'operatingIncome'"
        " limit 1": "-345",
        "select reported_eps::text from raw.alpha_vantage_earnings": "0.31",
        "select revenue_ttm::text from raw.alpha_vantage_overviews": "1234567",
        "select close::text from raw.twelve_data_prices": "10.75",
        "select money_raised_usd::text from raw.crunchbase_funding_rounds": "35000000",
        "select stars::text from raw.github_repositories": "21",
        "select commits::text from raw.github_commit_weeks": "1",
        "select title from raw.newsapi_articles": "Example opens a school",
        "select title from raw.feed_entries": "Café lessons",
        "select form from raw.sec_index_filings": "10-K",
        "select rate::text from raw.ecb_rates where currency = 'USD'": "1.1712",
    }
    found = {
        statement: query(warehouse, statement)[0][0]  # type: ignore[arg-type]
        for statement in checked
    }
    assert found == checked
    # "None" is missing, not zero.
    nothing = "select count(*) from raw.alpha_vantage_statements where value = 0"
    assert query(warehouse, nothing) == [(0,)]


def test_a_quiet_night_asks_sec_for_little(
    warehouse: Warehouse, live: pytest.MonkeyPatch, server: ScriptedServer
) -> None:
    monday = date(2026, 7, 13)
    with collected("sec", as_of=monday):
        pass
    first = asked(server)
    assert (first["sec_data"], first["sec_www"]) == (2, 2)
    # The example's index names the company on every day: it filed, so it is asked again.
    with collected("sec", as_of=monday + timedelta(days=1)):
        pass
    assert asked(server)["sec_data"] == 4
    # An index without it leaves it alone.
    with scripted(lambda path: _index_of_others(path)) as others:
        live.setenv("CORPINTEL_SEC_WWW_URL", f"{others.url}/ok/sec_www")
        with collected("sec", as_of=monday + timedelta(days=2)):
            pass
        assert asked(server)["sec_data"] == 4
        quiet = "select row_count from ops.outcomes where subject = 'quiet registrants'"
        assert query(warehouse, quiet) == [(1,)]
        # Named on the command line, it is asked whatever the index says.
        with collected("sec", tickers=["EXM"], as_of=monday + timedelta(days=2)):
            pass
        assert asked(server)["sec_data"] == 6


def _index_of_others(path: str) -> tuple[str, bytes]:
    content_type, body = answer(path)
    if "daily-index" in path:
        body = b"\n".join(line for line in body.splitlines() if b"Example" not in line)
    return content_type, body


def test_days_without_an_index_are_explained_by_a_later_one_or_everybody_is_asked(
    warehouse: Warehouse, live: pytest.MonkeyPatch, server: ScriptedServer
) -> None:
    monday = date(2026, 7, 13)
    missing = {"20260714"}

    def some_days(path: str) -> tuple[str, bytes]:
        if any(day in path for day in missing):
            raise KeyError(path)  # answered 404
        return _index_of_others(path)

    with scripted(some_days) as others:
        live.setenv("CORPINTEL_SEC_WWW_URL", f"{others.url}/ok/sec_www")
        for days, requests in ((0, 2), (1, 2), (2, 2)):
            # Tuesday has no index yet; on Wednesday it was a holiday.
            with collected("sec", as_of=monday + timedelta(days=days)):
                pass
            assert asked(server)["sec_data"] == requests
        missing |= {"20260716", "20260717"}
        # Two weekdays without one, and none later: nobody knows, so everybody is asked.
        with collected("sec", as_of=monday + timedelta(days=4)):
            pass
        assert asked(server)["sec_data"] == 4


def test_the_plan_spends_a_small_quota_on_what_is_wanted_most(
    warehouse: Warehouse, live: pytest.MonkeyPatch, server: ScriptedServer, tmp_path: Path
) -> None:
    companies = "".join(
        f'  - {{id: c{n}, name: "Company {n}", cik: {n}, segment: k12, delivery_model: B2C,'
        f" tickers: [{{symbol: T{n}}}]}}\n"
        for n in range(1, 8)
    )
    (tmp_path / "watchlist.yaml").write_text("companies:\n" + companies)
    give_keys(live)
    # Company 3 filed since anybody was asked about it.
    query(
        warehouse,
        "insert into ops.request_grants (source, units, granted_at, answered_at)"
        " select 'alpha_vantage', 1, clock_timestamp(), clock_timestamp()"
        " from generate_series(1, 20)",
    )
    with collected("alpha_vantage", as_of=date(2026, 7, 13)):
        pass
    plan = query(
        warehouse,
        "select subject, is_planned, reason from ops.call_plan order by position",
    )
    assert len(plan) == 35
    assert [subject for subject, is_planned, _ in plan if is_planned] == [
        f"T{n} income_statement" for n in range(1, 6)
    ]
    assert plan[-1][2] == "never asked; left for another night, the quota is spent"
    left_out = [detail for _, status, detail in problems(warehouse) if status == "skipped"]
    assert left_out == ["the quota is spent on what is more wanted: see corpintel plan"]


def test_a_ticker_with_a_class_of_shares_is_asked_in_yahoos_spelling(
    live: pytest.MonkeyPatch, server: ScriptedServer, tmp_path: Path
) -> None:
    text = WATCHLIST.format(url=server.url).replace("symbol: EXM", "symbol: JW.A")
    (tmp_path / "watchlist.yaml").write_text(text)
    with collected("yahoo_chart"):
        pass
    [path] = [path for _, path in server.arrivals]
    assert "/chart/JW-A?" in path


def test_a_killed_night_is_gone_on_with_from_its_captures(
    warehouse: Warehouse, live: pytest.MonkeyPatch, server: ScriptedServer
) -> None:
    """What was fetched is not fetched again that night, and the same rows are loaded."""
    give_keys(live)

    def killed() -> None:
        with open_night("live", as_of=date(2026, 7, 13)) as night:
            for name in SOURCES:
                collect(night, SOURCES[name], lambda _: None)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        killed()
    assert query(warehouse, "select count(*) from raw.sec_facts") == [(0,)]
    before = len(server.arrivals)
    with collected(as_of=date(2026, 7, 13)):
        pass
    again = [path for _, path in server.arrivals[before:]]
    # A crumb and its cookie are kept nowhere; documents are asked for once filings are loaded.
    assert {path.split("/")[2] for path in again if "/Archives/" not in path} <= {
        "yahoo",
        "yahoo_cookie",
    }
    assert query(warehouse, "select count(*) from raw.sec_facts") == [(1,)]
    spent = "select count(*) from ops.request_grants where source = 'alpha_vantage'"
    assert query(warehouse, spent) == [(5,)]
    # The next time is another night, and asks.
    with collected("sec", as_of=date(2026, 7, 13), tickers=["EXM"]):
        pass
    assert len(server.arrivals) > before + len(again)


def test_one_feed_that_refuses_stops_no_other(
    warehouse: Warehouse, live: pytest.MonkeyPatch, server: ScriptedServer, tmp_path: Path
) -> None:
    with scripted(answer) as refusing:
        text = WATCHLIST.format(url=server.url).replace(
            'press_rooms: ["', f'press_rooms: ["{refusing.url}/401/feeds/feed.xml", "'
        )
        (tmp_path / "watchlist.yaml").write_text(text)
        with collected("feeds"):
            pass
    assert query(warehouse, "select title from raw.feed_entries") == [("Café lessons",)]
    assert [status for _, status, _ in problems(warehouse)] == ["failed"]


def test_an_index_that_could_not_be_read_is_no_holiday(
    warehouse: Warehouse, live: pytest.MonkeyPatch, server: ScriptedServer
) -> None:
    monday = date(2026, 7, 13)

    def torn_tuesday(path: str) -> tuple[str, bytes]:
        content_type, body = _index_of_others(path)
        return content_type, body[:40] if "20260714" in path else body

    with scripted(torn_tuesday) as others:
        live.setenv("CORPINTEL_SEC_WWW_URL", f"{others.url}/ok/sec_www")
        with collected("sec", as_of=monday):
            pass
        before = asked(server)["sec_data"]
        # Wednesday's index is there, but Tuesday's may have named anybody.
        with collected("sec", as_of=monday + timedelta(days=2)):
            pass
        assert asked(server)["sec_data"] == before + 2
