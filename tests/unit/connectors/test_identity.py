"""A CIK is taken only for the company whose name SEC gives it."""

import csv
import json

import pytest

from connectors.sec.identity import names_match
from tests.recorded import recorded


@pytest.mark.parametrize(
    ("watchlist", "sec"),
    [
        ("NVIDIA Corp", "NVIDIA CORP"),
        ("NVIDIA Corporation", "NVIDIA CORP/CA"),
        ("Plug Power Inc.", "PLUG POWER INC"),
        ("Apple Inc.", "APPLE INC/ FA"),
        (
            "Taiwan Semiconductor Manufacturing Company Limited",
            "TAIWAN SEMICONDUCTOR MANUFACTURING CO LTD",
        ),
        ("Chegg, Inc", "CHEGG, INC"),
        ("John Wiley & Sons, Inc.", "WILEY JOHN & SONS, INC."),
        ("John Wiley and Sons", "JOHN WILEY & SONS, INC."),
        ("Example S.A.", "EXAMPLE SA"),
        ("Société Générale", "SOCIETE GENERALE"),
        ("McDonald's Corp", "MCDONALDS CORP"),
        ("Coursera", "Coursera, Inc. /DE/"),
        ("Arco Platform", "Arco Platform Ltd."),
        ("TAL Education", "TAL Education Group"),
    ],
)
def test_spelling_and_legal_form_do_not_matter(watchlist: str, sec: str) -> None:
    assert names_match(watchlist, [sec])


@pytest.mark.parametrize(
    ("watchlist", "sec"),
    [
        ("Adtalem Global Education Inc.", "Stride, Inc."),
        ("Stride, Inc.", "Adtalem Global Education Inc."),
        ("Strategic Education, Inc.", "LAUREATE EDUCATION, INC."),
        ("American Public Education Inc", "Perdoceo Education Corp"),
        ("Graham Holdings Co", "Graham Group"),
        ("Graham Holdings Co", "GRAHAM CORP"),
        ("Apple Inc.", "APPLE COMPUTER INC"),
        ("Meta Platforms, Inc.", "Arco Platform Ltd"),
        ("Group Holdings", "Holdings"),
        ("Chegg, Inc", ""),
        ("", "Chegg, Inc"),
        ("2U, Inc.", "Inc."),
    ],
)
def test_another_company_is_never_taken(watchlist: str, sec: str) -> None:
    assert not names_match(watchlist, [sec])


def test_one_of_several_names_is_enough() -> None:
    former = ["Covista Inc.", "Adtalem Global Education Inc.", "DEVRY EDUCATION GROUP INC."]
    assert names_match("Adtalem Global Education", former)
    assert not names_match("Adtalem Global Education", former[::2])
    assert not names_match("Adtalem Global Education", [])


def test_the_default_watchlist_matches_the_recorded_ticker_file_and_nothing_else() -> None:
    titles: dict[int, str] = {}
    for entry in json.loads(recorded("reference", "company_tickers.json").read_bytes()).values():
        titles.setdefault(entry["cik_str"], entry["title"])
    with recorded("figures", "edtech_companies.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["status"] == "listed"]
    assert len(rows) == 30
    for row in rows:
        own = int(row["cik"])
        assert {cik for cik, title in titles.items() if names_match(row["name"], [title])} == {own}


@pytest.mark.parametrize("folder", ["companyfacts", "submissions"])
def test_each_recorded_name_matches_the_ticker_file_of_its_cik(folder: str) -> None:
    titles = {
        entry["cik_str"]: entry["title"]
        for entry in json.loads(recorded("reference", "company_tickers.json").read_bytes()).values()
    }
    documents = [json.loads(path.read_bytes()) for path in recorded(folder).glob("CIK*[0-9].json")]
    names = {
        int(document["cik"]): document.get("name") or document["entityName"]
        for document in documents
        if "cik" in document
    }
    listed = {cik: name for cik, name in names.items() if cik in titles}
    assert len(listed) == {"companyfacts": 8, "submissions": 5}[folder]
    for cik, name in listed.items():
        assert [other for other in listed if names_match(name, [titles[other]])] == [cik]
