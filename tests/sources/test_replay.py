"""Dead letters: a broken parser's night, and the same answers once more after the fix."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from chaos.scripted_server import ScriptedServer, scripted
from connectors.errors import BadBodyError
from connectors.http import Response
from connectors.records import Parsed
from flows.cli import rejected_command
from flows.cli.publish_command import _last_run
from flows.night.bad_request import BadRequestError
from flows.night.open import open_night
from flows.sources import SOURCES
from flows.sources.subject import Source, Subject
from flows.steps.collect import collect
from flows.steps.gate import load_all
from tests.db.packages import query
from tests.sources.examples import WATCHLIST, answer, keys, variables
from warehouse import dead_letters
from warehouse.db import Warehouse
from warehouse.settings import load_settings

DAY = date(2026, 7, 13)


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with scripted(answer) as running:
        yield running


@pytest.fixture(autouse=True)
def _live(
    warehouse: Warehouse, server: ScriptedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "watchlist.yaml").write_text(WATCHLIST.format(url=server.url))
    url = warehouse.engine.url.render_as_string(hide_password=False)
    environment = variables(server.url) | keys()
    environment |= {
        "CORPINTEL_DATABASE_URL": url,
        "CORPINTEL_HOME": str(tmp_path),
        "CORPINTEL_WATCHLIST": str(tmp_path / "watchlist.yaml"),
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)


def run(*sources: Source, replayed: frozenset[int] | None = None) -> int:
    with open_night("live", as_of=DAY, replayed=replayed) as night:
        load_all(night, [collect(night, source, lambda _: None) for source in sources])
        return night.run_id


def broken(source: Source, among: str = "") -> Source:
    """The source with a parser that understands nothing, of those subjects that have that name."""

    def refuse(response: Response) -> Parsed:
        raise BadBodyError(source.name, "what is this", response.capture.url, "mend the parser")

    def confused(subject: Subject) -> Subject:
        return replace(
            subject,
            parse=refuse if among in subject.name else subject.parse,
            leads_to=lambda: map(confused, subject.leads_to()),
        )

    return replace(source, subjects=lambda night: map(confused, source.subjects(night)))


def rows(warehouse: Warehouse) -> dict[str, int]:
    tables = query(
        warehouse,
        "select table_name from information_schema.columns where table_schema = 'raw'"
        " and column_name = 'load_id' order by 1",
    )
    return {
        table: query(warehouse, f"select count(*) from raw.{table}")[0][0]  # type: ignore[arg-type]
        for (table,) in tables
    }


def test_after_a_fix_the_answers_are_read_from_the_archive_and_nobody_is_asked(
    warehouse: Warehouse, server: ScriptedServer
) -> None:
    run(*map(broken, SOURCES.values()))
    assert set(rows(warehouse).values()) == {0}
    before = len(server.arrivals)
    passed = again = asked = 0
    for group in dead_letters.replayable(warehouse):
        asked += len(group.rejected_ids)
        run_id = run(SOURCES[group.source], replayed=group.captures)
        came = dead_letters.outcome_of(warehouse, group.rejected_ids, run_id)
        assert came.new == 0
        passed, again = passed + came.passed, again + came.again
    assert len(server.arrivals) == before
    # The index of a day is not asked for twice: it said whom to ask that night.
    assert (asked - passed, again) == (1, 0)
    empty = {table for table, count in rows(warehouse).items() if not count}
    # And whose organization or filings could not be read, its repositories and documents were never
    # asked for.
    led_to = ("github_", "filed_", "document")
    assert {table for table in empty if not table.startswith(led_to)} == {
        "sec_index_filings",
        "unmapped_fields",
    }


def test_what_is_still_wrong_is_rejected_again_and_stays_one_dead_letter(
    warehouse: Warehouse,
) -> None:
    source = broken(SOURCES["ecb"])
    run(source)
    [group] = dead_letters.replayable(warehouse)
    run_id = run(source, replayed=group.captures)
    came = dead_letters.outcome_of(warehouse, group.rejected_ids, run_id)
    assert came == dead_letters.Replayed(passed=0, again=1, new=0)
    assert [group.open_count for group in dead_letters.list_groups(warehouse)] == [1]


def test_answers_that_lead_to_others_are_read_though_they_are_not_replayed(
    warehouse: Warehouse,
) -> None:
    """Whose organization is confirmed, their repositories are asked for."""
    run(broken(SOURCES["github"], "repositories"))
    assert rows(warehouse)["github_repositories"] == 0
    [group] = dead_letters.replayable(warehouse)
    run_id = run(SOURCES["github"], replayed=group.captures)
    came = dead_letters.outcome_of(warehouse, group.rejected_ids, run_id)
    assert (came.passed, rows(warehouse)["github_repositories"]) == (1, 1)


def test_two_answers_to_one_question_are_replayed_one_after_the_other(
    warehouse: Warehouse,
) -> None:
    run(broken(SOURCES["ecb"]), broken(SOURCES["yahoo_chart"]))
    query(
        warehouse,
        "update raw.captures set request_key = 'GET one';"
        " update ops.rejected_records set source = 'ecb'",
    )
    groups = dead_letters.replayable(warehouse)
    assert [len(group.captures) for group in groups] == [1, 1]


def test_an_answer_that_cannot_be_read_closes_no_dead_letter(warehouse: Warehouse) -> None:
    """A row of it was rejected; tonight the whole of it is not understood."""
    run(SOURCES["ecb"])
    [(load, capture)] = query(warehouse, "select max(load_id), max(capture_id) from raw.ecb_rates")
    query(
        warehouse,
        "insert into ops.rejected_records (load_id, source, table_name, rule, record, record_sha,"
        " capture_id, rejected_at, last_load_id, last_capture_id) values (%s, 'ecb', 'ecb_rates',"
        " 'rate_not_positive', '{}', gen_random_uuid(), %s, clock_timestamp(), %s, %s)",
        *(load, capture, load, capture),
    )
    run(broken(SOURCES["ecb"]), replayed=frozenset({capture}))
    assert sum(group.open_count for group in dead_letters.list_groups(warehouse)) == 2
    run(SOURCES["ecb"], replayed=frozenset({capture}))
    assert sum(group.open_count for group in dead_letters.list_groups(warehouse)) == 0


def test_a_replay_does_not_count_as_an_answer_of_the_source(
    warehouse: Warehouse, server: ScriptedServer
) -> None:
    run(broken(SOURCES["alpha_vantage"]))
    [group] = dead_letters.replayable(warehouse)
    run(SOURCES["alpha_vantage"], replayed=group.captures)
    before = len(server.arrivals)
    run(SOURCES["alpha_vantage"])
    # Nothing was answered by the planner's count, so everything is asked.
    assert len(server.arrivals) - before == 5


def test_after_a_replay_of_an_old_day_readers_stay_on_todays(warehouse: Warehouse) -> None:
    run(SOURCES["ecb"])
    query(
        warehouse,
        "insert into ops.publications (run_id, published_at, as_of, content_hash,"
        " dbt_manifest_hash, row_counts, rows_changed)"
        " select run_id, clock_timestamp(), as_of + 10, 'x', 'x', '{}', 0 from ops.runs;"
        " insert into ops.current_publication (run_id) select run_id from ops.runs",
    )
    run(broken(SOURCES["yahoo_chart"]))
    assert _last_run(load_settings()) == ("live", DAY + timedelta(days=10))


def test_the_commands_list_show_and_refuse(
    warehouse: Warehouse, capsys: pytest.CaptureFixture[str]
) -> None:
    rejected_command.show_list(None, with_resolved=False)
    assert capsys.readouterr().out == "No dead letters.\n"
    run(broken(SOURCES["ecb"]))
    rejected_command.show_list("ecb", with_resolved=False)
    shown = capsys.readouterr().out.splitlines()[1].split()
    assert shown[:5] == ["ecb", "ecb", "unreadable_body", "1", "0"]
    rejected_command.show_one(shown[-1])
    letter = capsys.readouterr().out
    assert "unreadable_body: what is this" in letter
    assert "eurofxref" in letter
    run(SOURCES["ecb"], replayed=dead_letters.replayable(warehouse)[0].captures)
    rejected_command.show_list(None, with_resolved=False)
    assert capsys.readouterr().out == "No dead letters; 1 were resolved.\n"
    with pytest.raises(BadRequestError, match="4711 is no dead letter"):
        rejected_command.show_one("4711")
    with pytest.raises(BadRequestError, match="'secc' is none of the sources: alpha_vantage, "):
        rejected_command.replay("secc")
