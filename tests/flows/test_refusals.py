"""Wrong requests: one clear line, exit code 2, nothing changed."""

import json
import os
import subprocess
import sys
import tempfile
from decimal import Decimal
from pathlib import Path

import pytest
from pyarrow import parquet

from tests.limits import seconds
from tests.nights import NIGHT_SECONDS, ROOT, Home, SampleNights, make_home


def _refused(home: Home, *arguments: str, text: str | None = None) -> str:
    done = home.run(*arguments, text=text)
    assert done.returncode == 2, done.stdout + done.stderr
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    assert "Traceback" not in done.stderr
    return lines[0]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("nightly", "--sample", "--tickers", "ZZZZ"), "ZZZZ: no such ticker"),
        (("nightly", "--sample", "--tickers", ","), "names no ticker"),
        (("nightly", "--sample", "--as-of", "2026-13-01"), "'2026-13-01' is not a date"),
        (("nightly", "--sample", "--as-of", "2030-01-01"), "lies after 2026-07-10"),
        (("nightly", "--sample", "--as-of", "0001-01-01"), "lies before 1993-01-01"),
        (("nightly", "--sample", "--as-of", "9999-12-31"), "lies after 9998-12-31"),
        (("publish", "--as-of", "0001-01-01"), "lies before 1993-01-01"),
        (("explain", "DUOL", "revenue", "--as-of", "9999-12-31"), "lies after 9998-12-31"),
        (("explain", "DUOL", "revenue", "--as-of", "0001-01-01"), "as of 1-01-01"),
        (("nightly", "--sample", "--live"), "exclude each other"),
        (("nightly", "--live"), "CORPINTEL_SEC_USER_AGENT is not set"),
        (("import-bulk", "/nowhere.zip"), "give companyfacts.zip or submissions.zip"),
        (("plan",), "there is no plan yet"),
        (("publish", "rollback", "99"), "run 99 is not among the"),
        (("publish", "--force", "because I say so", "list"), "leave them out"),
        (("sql", "create table t (a int)"), "the statement writes"),
        (("sql", "delete from mart_filings"), "writes nothing"),
        (("sql", "select 1; select 2"), "multiple commands"),
        (("sql", "select * from raw.sec_facts"), "permission denied for schema raw"),
        (("sql",), "give one statement"),
        (("publish", "--force", "because"), "does not say why"),
        (("rejected", "show", "x"), "'x' is no number"),
        (("rejected", "show", "4711"), "4711 is no dead letter"),
        (("rejected", "list", "--source", "secc"), "is none of the sources: alpha_vantage, "),
        (("chaos", "--seed", "x"), "'x' is no whole number"),
        (("publish", "--as-of", "yesterday"), "'yesterday' is not a date"),
        (("sql", "-f", "no-such-file.sql"), "no-such-file.sql"),
    ],
)
def test_a_wrong_request_is_one_line_and_code_2(
    sample_nights: SampleNights, arguments: tuple[str, ...], says: str
) -> None:
    assert says in _refused(sample_nights.home, *arguments)


def test_live_data_never_joins_a_sample_warehouse(sample_nights: SampleNights) -> None:
    home = Home(sample_nights.home.path, {"CORPINTEL_SEC_USER_AGENT": "Tests tests@example.com"})
    assert "holds sample data" in _refused(home, "nightly", "--live")


@pytest.mark.parametrize(
    ("entries", "says"),
    [
        ("{id: a, name: A, cik: 1, segment: nonsense, delivery_model: B2C,"
         " tickers: [{symbol: A}]}", "nonsense"),
        ("{id: a, name: A, cik: 1, segment: k12, delivery_model: B2C, tickers: [{symbol: A}]}\n"
         "  - {id: b, name: B, cik: 1, segment: k12, delivery_model: B2C,"
         " tickers: [{symbol: B}]}", "cik"),
    ],
    ids=["segment", "duplicate-cik"],
)  # fmt: skip
def test_a_wrong_watchlist_is_refused(tmp_path: Path, entries: str, says: str) -> None:
    watchlist = tmp_path / "watchlist.yaml"
    watchlist.write_text(f"companies:\n  - {entries}\n")
    home = Home(
        make_home(),
        {
            "CORPINTEL_WATCHLIST": str(watchlist),
            "CORPINTEL_SEC_USER_AGENT": "Tests tests@example.com",
        },
    )
    assert says in _refused(home, "nightly", "--live")


_BOMB = "a: &a [lol, lol]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
    for before, name in zip("abcdefg", "bcdefgh", strict=True)
)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "cannot be read (Is a directory); set CORPINTEL_WATCHLIST to a YAML file"),
        (_BOMB.encode(), "is not YAML: alias *a must be written out"),
        (Path(sys.executable).resolve().read_bytes()[:100_000], "is not YAML: "),
        (b"companies: \x00\x01\x02", "is not YAML: "),
    ],
    ids=["directory", "aliases that unfold", "program", "control characters"],
)
def test_what_is_no_watchlist_is_refused(tmp_path: Path, content: bytes | None, says: str) -> None:
    watchlist = tmp_path / "watchlist.yaml"
    if content is None:
        watchlist.mkdir()
    else:
        watchlist.write_bytes(content)
    variables = {
        "CORPINTEL_WATCHLIST": str(watchlist),
        "CORPINTEL_SEC_USER_AGENT": "Tests tests@example.com",
    }
    line = _refused(Home(tmp_path, variables), "nightly", "--live")
    assert line.startswith(f"corpintel: {watchlist}: {says}")


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads what nobody may read")
def test_a_watchlist_that_may_not_be_read_is_refused(tmp_path: Path) -> None:
    watchlist = tmp_path / "watchlist.yaml"
    watchlist.touch(mode=0o000)
    variables = {
        "CORPINTEL_WATCHLIST": str(watchlist),
        "CORPINTEL_SEC_USER_AGENT": "Tests tests@example.com",
    }
    line = _refused(Home(tmp_path, variables), "nightly", "--live")
    assert f"{watchlist}: cannot be read (Permission denied)" in line


@pytest.mark.parametrize(
    ("address", "says"),
    [
        (
            "s3://login:secret@bucket/x",
            "'s3://***@bucket/x' needs a package that is not installed: Install s3fs to access S3",
        ),
        ("foo://x", "'foo://x' cannot be used: Protocol not known: foo; give a folder"),
    ],
)
def test_an_archive_that_cannot_be_had_is_refused(home: Home, address: str, says: str) -> None:
    elsewhere = Home(home.path, {"CORPINTEL_ARCHIVE_URL": address})
    line = _refused(elsewhere, "nightly", "--sample")
    assert line.startswith(f"corpintel: CORPINTEL_ARCHIVE_URL: {says}")
    assert line == _refused(elsewhere, "backup", str(home.path / "copy"))


def test_sql_in_a_new_home_says_what_to_run_first(home: Home) -> None:
    told = "nothing is published yet; run corpintel nightly --sample first"
    assert told in _refused(home, "sql", "select 1")


def test_publish_in_a_new_home_says_what_to_run_first(home: Home) -> None:
    assert "run corpintel nightly" in _refused(home, "publish")
    assert "nothing is published yet" in _refused(home, "publish", "list")


def test_a_wrong_setting_names_its_variable_and_an_example(sample_nights: SampleNights) -> None:
    home = Home(sample_nights.home.path, {"CORPINTEL_SEC_DATA_URL": "ftp://x"})
    line = _refused(home, "doctor")
    assert "CORPINTEL_SEC_DATA_URL" in line
    assert "https://data.sec.gov" in line


def test_a_night_does_not_begin_on_a_full_disk(home: Home) -> None:
    full = Home(home.path, {"CORPINTEL_LEAST_FREE_GB": "100000"})
    done = full.run("nightly", "--sample")
    assert done.returncode == 1
    [line] = done.stderr.splitlines()
    assert "less than CORPINTEL_LEAST_FREE_GB=100000: free some space" in line


def test_sql_reads_a_file_and_standard_input(sample_nights: SampleNights, tmp_path: Path) -> None:
    file = tmp_path / "one.sql"
    file.write_text("select 1 as one;\n")
    assert sample_nights.home.run("sql", "-f", str(file), "--format", "csv").stdout == "one\n1\n"
    piped = sample_nights.home.run("sql", "-", "--format", "csv", text="select 2 as two")
    assert piped.stdout == "two\n2\n"


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        (
            "select company_id,\n  tickr from dim_company",
            [
                'corpintel: the statement failed: column "tickr" does not exist, at line 2,'
                " column 3",
                "    tickr from dim_company",
                "    ^",
                'hint: Perhaps you meant to reference the column "dim_company.ticker".',
            ],
        ),
        (
            "selec 1",
            [
                'corpintel: the statement failed: syntax error at or near "selec", at line 1,'
                " column 1",
                "  selec 1",
                "  ^",
            ],
        ),
    ],
)
def test_what_is_wrong_with_a_statement_is_told_with_its_place_and_the_hint(
    sample_nights: SampleNights, statement: str, told: list[str]
) -> None:
    done = sample_nights.home.run("sql", statement)
    assert (done.returncode, done.stderr.splitlines()) == (2, told)


def test_rows_are_printed_as_they_come(sample_nights: SampleNights) -> None:
    done = sample_nights.home.run(
        "sql", "--format", "csv", "select 12 / (3 - n) as share from generate_series(1, 5) as n"
    )
    assert done.stdout.splitlines() == ["share", "6", "12"]
    assert done.stderr == "corpintel: the statement failed: division by zero\n"


@pytest.mark.parametrize(
    ("output", "rows", "none"), [("csv", "n\n1\n2\n", "n\n"), ("json", None, "[]\n")]
)
def test_a_statement_without_rows_has_its_columns(
    sample_nights: SampleNights, output: str, rows: str | None, none: str
) -> None:
    ask = "select n from generate_series(1, 2) as n"
    told = sample_nights.home.run("sql", "--format", output, ask).stdout
    assert told == rows if rows is not None else json.loads(told) == [{"n": 1}, {"n": 2}]
    assert sample_nights.home.run("sql", "--format", output, f"{ask} where false").stdout == none


def test_a_file_is_written_whole_or_not_at_all(sample_nights: SampleNights, tmp_path: Path) -> None:
    def asked(statement: str, name: str, *options: str) -> tuple[int, str]:
        done = sample_nights.home.run("sql", statement, "--out", str(tmp_path / name), *options)
        return done.returncode, (done.stderr or done.stdout).strip()

    figures = "select ticker, revenue_ttm from mart_company_performance where revenue_ttm > 0"
    for name in ("all.csv", "all.json", "all.jsonl", "all.parquet", "all.xlsx"):
        assert asked(figures, name) == (0, f"22 rows in {tmp_path / name}")
    exact = parquet.read_table(tmp_path / "all.parquet").to_pylist()
    with (tmp_path / "all.jsonl").open(encoding="utf-8") as lines:
        assert [json.loads(line, parse_float=Decimal) for line in lines] == exact

    assert asked("select 1 / (2 - n) from generate_series(1, 2) as n", "none.csv") == (
        2,
        "corpintel: the statement failed: division by zero",
    )
    assert asked("select 1", "none.txt")[0] == 2
    assert "leave it out" in asked("select 1", "none.csv", "--exact")[1]
    assert "a table is for the terminal" in asked("select 1", "none.csv", "--format", "table")[1]
    assert asked("select 1", "no/folder.csv")[1].endswith("name another place")
    assert {path.name.partition(".")[0] for path in tmp_path.iterdir()} == {"all"}


def test_whoever_has_read_enough_may_close_the_pipe(sample_nights: SampleNights) -> None:
    many = "select n from generate_series(1, 200000) as n"
    command = [sys.executable, "-m", "flows.cli.main", "sql", "--format", "csv", many]
    with (
        tempfile.TemporaryFile() as told,
        subprocess.Popen(
            command,
            cwd=ROOT,
            env=sample_nights.home.environment(),
            stdout=subprocess.PIPE,
            stderr=told,
        ) as running,
    ):
        assert running.stdout is not None
        assert running.stdout.readline() == b"n\n"
        running.stdout.close()
        running.wait(seconds(NIGHT_SECONDS))
        told.seek(0)
        assert told.read() == b""
