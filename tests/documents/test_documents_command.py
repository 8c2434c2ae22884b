"""What corpintel documents shows: shares as per cent for people, and how many documents wait."""

import sys
from pathlib import Path

import pytest

from connectors.documents.reader import running_reader
from flows.cli import documents_command
from flows.night.bad_request import BadRequestError
from tests.db.packages import query
from warehouse.db import Warehouse
from warehouse.read.errors import NothingPublishedError

_LETTER = """
<p>Results for the fourth quarter of 2025, ended December 31, 2025.</p><p><b>Highlights</b></p>
<p>Gross margin was 72.8% in the fourth quarter of 2025.</p><p><b>Guidance</b></p>
<p>Gross margin in Q1 2026 is expected to be 72% to 73.5%.</p>
"""


@pytest.mark.parametrize(
    ("show", "output", "told"),
    [
        ("kpis", "table", "72.8 %"),
        ("kpis", "csv", "gross_margin,Q4 2025,0.728,percent,"),
        ("guidance", "table", "73.5 %"),
        ("guidance", "json", '"high": "0.735"'),
    ],
)
def test_a_share_is_per_cent_where_people_read_it(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    show: str,
    output: str,
    told: str,
) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    (tmp_path / "letter.html").write_text(_LETTER)
    documents_command.read(tmp_path / "letter.html", "EX-99.1", show, output)
    assert told in capsys.readouterr().out


@pytest.mark.parametrize("name", ["letter.htm", "letter.pdf", "letter.txt"])
def test_a_program_is_no_document_whatever_its_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    (tmp_path / name).write_bytes(Path(sys.executable).resolve().read_bytes()[:1_000_000])
    documents_command.read(tmp_path / name, "", "verdict", "table")
    told = dict(line.split(None, 1) for line in capsys.readouterr().out.splitlines()[:2])
    assert told["verdict"] == "not_text"
    assert "bytes stand in no text" in told["detail"]


@pytest.fixture
def listed(warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Warehouse:
    """A warehouse that the commands find, with three documents by their readers."""
    assert warehouse.reader_password is not None
    for name, value in {
        "CORPINTEL_HOME": str(tmp_path),
        "CORPINTEL_DATABASE_URL": warehouse.engine.url.render_as_string(hide_password=False),
        "CORPINTEL_READER_PASSWORD": warehouse.reader_password.get_secret_value(),
    }.items():
        monkeypatch.setenv(name, value)
    query(
        warehouse,
        f"""
        create view marts.publications as select 1 as run_id;
        create view marts.mart_company_performance as
        select
            'a' as company_id, null::bigint as cik, 'A' as ticker, 'A Inc.' as name,
            'filing' as figures_source;
        create view marts.dim_company_history as
        select
            'a' as company_id, 'ticker' as attribute, 'A' as value, null::date as valid_from,
            null::date as valid_to;
        create view marts.mart_documents as
        select
            'a' as company_id, 'A' as ticker, 'https://a.example/' || n as url,
            '10-K' as document_type, date '2026-01-01' as filed_date, 'read' as verdict,
            null::integer as pages,
            9::bigint as characters, null::text as detail, reader as reader_sha
        from (
            values (1, '{running_reader().sha}'), (2, 'version-1'), (3, null)
        ) as told (n, reader);
        grant select on all tables in schema marts to corpintel_reader
        """,  # type: ignore[arg-type]  # a digest of hexadecimal digits
    )
    return warehouse


def test_the_list_says_how_many_documents_wait_for_this_reader(
    listed: Warehouse, capsys: pytest.CaptureFixture[str]
) -> None:
    documents_command.show_list("a", "table")
    assert "2 of 3 not read by this release's reader yet" in capsys.readouterr().out
    query(listed, "drop view marts.mart_documents")
    with pytest.raises(NothingPublishedError, match="has not published what was asked"):
        documents_command.show_list(None, "table")


def test_marts_of_an_earlier_release_are_said_to_be_so(listed: Warehouse) -> None:
    query(listed, "alter view marts.mart_documents rename reader_sha to parser_version")
    with pytest.raises(NothingPublishedError, match="run corpintel nightly or corpintel publish"):
        documents_command.show_list(None, "table")


_BULLETIN = """
<p>Results for the fourth quarter of 2025, ended December 31, 2025.</p><p><b>Highlights</b></p>
<table><tr><td>Desks sold</td><td>1,200</td><td>1,100</td></tr>
<tr><td>Revenue</td><td>$10</td><td>$9</td></tr></table>
"""


def test_unread_figures_of_files_are_told_by_their_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "one.html").write_text(_BULLETIN)
    (tmp_path / "two.html").write_text(_BULLETIN)
    documents_command.show_unread([tmp_path / "one.html", tmp_path / "two.html"], None, 9, "csv")
    assert capsys.readouterr().out.splitlines() == [
        "place,documents,times,words,passage",
        'row,2,2,desks sold,"Desks sold | 1,200 | 1,100"',
    ]


def test_unread_figures_of_the_marts_are_those_of_their_sections(
    listed: Warehouse, capsys: pytest.CaptureFixture[str]
) -> None:
    query(
        listed,
        """
        create view marts.mart_document_sections as
        select
            company_id, 'https://a.example/1' as url, 1 as section_position, 'highlights' as code,
            'Desks sold | 1,200 | 1,100' as body
        from (values ('a'), ('b')) as companies (company_id);
        grant select on marts.mart_document_sections to corpintel_reader
        """,
    )
    documents_command.show_unread([], "a", 9, "csv")
    assert capsys.readouterr().out.splitlines()[1:] == [
        'row,1,1,desks sold,"Desks sold | 1,200 | 1,100"'
    ]


@pytest.mark.parametrize(
    ("paths", "ticker", "most", "told"),
    [
        (["absent.html"], None, 9, "absent.html: No such file or directory; name a readable file"),
        (["absent.html"], "A", 9, "give it or files, not both"),
        ([], None, 0, "--limit 0 is not from 1 to 100000"),
    ],
)
def test_what_unread_cannot_look_at_is_refused(
    paths: list[str], ticker: str | None, most: int, told: str
) -> None:
    with pytest.raises(BadRequestError, match=told):
        documents_command.show_unread([Path(path) for path in paths], ticker, most, "table")
