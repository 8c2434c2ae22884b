"""SEC's documents become the records that the filings say, or typed rejects."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import BadBodyError, NotFoundError, SkipError
from connectors.records import Parsed
from connectors.sec import SecCompany, SecFact, SecFiling, SecTicker
from connectors.sec.fetch import (
    document_url,
    fetch_companyfacts,
    fetch_document,
    fetch_submissions,
    history_pages,
)
from connectors.sec.parse import (
    companyfacts_lines,
    parse_company_tickers,
    parse_companyfacts,
    parse_submissions,
)
from tests.recorded import recorded
from tests.unit.connectors.stubs import make_client

ACCESSION = "0001628280-26-012494"
REVENUE = "RevenueFromContractWithCustomerExcludingAssessedTax"


def facts_body(entry: Any, cik: Any = 1562088) -> bytes:
    document = {
        "cik": cik,
        "entityName": "Duolingo, Inc.",
        "facts": {"us-gaap": {"Revenues": {"label": None, "units": {"USD": [entry]}}}},
    }
    return json.dumps(document).encode()


def fact(**changes: Any) -> dict[str, Any]:
    return {
        "start": "2025-01-01",
        "end": "2025-12-31",
        "val": 1_037_589_000,
        "accn": ACCESSION,
        "fy": 2025,
        "fp": "FY",
        "form": "10-K",
        "filed": "2026-02-27",
        "frame": "CY2025",
    } | changes


def values(parsed: Parsed, concept: str, unit: str, start: str | None, end: str) -> set[Decimal]:
    return {
        row.value
        for row in parsed.rows["sec_facts"]
        if isinstance(row, SecFact)
        and (row.concept, row.unit) == (concept, unit)
        and row.start_date == (date.fromisoformat(start) if start else None)
        and row.end_date == date.fromisoformat(end)
    }


def recorded_facts(cik: int) -> Parsed:
    path = recorded("companyfacts", f"CIK{cik:010d}.json")
    return parse_companyfacts(path.read_bytes(), cik)


def test_duolingo_revenue_of_2025_is_the_one_of_its_10k() -> None:
    # 10-K FY2025, consolidated statements of operations: total revenues 1,037,589 thousand.
    parsed = recorded_facts(1562088)
    assert values(parsed, REVENUE, "USD", "2025-01-01", "2025-12-31") == {Decimal(1_037_589_000)}


def test_nvidia_eps_of_fiscal_2023_has_both_vintages() -> None:
    # 1.74 as filed in February 2023; 0.17 after the split of ten for one in June 2024.
    parsed = recorded_facts(1045810)
    found = values(parsed, "EarningsPerShareDiluted", "USD/shares", "2022-01-31", "2023-01-29")
    assert found == {Decimal("1.74"), Decimal("0.17")}


def test_plug_gross_profit_of_2019_was_restated() -> None:
    # 10-K of 2020-03-10, and the restated one of 2021-05-14.
    parsed = recorded_facts(1093691)
    found = values(parsed, "GrossProfit", "USD", "2019-01-01", "2019-12-31")
    assert found == {Decimal(27_966_000), Decimal(10_648_000)}


def test_one_fact_field_by_field() -> None:
    parsed = parse_companyfacts(facts_body(fact()), 1562088)
    assert parsed.rows["sec_facts"] == [
        SecFact(
            1562088,
            "us-gaap",
            "Revenues",
            "USD",
            date(2025, 1, 1),
            date(2025, 12, 31),
            Decimal(1_037_589_000),
            ACCESSION,
            2025,
            "FY",
            "10-K",
            date(2026, 2, 27),
        )
    ]
    assert parsed.rows["sec_companies"] == [
        SecCompany(1562088, "companyfacts", "Duolingo, Inc.", *[None] * 7)
    ]
    assert parsed.rejects == []


def companyfacts_files() -> list[Path]:
    return sorted(recorded("companyfacts").rglob("CIK*.json"))


def test_every_recorded_fact_becomes_one_record_with_all_its_digits() -> None:
    for path in companyfacts_files():
        body = path.read_bytes()
        cik = int(path.name[3:13])
        parsed = parse_companyfacts(body, cik)
        assert parsed.rejects == []
        exact = [
            (taxonomy, concept, unit, Decimal(entry["val"]), entry["accn"], entry["end"])
            for taxonomy, concepts in json.loads(body, parse_float=Decimal)["facts"].items()
            for concept, described in concepts.items()
            for unit, entries in described["units"].items()
            for entry in entries
        ]
        assert [
            (f.taxonomy, f.concept, f.unit, f.value, f.accession, f.end_date.isoformat())
            for f in parsed.rows["sec_facts"]
            if isinstance(f, SecFact)
        ] == exact


ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=12),
    st.sampled_from([ACCESSION, "10-K", "FY", "2025-12-31", "2025-02-30", "a\x00b", ""]),
    st.lists(st.integers(), max_size=1),
    st.dictionaries(st.text(max_size=2), st.integers(), max_size=1),
)


def from_lines(parsed: Parsed) -> list[SecFact]:
    """The facts of lines, read as COPY reads them."""
    text = parsed.lines["sec_facts"].text if parsed.lines else ""
    facts = []
    for line in text.split("\n")[:-1]:
        cik, taxonomy, concept, unit, start, end, value, accession, fy, fp, form, filed = (
            line.split("\t")
        )
        facts.append(
            SecFact(
                int(cik),
                taxonomy,
                concept,
                unit,
                None if start == "\\N" else date.fromisoformat(start),
                date.fromisoformat(end),
                Decimal(value),
                accession,
                None if fy == "\\N" else int(fy),
                None if fp == "\\N" else fp,
                form,
                date.fromisoformat(filed),
            )
        )
    assert len(facts) == parsed.count("sec_facts") - len(parsed.rows["sec_facts"])
    return facts


ENTRIES = st.one_of(
    ODD,
    st.dictionaries(st.sampled_from([*fact(), "new"]), ODD, max_size=2).map(
        lambda odd: fact(**odd)
    ),
    st.sampled_from([*fact()]).map(lambda name: {k: v for k, v in fact().items() if k != name}),
    st.sampled_from(
        [
            fact(fy=2025.0),
            fact(fy=True),
            fact(val=1e22),
            fact(val=-0.5),
            fact(start=None),
            fact(end=None),
            fact(form="10-K\t"),
            fact(fp="\\N"),
            fact(accn="a\nb"),
        ]
    ),
)


@given(st.lists(ENTRIES, max_size=6), st.sampled_from(["USD", "USD\t/shares", "\\", ""]))
def test_lines_say_what_records_say(entries: list[Any], unit: str) -> None:
    document = json.loads(facts_body(None))
    # What was once found sound is known when it comes again.
    units = {unit: [fact(), *entries, *entries], "shares": [*entries, fact()]}
    document["facts"]["us-gaap"]["Revenues"]["units"] = units
    body = json.dumps(document).encode()
    records, lines = parse_companyfacts(body, 1562088), companyfacts_lines(body, 1562088)
    read = [*from_lines(lines), *lines.rows.pop("sec_facts")]
    assert sorted(map(repr, read)) == sorted(map(repr, records.rows.pop("sec_facts")))
    assert lines.rejects == records.rejects
    assert lines.rows == records.rows


def test_lines_of_recorded_facts_say_what_their_records_say() -> None:
    for path in companyfacts_files()[:4]:
        body, cik = path.read_bytes(), int(path.name[3:13])
        records, lines = parse_companyfacts(body, cik), companyfacts_lines(body, cik)
        read = [*from_lines(lines), *lines.rows["sec_facts"]]
        assert sorted(map(repr, read)) == sorted(map(repr, records.rows["sec_facts"]))
        # Nearly all are lines.
        assert len(lines.rows["sec_facts"]) * 10 < len(records.rows["sec_facts"])


@pytest.mark.parametrize(
    "digits",
    [
        "0.33333333333333333333",
        "123456789012345678901234567890",
        "-1190928300000.123456",
        "1e-05",
        "0.00001",
        "10.10",
        "999999999999999.5",
    ],
)
def test_no_digit_of_a_value_is_lost(digits: str) -> None:
    body = facts_body(fact(val="@")).replace(b'"@"', digits.encode())
    (row,) = parse_companyfacts(body, 1562088).rows["sec_facts"]
    assert isinstance(row, SecFact)
    assert row.value == Decimal(digits)


@pytest.mark.parametrize("val", [None, True, "12", "", [], {}])
def test_a_value_that_is_no_number_is_a_reject(val: Any) -> None:
    parsed = parse_companyfacts(facts_body(fact(val=val)), 1562088)
    assert parsed.rows["sec_facts"] == []
    (reject,) = parsed.rejects
    assert (reject.table, reject.rule) == ("sec_facts", "field_mistyped")
    assert (reject.row["concept"], reject.row["accn"]) == ("Revenues", ACCESSION)
    orjson.dumps(reject.row)


@pytest.mark.parametrize(
    "changes",
    [
        {"end": None},
        {"end": "2025-13-01"},
        {"end": "20251231"},
        {"end": "2025-W01-1"},
        {"start": 2025},
        {"accn": ""},
        {"accn": "\x00"},
        {"form": None},
        {"filed": "soon"},
        {"fy": "2025"},
        {"fy": True},
        {"fp": 4},
    ],
)
def test_a_mistyped_field_is_a_reject(changes: dict[str, Any]) -> None:
    parsed = parse_companyfacts(facts_body(fact(**changes)), 1562088)
    assert parsed.rows["sec_facts"] == []
    assert [reject.rule for reject in parsed.rejects] == ["field_mistyped"]


def test_one_bad_fact_does_not_take_the_others_along() -> None:
    document = json.loads(facts_body(fact()))
    document["facts"]["us-gaap"]["Revenues"]["units"]["USD"] += [7, fact(val=None), fact(fy=None)]
    document["facts"]["us-gaap"]["Assets"] = {"label": "Assets"}
    document["facts"]["ecd"] = []
    parsed = parse_companyfacts(json.dumps(document).encode(), 1562088)
    assert len(parsed.rows["sec_facts"]) == 2
    assert sorted(reject.rule for reject in parsed.rejects) == [
        "concept_without_units",
        "fact_not_an_object",
        "field_mistyped",
        "taxonomy_not_an_object",
    ]


@pytest.mark.parametrize("cik", [1562088, "1562088", "0001562088"])
def test_a_cik_is_a_number_or_padded_text(cik: Any) -> None:
    assert len(parse_companyfacts(facts_body(fact(), cik), 1562088).rows["sec_facts"]) == 1


@pytest.mark.parametrize(
    "body",
    [
        facts_body(fact())[:-10],
        facts_body(fact(), cik=320193),
        facts_body(fact(), cik=None),
        b"",
        b"[]",
        b"null",
        b"<html>Request Rate Threshold Exceeded</html>",
        b'{"cik": 1562088}',
        b'{"cik": 1562088, "facts": []}',
        b'{"cik": 1562088, "facts": {"x": NaN}}',
    ],
)
def test_a_broken_or_foreign_document_is_a_typed_error(body: bytes) -> None:
    with pytest.raises(BadBodyError):
        parse_companyfacts(body, 1562088)


def submissions(name: str, cik: int) -> Parsed:
    return parse_submissions(recorded("submissions", name).read_bytes(), cik)


def test_tesla_history_is_main_document_and_page() -> None:
    main = submissions("CIK0001318605.json", 1318605)
    page = submissions("CIK0001318605-submissions-001.json", 1318605)
    assert (len(main.rows["sec_filings"]), len(page.rows["sec_filings"])) == (1002, 720)
    assert "sec_companies" not in page.rows
    assert main.rejects == page.rejects == []


def test_apple_is_described_by_its_main_document() -> None:
    parsed = submissions("CIK0000320193.json", 320193)
    (company,) = parsed.rows["sec_companies"]
    assert isinstance(company, SecCompany)
    assert company[:7] == (
        320193,
        "submissions",
        "Apple Inc.",
        "3571",
        "Electronic Computers",
        "0926",
        "Large accelerated filer",
    )
    assert (company.tickers, company.exchanges) == ('["AAPL"]', '["Nasdaq"]')
    assert [entry["name"] for entry in json.loads(company.former_names or "")] == [
        "APPLE INC",
        "APPLE COMPUTER INC",
        "APPLE COMPUTER INC/ FA",
    ]
    assert parsed.rows["sec_filings"][0] == SecFiling(
        320193,
        "0001950047-26-003721",
        "144",
        date(2026, 4, 23),
        None,
        datetime(2026, 4, 23, 20, 31, 45, tzinfo=UTC),
        "xsl144X01/primary_doc.xml",
        None,
        None,
        4809,
        False,
        False,
    )


def test_a_person_without_sic_and_year_end_is_read() -> None:
    (company,) = submissions("CIK0001830610.json", 1830610).rows["sec_companies"]
    assert company == SecCompany(
        1830610, "submissions", "Michaels Lisa Anne", None, None, None, None, "[]", "[]", "[]"
    )


def columns(**changes: Any) -> dict[str, Any]:
    return {
        "accessionNumber": [ACCESSION],
        "form": ["10-K"],
        "filingDate": ["2026-02-27"],
        "isXBRL": [1],
    } | changes


@pytest.mark.parametrize(
    "changes",
    [
        {"form": ["10-K", "10-Q"]},
        {"size": []},
        {"filingDate": None},
        {"accessionNumber": {}},
    ],
)
def test_columns_that_do_not_line_up_are_refused_whole(changes: dict[str, Any]) -> None:
    with pytest.raises(BadBodyError):
        parse_submissions(json.dumps(columns(**changes)).encode(), 1562088)


def test_absent_columns_are_none_and_a_mistyped_cell_is_a_reject() -> None:
    parsed = parse_submissions(json.dumps(columns()).encode(), 1562088)
    assert parsed.rows["sec_filings"] == [
        SecFiling(
            cik=1562088,
            accession=ACCESSION,
            form="10-K",
            filed_date=date(2026, 2, 27),
            report_date=None,
            accepted_at=None,
            primary_document=None,
            primary_description=None,
            items=None,
            size=None,
            is_xbrl=True,
            is_inline_xbrl=None,
        )
    ]
    for change in (
        {"isXBRL": ["yes"]},
        {"size": [1.5]},
        {"acceptanceDateTime": ["2026-02-27T16:00:00"]},
        {"filingDate": [None]},
    ):
        parsed = parse_submissions(json.dumps(columns(**change)).encode(), 1562088)
        assert parsed.rows["sec_filings"] == []
        assert [reject.rule for reject in parsed.rejects] == ["field_mistyped"]


def test_the_recorded_ticker_file() -> None:
    parsed = parse_company_tickers(recorded("reference", "company_tickers.json").read_bytes())
    assert parsed.rejects == []
    assert parsed.rows["sec_tickers"][0] == SecTicker(1045810, "NVDA", "NVIDIA CORP")
    assert SecTicker(730464, "CVSA", "Covista Inc.") in parsed.rows["sec_tickers"]


def test_a_bad_ticker_is_a_reject() -> None:
    body = b'{"0": {"cik_str": "x", "ticker": "A", "title": "A"}, "1": 7,' + (
        b'"2": {"cik_str": 5, "ticker": "B"}, "3": {"cik_str": 6, "ticker": "C", "title": "C"}}'
    )
    parsed = parse_company_tickers(body)
    assert parsed.rows["sec_tickers"] == [SecTicker(6, "C", "C")]
    assert [reject.rule for reject in parsed.rejects] == [
        "field_mistyped",
        "field_mistyped",
        "field_mistyped",
    ]


def test_history_pages_are_fetched_after_the_main_document(tmp_path: Path) -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        page = "CIK0001318605-submissions-001.json"
        body = {"cik": "0001318605", "filings": {"files": [{"name": page}]}}
        return httpx.Response(200, json=columns() if asked[1:] else body)

    with make_client(tmp_path, answer) as client:
        responses = fetch_submissions(client, "https://data.example/", 1318605)
    assert asked == [
        "/submissions/CIK0001318605.json",
        "/submissions/CIK0001318605-submissions-001.json",
    ]
    assert [response.capture_id for response in responses] == [1, 2]


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "CIK0000320193-submissions-001.json", "https://evil.example", None]
)
def test_a_page_name_of_another_form_is_refused(name: str | None) -> None:
    body = json.dumps({"filings": {"files": [{"name": name}]}}).encode()
    with pytest.raises(BadBodyError):
        history_pages(body, 1318605)


def test_a_filer_without_facts_is_not_found(tmp_path: Path) -> None:
    body = recorded(
        "reference", "sec_error_bodies", "404_1_submissions_CIK_000000001.json.body"
    ).read_bytes()
    with (
        make_client(tmp_path, lambda _: httpx.Response(404, content=body)) as client,
        pytest.raises(NotFoundError, match="CIK0000000001"),
    ):
        fetch_companyfacts(client, "https://data.example", 1)


def test_a_document_is_asked_for_in_the_archives(tmp_path: Path) -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        if request.url.path.endswith("gone.htm"):
            return httpx.Response(403, content=b"<Error><Code>AccessDenied</Code></Error>")
        return httpx.Response(200, content=b"<html>", headers={"content-type": "text/html"})

    with make_client(tmp_path, answer) as client:
        page = fetch_document(
            client, "https://data.example", 1562088, "0001628280-26-012494", "duol-20251231.htm"
        )
        assert page.body == b"<html>"
        with pytest.raises(NotFoundError):
            fetch_document(
                client, "https://data.example", 1562088, "0001628280-26-012494", "gone.htm"
            )
    assert asked[0] == (
        "https://data.example/Archives/edgar/data/1562088/000162828026012494/duol-20251231.htm"
    )


@pytest.mark.parametrize(
    ("accession", "name"),
    [("0001628280-26-012494", "../../x.htm"), ("0001628280-26-012494", ""), ("1", "x.htm")],
)
def test_a_document_with_an_odd_name_is_not_asked_for(accession: str, name: str) -> None:
    with pytest.raises(SkipError, match="odd document name"):
        document_url("https://data.example", 1, accession, name)
