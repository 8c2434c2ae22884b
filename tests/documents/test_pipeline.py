"""Documents from a server to the raw tables: fetched once, read from the archive, never again."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import get_args

import psycopg
import pytest

import flows.night.open
from chaos.scripted_server import ScriptedServer, scripted
from connectors.documents.reader import Reader, running_reader
from connectors.documents.reading import Verdict
from connectors.filed_documents.parse import parse_index
from connectors.investor_pages.parse import links_to_pdfs
from flows.night.open import Night, open_night
from flows.sources import SOURCES, document_texts
from flows.steps.collect import collect
from flows.steps.gate import SUITES, load_all
from tests.documents.edgar import FILED, WATCHLIST, edgar
from tests.documents.hostile import flate_bomb
from tests.sources.examples import variables
from warehouse.db import Warehouse

_WAVES = (("sec",), ("filed_documents", "investor_pages"), ("document_texts",))
_DAY = date(2026, 7, 10)


@pytest.fixture
def recorded_edgar() -> Callable[[str], tuple[str, bytes]]:
    return edgar()


@contextmanager
def _serving(
    answer: Callable[[str], tuple[str, bytes]],
    watchlist: str,
    warehouse: Warehouse,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[ScriptedServer]:
    with scripted(answer) as server:
        (home / "watchlist.yaml").write_text(watchlist.format(url=server.url))
        url = warehouse.engine.url.render_as_string(hide_password=False)
        environment = variables(server.url) | {
            "CORPINTEL_DATABASE_URL": url,
            "CORPINTEL_HOME": str(home),
            "CORPINTEL_WATCHLIST": str(home / "watchlist.yaml"),
        }
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        yield server


def _night(*waves: tuple[str, ...], tickers: list[str] | None = None) -> Night:
    with open_night("live", tickers, _DAY) as night:
        for names in waves or _WAVES:
            load_all(night, [collect(night, SOURCES[name], lambda _: None) for name in names])
    return night


_WAITING = (
    "select row_count, detail from ops.outcomes"
    " where subject = 'documents that wait' and status = 'skipped' order by outcome_id"
)
_RUNNING = "select reader_sha, libraries from ops.readers order by last_used_at desc limit 1"


def _run_as(monkeypatch: pytest.MonkeyPatch, sha: str) -> None:
    """Be the release with that reader from now on."""
    for module in (document_texts, flows.night.open):
        monkeypatch.setattr(module, "running_reader", lambda: Reader(sha, {"pypdf": "1"}))


def _all(warehouse: Warehouse, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(warehouse.psycopg_dsn()) as connection:
        return connection.execute(statement.encode()).fetchall()


def test_documents_are_fetched_once_and_read_again_from_the_archive(
    warehouse: Warehouse,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    recorded_edgar: Callable[[str], tuple[str, bytes]],
) -> None:
    with _serving(
        recorded_edgar, WATCHLIST.replace("{", "{{").replace("}", "}}"), warehouse, tmp_path,
        monkeypatch,
    ) as server:  # fmt: skip
        _night()
        listed = _all(
            warehouse, "select accession, document_type from raw.filed_documents order by 1, 2"
        )
        expected = [(f.accession, f.form) for f in FILED]
        expected += [(f.accession, "EX-99.1") for f in FILED if f.exhibit]
        assert listed == sorted(expected)
        read = (
            "select verdict, reader_sha, count(*) from raw.documents group by 1, 2"
            " order by min(load_id)"
        )
        read_days = (
            "select f.filed_date from raw.filed_documents as f inner join raw.documents as d"
            " using (sha256, document_type) where d.reader_sha = repeat('b', 16)"
            " order by f.filed_date desc"
        )
        first, other = running_reader().sha, "b" * 16
        assert _all(warehouse, read) == [("read", first, len(expected))]
        tables = ("document_sections", "document_facts", "document_kpis", "document_risks")
        counts = {t: _all(warehouse, f"select count(*) from raw.{t}")[0][0] for t in tables}
        assert min(counts.values()) > 50  # type: ignore[type-var]

        asked = len(server.arrivals)
        _night(*_WAVES[1:])
        assert len(server.arrivals) == asked
        assert _all(warehouse, read) == [("read", first, len(expected))]
        assert _all(warehouse, _WAITING) == []

        # Another release reads the same bytes anew, so many a night and the newest first, beside
        # what the first one said; nobody is asked.
        _run_as(monkeypatch, other)
        days = _all(warehouse, "select filed_date from raw.filed_documents order by 1 desc")
        for done in (2, 4):
            monkeypatch.setenv("CORPINTEL_DOCUMENTS_A_NIGHT", "2")
            _night(_WAVES[2])
            assert _all(warehouse, read_days) == days[:done]
        (waited, told), (waits, _) = _all(warehouse, _WAITING)
        assert (waited, waits) == (len(days) - 2, len(days) - 4)
        assert str(told).startswith(f"not read by this release's reader yet: {waited}, ")
        monkeypatch.delenv("CORPINTEL_DOCUMENTS_A_NIGHT")
        _night(_WAVES[2])
        assert len(server.arrivals) == asked
        assert len(_all(warehouse, _WAITING)) == 2
        assert _all(warehouse, _RUNNING) == [(other, {"pypdf": "1"})]
        assert _all(warehouse, read) == [
            ("read", first, len(expected)),
            ("read", other, len(expected)),
        ]
        again = {t: _all(warehouse, f"select count(*) from raw.{t}")[0][0] for t in tables}
        assert again == {table: 2 * count for table, count in counts.items()}  # type: ignore[operator]

        # The first release runs again: its reader is the running one, and has read everything.
        monkeypatch.setattr(document_texts, "running_reader", running_reader)
        monkeypatch.setattr(flows.night.open, "running_reader", running_reader)
        _night(_WAVES[2])
        assert _all(warehouse, _RUNNING) == [(first, dict(running_reader().libraries))]
        assert len(_all(warehouse, _WAITING)) == 2


def test_a_hostile_document_costs_one_verdict_and_an_investor_page_brings_its_pdfs(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = {
        "page.html": (
            b"<p>In the fourth quarter of 2025, ended December 31, 2025, we had 9.5 million paid"
            b' subscribers.</p><a href="bomb.pdf">Letter</a><a href="https://elsewhere.example/x.pdf">'
            b"not ours</a>"
        ),
        "bomb.pdf": flate_bomb(),
    }
    watchlist = (
        'companies:\n  - {{id: example, name: "Example Inc.", segment: k12, delivery_model: B2C,'
        ' tickers: [{{symbol: EXM}}], investor_pages: ["{url}/ok/page.html"]}}\n'
    )

    def answer(path: str) -> tuple[str, bytes]:
        name = path.rpartition("/")[2]
        return ("text/html" if name.endswith("html") else "application/pdf"), pages[name]

    with _serving(answer, watchlist, warehouse, tmp_path, monkeypatch):
        _night(*_WAVES[1:])
    documents = _all(
        warehouse,
        "select i.title, d.media, d.verdict in ('malformed', 'out_of_memory', 'out_of_time')"
        " from raw.investor_documents as i inner join raw.documents as d on d.sha256 = i.sha256"
        " order by 1 nulls first",
    )
    assert documents == [(None, "html", False), ("Letter", "pdf", True)]
    assert _all(warehouse, "select metric, value, fiscal_quarter from raw.document_kpis") == [
        ("paid_subscribers", 9_500_000, 4)
    ]
    problems = _all(warehouse, "select subject, detail from ops.outcomes where status = 'failed'")
    assert problems == []


def test_the_suite_knows_every_verdict() -> None:
    (rule,) = [rule for rule in SUITES["documents"] if rule.name == "verdict_in_set"]
    assert set(rule.arguments["value_set"]) == set(get_args(Verdict))


def test_an_index_page_lists_what_can_be_read() -> None:
    page = b"""<table class="tableFile" summary="Document Format Files">
    <tr><th>Seq</th><th>Description</th><th>Document</th><th>Type</th><th>Size</th></tr>
    <tr><td>1</td><td>8-K</td><td><a href="/ix?doc=/Archives/x.htm">x.htm</a> iXBRL</td><td>8-K</td>
    <td>1</td></tr>
    <tr><td>2</td><td>LETTER</td><td><a href="/Archives/ex991.htm">ex991.htm</a></td>
    <td>EX-99.1</td><td>1</td></tr>
    <tr><td>3</td><td></td><td><a href="/Archives/g1.jpg">g1.jpg</a></td><td>GRAPHIC</td></tr>
    </table>"""
    assert [(entry.type, entry.name) for entry in parse_index(page)] == [
        ("8-K", "x.htm"),
        ("EX-99.1", "ex991.htm"),
    ]
    assert parse_index(b"<html>another page</html>") == []


def test_links_to_pdfs_are_those_of_the_pages_own_host() -> None:
    page = b"""<a href="/a.pdf#page=2">A</a><a href="b.PDF">B</a><a href="//o.example/c.pdf">C</a>
    <a href="http://[broken">D</a><a href="/a.pdf">A again</a>"""
    assert links_to_pdfs(page, "https://example.com/ir/") == [
        ("https://example.com/a.pdf", "A"),
        ("https://example.com/ir/b.PDF", "B"),
    ]
