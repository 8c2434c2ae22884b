"""A CIK of another company: everything that came with it is refused."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest

from connectors.archive import Capture
from connectors.http import Response
from flows.night.apart import Readers
from flows.night.targets import Target
from flows.sources.sec import SOURCE, WrongCompanyError
from warehouse.watchlist import Predecessor

PAGE = {
    "accessionNumber": ["0001562088-21-000001"],
    "form": ["10-Q"],
    "filingDate": ["2021-08-12"],
    "reportDate": ["2021-06-30"],
    "acceptanceDateTime": ["2021-08-12T16:05:00.000Z"],
    "primaryDocument": ["duol.htm"],
}
MAIN = {
    "cik": "1562088",
    "name": "Duolingo, Inc.",
    "formerNames": [],
    "filings": {"recent": PAGE, "files": []},
}


def _response(document: object) -> Response:
    body = json.dumps(document).encode()
    at = datetime(2026, 7, 10, tzinfo=UTC)
    capture = Capture("sec", "GET x", "x", at, 200, None, None, None, "0" * 64, len(body))
    return Response(body, capture, 1)


def _night(name: str) -> SimpleNamespace:
    target = Target("stride", name, 1562088, "LRN", ("LRN",))
    return SimpleNamespace(
        url=lambda name: f"https://{name}",
        targets=[target],
        as_of=date(2026, 7, 10),
        data="live",
        plan=SimpleNamespace(tickers=("LRN",)),
        readers=Readers(),
    )


def test_pages_and_facts_of_a_wrong_company_are_refused_with_its_main_document() -> None:
    subjects = SOURCE.subjects(_night("Stride, Inc."))  # type: ignore[arg-type]
    next(subjects)
    submissions = next(subjects)
    with pytest.raises(WrongCompanyError, match=r"'Duolingo, Inc\.' at SEC"):
        submissions.parse(_response(MAIN))
    # A history page names no registrant.
    with pytest.raises(WrongCompanyError):
        submissions.parse(_response(PAGE))
    assert [*submissions.leads_to(), *subjects] == []


def test_a_predecessor_is_asked_about_and_checked_by_its_own_name() -> None:
    night = _night("Duolingo, Inc.")
    former = Predecessor(cik=1562087, name="Lingo Holdings Inc")
    night.targets = [replace(night.targets[0], predecessors=(former,))]
    subjects = list(SOURCE.subjects(night))  # type: ignore[arg-type]
    assert [[s.name for s in (subject, *subject.leads_to())] for subject in subjects] == [
        ["company_tickers"],
        ["LRN submissions", "LRN companyfacts"],
        ["LRN 1562087 submissions", "LRN 1562087 companyfacts"],
    ]
    assert SOURCE.count(night) == 5  # type: ignore[arg-type]
    own = MAIN | {"cik": "1562087", "name": "LINGO HOLDINGS, INC."}
    [registrant] = subjects[2].parse(_response(own)).rows["sec_companies"]
    assert registrant[:3] == (1562087, "submissions", "LINGO HOLDINGS, INC.")
    stranger = MAIN | {"cik": "1562087", "name": "Somebody Else Corp"}
    with pytest.raises(WrongCompanyError, match="Somebody Else Corp"):
        subjects[2].parse(_response(stranger))


def test_the_right_company_keeps_its_pages() -> None:
    subjects = SOURCE.subjects(_night("Duolingo, Inc."))  # type: ignore[arg-type]
    next(subjects)
    submissions = next(subjects)
    assert len(submissions.parse(_response(MAIN)).rows["sec_filings"]) == 1
    assert len(submissions.parse(_response(PAGE)).rows["sec_filings"]) == 1
    assert [facts.name for facts in submissions.leads_to()] == ["LRN companyfacts"]
