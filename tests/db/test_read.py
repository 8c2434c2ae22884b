"""Questions on small published marts: who is meant, what is known of them, and why it is blank."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import psycopg
import pytest
from pydantic import SecretStr
from sqlalchemy import text

from tests.db.packages import AS_OF, new_run
from tests.db.test_publish import build
from warehouse.db import Warehouse
from warehouse.publishing.declared import Mart
from warehouse.publishing.publish import publish
from warehouse.read import documents
from warehouse.read.companies import BLANK_REASON_COLUMNS, companies, company, find_company
from warehouse.read.connection import open_operator, open_reader
from warehouse.read.documents import (
    HIT_START,
    HIT_STOP,
    count_sections,
    list_documents,
    search_documents,
)
from warehouse.read.errors import (
    NothingPublishedError,
    QuestionError,
    ReaderRefusedError,
    UnknownCompanyError,
    UnknownLineError,
    UnknownPeriodError,
)
from warehouse.read.explain import Explanation, Question, explain
from warehouse.read.financials import blank_financials, financials_as_of, newest_financials
from warehouse.read.publications import current_publication, publications
from warehouse.read.runs import find_run
from warehouse.read.statement import ask

CELL_SHAPE = (
    "company_id text, cik bigint, ticker text, line text, period_type text, period_start date,"
    " period_end date, fiscal_year int, fiscal_quarter int, currency text, value numeric,"
    " value_usd numeric,"
    " split_factor numeric, derivation text, rule text, accession text, known_from timestamptz,"
    " status text, blank_reason text"
)
VENDOR_SHAPE = (
    "source text, field text, company_id text, line text, period_type text, period_end date"
)
MEASURES = ", ".join(f"{name} numeric" for name in BLANK_REASON_COLUMNS)
REASONS = ", ".join(f"{name} text" for name in BLANK_REASON_COLUMNS.values())
# By mart: its key and its columns, as dbt declares them.
SHAPES: Mapping[str, tuple[str, str]] = {
    "mart_company_performance": (
        "company_id",
        "company_id text, cik bigint, ticker text, name text, segment text, segment_label text,"
        " listing_status text, figures_source text, currency text, fx_kind text,"
        " revenue_ttm_accession text, ttm_end date, days_since_ttm_end int, is_stale boolean,"
        " fiscal_year_end date, is_ranked boolean, left_out_reason text, rank_overall int,"
        f" health_status text, health_reason text, {MEASURES}, {REASONS}",
    ),
    "dim_company_history": (
        "company_id attribute entry_number",
        "company_id text, attribute text, entry_number int, value text, valid_from date,"
        " valid_to date",
    ),
    "fct_financials": ("cik line period_type period_end", CELL_SHAPE),
    "fct_financial_vintages": (
        "cik line period_type period_end known_from",
        f"{CELL_SHAPE}, known_to timestamptz",
    ),
    "fct_financial_inputs": (
        "cik line period_type period_end known_from input_number",
        "cik bigint, line text, period_type text, period_end date, known_from timestamptz,"
        " input_number int, weight numeric, input_value numeric, input_unit text,"
        " input_concept text, input_start date, input_end date, input_accession text,"
        " input_form text, input_filed_date date",
    ),
    "fct_financial_candidates": (
        "cik line candidate_number",
        "cik bigint, line text, candidate_number int, period_length text, period_start date,"
        " period_end date, verdict text, value numeric, unit text, concept text, accession text,"
        " form text, filed_date date, known_from timestamptz",
    ),
    "dim_measures": (
        "measure",
        "measure text, sort_order int, unit text, direction text, formula text, description text,"
        " parts jsonb",
    ),
    "dim_rules": ("rule", "rule text, formula text, reason text"),
    "mart_filings": ("cik accession", "cik bigint, accession text, url text"),
    "fct_vendor_financials": (
        "source field company_id line period_type period_end",
        f"{VENDOR_SHAPE}, currency text, value numeric, is_trusted boolean,"
        " captured_at timestamptz",
    ),
    "fct_vendor_comparisons": (
        "source field company_id line period_type period_end",
        f"{VENDOR_SHAPE}, filed_value numeric, difference_pct numeric, is_agreeing boolean",
    ),
    "mart_vendor_accuracy": (
        "source field line",
        "source text, field text, line text, compared_count int, agreeing_count int",
    ),
    "mart_documents": (
        "url",
        "company_id text, ticker text, document_type text, filed_date date, verdict text,"
        " pages int, characters int, detail text, url text, reader_sha text",
    ),
    "mart_document_sections": (
        "url section_position",
        "company_id text, ticker text, document_type text, filed_date date, code text, title text,"
        " speaker text, page int, url text, section_position int, body text",
    ),
}

BLANKS = dict.fromkeys(BLANK_REASON_COLUMNS.values(), "no_figures")
COMPANY = {
    "segment": "s", "segment_label": "S", "listing_status": "listed", "is_ranked": False,
    "left_out_reason": "no_figures", "health_status": "unknown", "health_reason": "no_figures",
    **BLANKS,
}  # fmt: skip
CELL = {
    "company_id": "aaa", "cik": 1, "ticker": "AAA", "line": "revenue", "period_type": "annual",
    "fiscal_year": 2024, "period_start": "2024-01-01", "period_end": "2024-12-31",
    "currency": "USD", "value": 100,
    "value_usd": 100, "split_factor": 1, "derivation": "reported", "rule": "reported",
    "accession": "1", "known_from": "2025-02-01T12:00Z", "status": "ok",
}  # fmt: skip
BLANK = {
    **CELL, "company_id": "bbb", "cik": 2, "ticker": "OLD", "value": None, "value_usd": None,
    "derivation": None, "rule": None, "status": "blank", "blank_reason": "ambiguous",
}  # fmt: skip
# Of a company without an annual report yet.
UNLABELLED = {
    **CELL, "company_id": "bbb", "cik": 2, "ticker": "OLD", "line": "net_income",
    "period_type": "quarter", "fiscal_year": None, "period_start": "2024-07-01",
    "period_end": "2024-09-30", "value": 7,
}  # fmt: skip
VENDOR = {
    "source": "yahoo", "field": "totalRevenue", "company_id": "ccc", "line": "revenue",
    "period_type": "annual", "period_end": "2024-06-30", "currency": "USD", "value": 70,
    "is_trusted": True, "captured_at": "2025-03-01T12:00Z",
}  # fmt: skip
CANDIDATE = {
    "cik": 2, "line": "revenue", "candidate_number": 1, "period_length": "annual",
    "period_start": "2024-01-01", "period_end": "2024-12-31", "verdict": "ambiguous",
    "value": 90, "unit": "USD", "concept": "us-gaap:Revenues", "accession": "2", "form": "10-K",
    "filed_date": "2025-02-01", "known_from": "2025-02-01T12:00Z",
}  # fmt: skip

# AAA was OLD until mid-2023, BBB has been OLD since 2024; a vendor alone knows ccc, nobody ddd.
ROWS: Mapping[str, list[dict[str, Any]]] = {
    "mart_company_performance": [
        {
            **COMPANY, "company_id": "aaa", "cik": 1, "ticker": "AAA", "name": "A Inc.",
            "figures_source": "filing", "currency": "USD", "revenue_ttm": 100,
            "revenue_ttm_blank_reason": None, "is_ranked": True, "left_out_reason": None,
            "rank_overall": 1, "gross_margin_blank_reason": "not_reported",
        },
        {**COMPANY, "company_id": "bbb", "cik": 2, "ticker": "OLD", "name": "B Inc."},
        {
            **COMPANY, "company_id": "ccc", "cik": 3, "ticker": "CCC", "name": "C Inc.",
            "figures_source": "vendor",
        },
        {**COMPANY, "company_id": "ddd", "name": "D, a private company"},
    ],
    "dim_company_history": [
        {"company_id": "aaa", "attribute": "ticker", "entry_number": 1, "value": "OLD",
         "valid_to": "2023-06-30"},
        {"company_id": "aaa", "attribute": "ticker", "entry_number": 2, "value": "AAA",
         "valid_from": "2023-07-01"},
        {"company_id": "bbb", "attribute": "ticker", "entry_number": 1, "value": "BEE",
         "valid_to": "2023-12-31"},
        {"company_id": "bbb", "attribute": "ticker", "entry_number": 2, "value": "OLD",
         "valid_from": "2024-01-01"},
    ],
    "fct_financials": [
        {**CELL, "value": 90, "known_from": "2025-08-01T12:00Z"}, BLANK, UNLABELLED,
    ],
    "fct_financial_vintages": [
        {**CELL, "known_to": "2025-08-01T12:00Z"},
        {**CELL, "value": 90, "known_from": "2025-08-01T12:00Z"},
        BLANK,
        UNLABELLED,
    ],
    "fct_financial_inputs": [
        {"cik": 1, "line": "revenue", "period_type": "annual", "period_end": "2024-12-31",
         "known_from": "2025-08-01T12:00Z", "input_number": 1, "weight": 1, "input_value": 90,
         "input_unit": "USD", "input_concept": "us-gaap:Revenues", "input_start": "2024-01-01",
         "input_end": "2024-12-31", "input_accession": "1", "input_form": "10-K/A",
         "input_filed_date": "2025-08-01"},
    ],
    "fct_financial_candidates": [CANDIDATE, {**CANDIDATE, "candidate_number": 2, "value": 95}],
    "dim_measures": [],
    "dim_rules": [{"rule": "reported", "formula": "the fact", "reason": "It is stated."}],
    "mart_filings": [{"cik": 1, "accession": "1", "url": "https://example.com/1"}],
    "fct_vendor_financials": [
        VENDOR,
        {**VENDOR, "period_end": "2023-06-30", "value": 60},
        {**VENDOR, "line": "total_assets", "period_type": "instant", "value": 500},
        {**VENDOR, "company_id": "bbb", "period_end": "2024-12-31", "value": 95},
    ],
    "fct_vendor_comparisons": [],
    "mart_vendor_accuracy": [
        {"source": "yahoo", "field": "totalRevenue", "line": "revenue", "compared_count": 10,
         "agreeing_count": 9},
    ],
    "mart_documents": [
        {"company_id": "aaa", "ticker": "AAA", "document_type": "10-K", "verdict": "read",
         "filed_date": "2025-02-01", "url": "https://example.com/1"},
        {"company_id": "ccc", "ticker": "CCC", "document_type": "EX-99.1", "verdict": "scanned",
         "filed_date": "2025-03-01", "url": "https://example.com/2"},
    ],
    "mart_document_sections": [
        {"company_id": "aaa", "ticker": "AAA", "document_type": "10-K", "code": "7",
         "title": "MD&A", "filed_date": "2025-02-01", "url": "https://example.com/1",
         "section_position": 1, "body": "Net retention rose, while costs fell."},
        {"company_id": "ccc", "ticker": "CCC", "document_type": "EX-99.1", "code": "highlights",
         "filed_date": "2025-03-01", "url": "https://example.com/2", "section_position": 1,
         "body": "Retention of customers is high; net debt is low."},
    ],
}  # fmt: skip


def release(warehouse: Warehouse, rows: Mapping[str, list[dict[str, Any]]] = ROWS) -> int:
    """Publish those rows; columns that a row does not name are null."""
    marts = []
    for name, (key, shape) in SHAPES.items():
        columns = [column.split()[0] for column in shape.split(", ")]
        mart = Mart(
            name,
            "Made up.",
            tuple(key.split()),
            dict.fromkeys(columns, "Made up."),
            may_be_empty=True,
            keeps_history=name == "fct_financial_vintages",
            searched="body" if name == "mart_document_sections" else None,
        )
        assert all(row.keys() <= set(columns) for row in rows[name])
        build(warehouse, [tuple(row.get(c) for c in columns) for row in rows[name]], shape, mart)
        marts.append(mart)
    run_id = new_run(warehouse)
    publish(warehouse, run_id, AS_OF, marts, "manifest", "revision")
    return run_id


@pytest.fixture
def published(warehouse: Warehouse) -> Warehouse:
    release(warehouse)
    return warehouse


@pytest.fixture
def reader(published: Warehouse) -> Iterator[psycopg.Connection[Any]]:
    with open_reader(published) as connection:
        yield connection


@pytest.mark.parametrize(
    ("asked", "day", "company_id"),
    [
        ("AAA", None, "aaa"),
        ("aaa ", None, "aaa"),
        ("0000000001", None, "aaa"),
        ("3", None, "ccc"),
        ("ddd", None, "ddd"),
        ("BEE", None, "bbb"),
        ("OLD", None, "bbb"),
        ("OLD", date(2023, 1, 31), "aaa"),
        ("OLD", date(2024, 1, 31), "bbb"),
    ],
)
def test_a_company_is_found_by_its_names_of_now_and_then(
    reader: psycopg.Connection[Any], asked: str, day: date | None, company_id: str
) -> None:
    assert find_company(reader, asked, day).company_id == company_id


@pytest.mark.parametrize("asked", ["CCX", "'; drop table x; --", "%", ""])
def test_an_unknown_company_is_told_with_those_there_are(
    reader: psycopg.Connection[Any], asked: str
) -> None:
    with pytest.raises(UnknownCompanyError, match="CCC"):
        find_company(reader, asked)


def test_figures_come_with_the_reasons_of_their_blanks(reader: psycopg.Connection[Any]) -> None:
    assert [row.company_id for row in companies(reader, 9)] == ["aaa", "bbb", "ccc", "ddd"]
    assert [row.company_id for row in companies(reader, 2)] == ["aaa", "bbb"]
    figures = company(reader, "AAA")
    assert (figures.revenue_ttm, figures.blank_reason("revenue_ttm")) == (100, None)
    assert figures.blank_reason("gross_margin_pct") == "not_reported"
    assert company(reader, "ddd").blank_reason("revenue_ttm") == "no_figures"


def test_financials_are_the_newest_or_those_of_an_instant(
    reader: psycopg.Connection[Any],
) -> None:
    aaa, bbb, ddd = (find_company(reader, name) for name in ("AAA", "bbb", "ddd"))
    assert [cell.value for cell in newest_financials(reader, aaa)] == [90]
    assert newest_financials(reader, aaa, lines=["goodwill"]) == []
    assert newest_financials(reader, aaa, period_types=["ttm"]) == []
    assert [
        cell.value for cell in financials_as_of(reader, aaa, datetime(2025, 3, 1, tzinfo=UTC))
    ] == [100]
    assert financials_as_of(reader, aaa, datetime(2025, 1, 1, tzinfo=UTC)) == []
    assert (
        financials_as_of(
            reader,
            aaa,
            datetime(2025, 3, 1, tzinfo=UTC),
            loaded_before=datetime(2000, 1, 1, tzinfo=UTC),
        )
        == []
    )
    assert [cell.blank_reason for cell in blank_financials(reader, bbb)] == ["ambiguous"]
    assert blank_financials(reader, aaa) == []
    assert newest_financials(reader, ddd) == []


def explained(
    connection: psycopg.Connection[Any],
    name: str,
    line: str = "revenue",
    period: str | None = None,
    as_of: date | None = None,
) -> Explanation:
    return explain(connection, Question(name, line, period, as_of))


def test_a_value_is_explained_by_its_facts_and_other_vintages(
    reader: psycopg.Connection[Any],
) -> None:
    answer = explained(reader, "AAA", period="FY2024")
    assert answer.cell is not None
    assert (answer.cell.value, answer.cell.formula, answer.blank) == (90, "the fact", None)
    assert answer.cell.inputs is not None
    assert answer.cell.inputs[0]["url"] == "https://example.com/1"
    assert [row.value for row in answer.other_vintages] == [100]
    assert answer.vendor_figures == []
    before = explained(reader, "AAA", period="FY2024", as_of=date(2025, 3, 1)).cell
    assert before is not None
    assert before.value == 100


def test_a_quarter_of_no_fiscal_year_is_asked_for_by_its_last_day(
    reader: psycopg.Connection[Any],
) -> None:
    answer = explained(reader, "bbb", "net_income", "2024-09-30")
    assert answer.cell is not None
    assert (answer.cell.value, answer.cell.period_start) == (7, date(2024, 7, 1))


def test_a_blank_revenue_is_explained_with_what_was_refused(
    reader: psycopg.Connection[Any],
) -> None:
    answer = explained(reader, "bbb")
    assert answer.cell is not None
    assert answer.blank is not None
    assert (answer.cell.status, answer.blank.code) == ("blank", "ambiguous")
    assert answer.blank.words == "two values for this period disagree and nothing decides"
    assert answer.cell.candidates is not None
    assert [c["value"] for c in answer.cell.candidates] == [90, 95]
    # The vendor's figure of the same year, which decides nothing.
    assert [figure.value for figure in answer.vendor_figures] == [95]


@pytest.mark.parametrize(
    ("line", "period", "values"),
    [
        ("revenue", None, [70, 60]),
        ("revenue", "FY2023", [60]),
        ("revenue", "FY2020", []),
        ("revenue", "2024Q2", []),
        ("total_assets", "FY2024", [500]),
    ],
)
def test_a_company_that_a_vendor_alone_knows_has_its_figures(
    reader: psycopg.Connection[Any], line: str, period: str | None, values: list[int]
) -> None:
    answer = explained(reader, "CCC", line, period)
    assert answer.cell is None
    assert answer.blank is not None
    assert answer.blank.code == "no_filings"
    assert [figure.value for figure in answer.vendor_figures] == values


def test_a_vendors_figure_says_how_far_its_field_is_right(
    reader: psycopg.Connection[Any],
) -> None:
    newest = explained(reader, "CCC").vendor_figures[0]
    assert (newest.source, newest.is_trusted) == ("yahoo", True)
    assert (newest.agreeing_count, newest.compared_count) == (9, 10)
    assert newest.captured_at == datetime(2025, 3, 1, 12, tzinfo=UTC)


def test_what_a_vendor_said_later_is_not_known_yet(reader: psycopg.Connection[Any]) -> None:
    assert explained(reader, "CCC", as_of=date(2025, 2, 1)).vendor_figures == []


def test_a_company_without_cik_and_ticker_is_answered_too(
    reader: psycopg.Connection[Any],
) -> None:
    answer = explained(reader, "ddd")
    assert (answer.company.name, answer.company.cik) == ("D, a private company", None)
    assert (answer.cell, answer.vendor_figures) == (None, [])
    assert answer.blank is not None


@pytest.mark.parametrize(
    ("question", "error", "told"),
    [
        (Question("AAA", "revenu", None, None), UnknownLineError, "did you mean revenue"),
        (Question("AAA", "revenue", "2024", None), UnknownPeriodError, "like FY2024, 2024Q3"),
        (Question("AAA", "revenue", "FY1999", None), UnknownPeriodError, "known: FY2024"),
        (Question("bbb", "net_income", "FY2024", None), UnknownPeriodError, "known: 2024-09-30"),
        (Question("bbb", "net_income", "2024-06-30", None), UnknownPeriodError, "for it as of"),
        (Question("AAA", "revenue", "2024-02-30", None), UnknownPeriodError, "no day"),
        (Question("AAA", "total_assets", "TTM", None), UnknownPeriodError, "no twelve months"),
    ],
)
def test_a_wrong_question_says_what_to_ask_instead(
    reader: psycopg.Connection[Any],
    question: Question,
    error: type[QuestionError],
    told: str,
) -> None:
    with pytest.raises(error, match=told):
        explain(reader, question)


def test_documents_are_found_by_their_words(reader: psycopg.Connection[Any]) -> None:
    found = search_documents(reader, "retention")
    assert {section.ticker for section in found} == {"AAA", "CCC"}
    [phrase] = search_documents(reader, '"net retention"')
    assert f"{HIT_START}Net{HIT_STOP}" in phrase.passage
    assert [s.ticker for s in search_documents(reader, "retention", company_id="ccc")] == ["CCC"]
    assert [s.section for s in search_documents(reader, "retention", form="10-K")] == ["7"]
    assert len(search_documents(reader, "retention", most=1)) == 1
    assert search_documents(reader, "retention", most=1, skip=1) == found[1:2]
    assert count_sections(reader, "retention") == len(found)
    assert count_sections(reader, "retention", company_id="ccc") == 1
    assert search_documents(reader, "retention", section="1A") == []
    assert [document.verdict for document in list_documents(reader)] == ["scanned", "read"]
    assert [document.url for document in list_documents(reader, "aaa")] == ["https://example.com/1"]


def test_a_search_reaches_the_index_of_words(published: Warehouse) -> None:
    with open_reader(published) as connection:
        connection.execute("set enable_seqscan = off")
        plan = connection.execute(
            f"explain {documents._SEARCH}".encode(),
            {
                "words": "retention", "company_id": None, "form": None, "section": None,
                "most": 10, "skip": 0, "headline": documents._HEADLINE,
            },
        ).fetchall()  # fmt: skip
    assert any("Bitmap Index Scan" in row[0] for row in plan), plan


def test_publications_are_listed_and_one_is_current(published: Warehouse) -> None:
    second = release(published)
    with open_reader(published) as connection:
        listed = publications(connection)
        assert [past.is_current for past in listed] == [True, False]
        assert current_publication(connection) == listed[0]
        assert (listed[0].run_id, listed[0].as_of) == (second, AS_OF)
        assert publications(connection, most=1) == listed[:1]


def test_answers_of_one_connection_are_of_one_publication(published: Warehouse) -> None:
    with open_reader(published) as connection:
        before = current_publication(connection)
        release(published)
        assert current_publication(connection) == before


def test_the_connection_reads_the_marts_alone(published: Warehouse) -> None:
    with (
        pytest.raises(psycopg.errors.InsufficientPrivilege),
        open_reader(published) as connection,
    ):
        connection.execute("select * from ops.runs")
    with (
        pytest.raises(psycopg.errors.ReadOnlySqlTransaction),
        open_operator(published) as connection,
    ):
        connection.execute("delete from ops.runs")


def test_without_the_readers_password_the_owner_reads_only(published: Warehouse) -> None:
    owned = replace(published, reader_password=None)
    with open_reader(owned) as connection:
        assert find_company(connection, "AAA").company_id == "aaa"
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            connection.execute("delete from ops.runs")


def test_before_the_first_publication_there_is_nothing_to_ask(warehouse: Warehouse) -> None:
    with pytest.raises(NothingPublishedError, match="corpintel nightly"), open_reader(warehouse):
        pass


def test_a_mart_of_a_later_version_is_not_published_yet(published: Warehouse) -> None:
    with published.engine.begin() as connection:
        connection.execute(text("drop view marts.mart_documents"))
    with (
        pytest.raises(NothingPublishedError, match="mart_documents"),
        open_reader(published) as reader,
    ):
        list_documents(reader)


def test_a_role_that_cannot_connect_is_told_with_its_cure(published: Warehouse) -> None:
    stranger = replace(published, reader_password=SecretStr("not it"))
    with (
        pytest.raises(ReaderRefusedError, match="CORPINTEL_READER_PASSWORD"),
        ask(stranger, "select 1"),
    ):
        pass
    with (
        pytest.raises(ReaderRefusedError, match="CORPINTEL_READER_PASSWORD"),
        open_reader(stranger),
    ):
        pass


def test_a_run_that_is_not_there_is_refused(published: Warehouse) -> None:
    with (
        open_operator(published) as connection,
        pytest.raises(QuestionError, match=r"run 999 is not in ops\.runs"),
    ):
        find_run(connection, 999)
