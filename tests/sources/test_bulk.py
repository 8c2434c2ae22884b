"""SEC's bulk archives in place of its API."""

import zipfile
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.errors import BadBodyError
from connectors.sec.bulk import BulkArchive
from flows.night.open import open_night
from flows.sources.sec_bulk import bulk_source
from flows.steps import collect as collecting
from flows.steps.collect import collect
from flows.steps.gate import load_all
from tests.db.packages import query
from tests.sources.examples import BY_NAME
from tests.sources.test_collecting import live, server
from warehouse.db import Warehouse
from warehouse.load import stage_rows

__all__ = ["live", "server"]

FACTS = BY_NAME["sec companyfacts"].body
SUBMISSIONS = BY_NAME["sec submissions, filing"].body
# Four in the morning in Washington, in summer.
WRITTEN = (2026, 7, 10, 4, 0, 0)


def archive(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, body in members.items():
            file.writestr(zipfile.ZipInfo(name, WRITTEN), body)
    return path


def load(path: Path, everyone: bool = False) -> int:
    """Load the archive; how many companies were read."""
    read = 0

    def advance(count: int) -> None:
        nonlocal read
        read += count

    with open_night("live") as night, BulkArchive(path) as bulk:
        load_all(night, [collect(night, bulk_source(bulk, everyone), advance)])
    return read


def strangers(path: Path, count: int) -> Path:
    """An archive of so many filers, each with one fact."""
    return archive(
        path,
        {
            f"CIK{cik:010d}.json": FACTS.replace(b'"cik":1,', f'"cik":{cik},'.encode())
            for cik in range(1, count + 1)
        },
    )


def test_facts_of_the_watchlist_are_loaded_as_of_when_sec_wrote_them(
    warehouse: Warehouse, live: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    stranger = FACTS.replace(b'"cik":1,', b'"cik":2,')
    path = archive(
        tmp_path / "companyfacts.zip",
        {"CIK0000000001.json": FACTS, "CIK0000000002.json": stranger},
    )
    load(path)
    rows = query(warehouse, "select cik, value::int, fetched_at from raw.sec_facts")
    assert rows == [(1, 1_234_567, datetime(2026, 7, 10, 8, tzinfo=UTC))]
    [(url,)] = query(warehouse, "select url from raw.captures")
    assert url.endswith("/api/xbrl/companyfacts/CIK0000000001.json")
    # The same documents, written at another time, are the same capture and change nothing.
    later = zipfile.ZipInfo("CIK0000000001.json", (2026, 7, 11, 4, 0, 0))
    with zipfile.ZipFile(tmp_path / "later.zip", "w") as file:
        file.writestr(later, FACTS)
    assert load(tmp_path / "later.zip") == 1
    assert query(warehouse, "select count(*) from raw.captures") == [(1,)]
    assert query(warehouse, "select count(*) from raw.sec_facts") == [(1,)]


def test_an_old_archive_never_overrides_a_newer_answer(
    warehouse: Warehouse, live: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    load(archive(tmp_path / "new.zip", {"CIK0000000001.json": FACTS}))
    query(warehouse, "update raw.captures set fetched_at = fetched_at + interval '1 day'")
    older = FACTS.replace(b"1234567", b"7654321")
    load(archive(tmp_path / "old.zip", {"CIK0000000001.json": older}))
    newest = "select value::int from raw.sec_facts order by fetched_at desc limit 1"
    assert query(warehouse, newest) == [(1_234_567,)]


def test_submissions_with_their_history_pages(
    warehouse: Warehouse, live: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    page = (
        b'{"accessionNumber":["0000000001-01-000001"],"form":["10-K405"],'
        b'"filingDate":["2001-03-30"]}'
    )
    path = archive(
        tmp_path / "submissions.zip",
        {"CIK0000000001-submissions-001.json": page, "CIK0000000001.json": SUBMISSIONS},
    )
    load(path)
    rows = query(warehouse, "select form, filed_date from raw.sec_filings order by filed_date")
    assert rows == [("10-K405", date(2001, 3, 30)), ("10-K", date(2026, 2, 27))]


@pytest.mark.parametrize(
    ("members", "says"),
    [({"readme.txt": b"x"}, "without a document"), (None, "not a bulk archive")],
)
def test_what_is_no_bulk_archive_is_refused(
    tmp_path: Path, members: dict[str, bytes] | None, says: str
) -> None:
    path = tmp_path / "x.zip"
    if members is None:
        path.write_bytes(b"PK nothing")
    else:
        archive(path, members)
    with pytest.raises(BadBodyError, match=says):
        BulkArchive(path)


class KilledError(BaseException):
    """Stands for what ends a process: nothing catches it."""


def test_every_filer_of_an_archive_is_loaded_and_a_run_that_was_cut_short_is_taken_up(
    warehouse: Warehouse, live: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = strangers(tmp_path / "companyfacts.zip", 9)
    # A company brings a fact and its name, so two companies fill a package.
    live.setattr(collecting, "PACKAGE_ROWS", 4)
    staged = []

    def cut(*given: Any) -> int:
        staged.append(given)
        if len(staged) > 10:
            raise KilledError
        return stage_rows(*given)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(collecting, "stage_rows", cut)
        with pytest.raises(KilledError):
            load(path, everyone=True)
    # Five companies were staged, two packages of two were merged.
    assert query(warehouse, "select cik from raw.sec_facts order by 1") == [(1,), (2,), (3,), (4,)]
    assert load(path, everyone=True) == 5
    assert query(warehouse, "select cik from raw.sec_facts order by 1") == [
        (cik,) for cik in range(1, 10)
    ]
    # Nothing is left to read, and what an archive of another day says is read.
    assert load(path, everyone=True) == 0
    other = {"CIK0000000001.json": FACTS.replace(b"1234567", b"7654321")}
    assert load(archive(tmp_path / "next.zip", other), everyone=True) == 1


def test_documents_that_could_not_be_read_are_read_again(
    warehouse: Warehouse, live: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = archive(tmp_path / "x.zip", {"CIK0000000001.json": FACTS, "CIK0000000002.json": b"[]"})
    assert load(path, everyone=True) == 2
    assert load(path, everyone=True) == 1
