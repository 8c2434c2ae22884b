"""The doctor tries each thing: what is wrong has a line, a cure, and exit code 1."""

from pathlib import Path

import pytest

from tests.conftest import READER_PASSWORD
from tests.db.packages import query
from tests.nights import Home
from warehouse.db import Warehouse

FAILED_NIGHT = """
insert into ops.runs (data_kind, as_of, status, started_at, finished_at, detail)
    values ('live', '2026-01-02', 'failed', now(), now(), 'the disk was full')
"""
OPEN_BREAKER = """
insert into ops.breakers (host, source, reason, opened_at, open_until)
    values ('data.sec.gov', 'sec', 'it refused us', now(), now() + interval '1 hour')
"""
SPENT = "insert into ops.request_grants (source, units, granted_at) values ('newsapi', 100, now())"
OLD_SCHEMA = "update public.corpintel_schema_version set version_num = '0010'"


def asked(warehouse: Warehouse, tmp_path: Path, **variables: str) -> tuple[int, dict[str, str]]:
    """Exit code, and what is told of each thing, with its state before it."""
    url = warehouse.engine.url.set(drivername="postgresql")
    home = Home(
        tmp_path,
        {
            "CORPINTEL_DATABASE_URL": url.render_as_string(hide_password=False),
            "CORPINTEL_READER_PASSWORD": READER_PASSWORD,
            **{f"CORPINTEL_{name}": value for name, value in variables.items()},
        },
    )
    done = home.run("doctor")
    assert "Traceback" not in done.stderr, done.stderr
    lines = [line for line in done.stdout.splitlines() if line[:9].strip()]
    # Of several lines of a thing, those that are wrong count.
    lines.sort(key=lambda line: line.startswith("WRONG"))
    return done.returncode, {line[9:23].strip(): line[:9] + line[23:] for line in lines}


def test_what_is_well_is_ok_and_what_is_not_set_up_is_not_used(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    code, told = asked(warehouse, tmp_path)
    assert code == 0, told
    assert told["Archive"].startswith("ok ")
    assert told["Reader"] == "ok       corpintel_reader logs in"
    assert told["Schema"].startswith("ok ")
    not_used = {name for name, line in told.items() if line.startswith("not used")}
    assert not_used >= {"Operator", "Alerts", "Heartbeat", "Prefect", "newsapi", "Last run"}
    assert not list(tmp_path.glob("archive/*"))


@pytest.mark.parametrize(
    ("trouble", "thing", "words"),
    [
        (FAILED_NIGHT, "Last run", "failed, as of 2026-01-02: the disk was full; see corpintel"),
        (FAILED_NIGHT, "Alert", "night_failed: failed_nights is 1; Read why it failed"),
        (OPEN_BREAKER, "Breaker", "sec at data.sec.gov: it refused us, left alone until"),
        (SPENT, "Quota", "newsapi: 0 of 100 left; wait a day"),
        (OLD_SCHEMA, "Schema", "2 migrations are waiting; run corpintel db migrate"),
    ],
)
def test_trouble_in_the_warehouse_is_told_with_its_cure(
    warehouse: Warehouse, tmp_path: Path, trouble: str, thing: str, words: str
) -> None:
    query(warehouse, trouble)  # type: ignore[arg-type]
    code, told = asked(warehouse, tmp_path)
    assert code == 1
    wrong = {name: line for name, line in told.items() if line.startswith("WRONG")}
    assert words in wrong[thing]


@pytest.mark.parametrize(
    ("variables", "thing", "words"),
    [
        ({"WATCHLIST": "{here}"}, "Watchlist", "Is a directory"),
        ({"WATCHLIST": "{here}/none.yaml"}, "Watchlist", "No such file"),
        ({"WATCHLIST": "{here}/bad.yaml"}, "Watchlist", "bad.yaml"),
        ({"ARCHIVE_URL": "foo://x"}, "Archive", "Protocol not known: foo"),
        ({"ARCHIVE_URL": "/proc/archive"}, "Archive", "/proc/archive"),
        ({"LEAST_FREE_GB": "100000"}, "Home", "less than CORPINTEL_LEAST_FREE_GB=100000"),
        ({"ALERT_EMAIL": "on-call@example.com"}, "Alerts", "go together"),
        ({"WATCHLST": "x"}, "Settings", "did you mean CORPINTEL_WATCHLIST?"),
    ],
)
def test_settings_that_cannot_be_used_are_told_with_their_cure(
    warehouse: Warehouse,
    tmp_path: Path,
    variables: dict[str, str],
    thing: str,
    words: str,
) -> None:
    (tmp_path / "bad.yaml").write_text("companies: [{")
    given = {name: value.format(here=tmp_path) for name, value in variables.items()}
    code, told = asked(warehouse, tmp_path, **given)
    assert code == 1
    assert told[thing].startswith("WRONG")
    assert words in told[thing]


def test_a_server_that_does_not_answer_is_told_and_the_rest_is_tried(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    code, told = asked(warehouse, tmp_path, DATABASE_URL="postgresql://x:y@127.0.0.1:9/nowhere")
    assert code == 1
    assert told["Warehouse"].startswith("WRONG    Cannot connect to PostgreSQL at 127.0.0.1:9")
    assert told["Archive"].startswith("ok ")
    assert told["Prefect"].startswith("not used")
