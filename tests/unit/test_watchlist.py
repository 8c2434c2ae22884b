"""The watchlist: dated tickers, and every problem of a file at once."""

from datetime import date
from pathlib import Path

import pytest

from warehouse.watchlist import EDTECH_SEGMENTS, Watchlist, WatchlistError, load_watchlist

GOOD = """
companies:
  - id: onsemi
    name: ON Semiconductor
    cik: 0001097864
    segment: enabling_technology
    delivery_model: B2B
    fiscal_year_end: 12-31
    tickers:
      - {symbol: ON}
  - id: genie
    name: Genie
    segment: k12
    delivery_model: B2B2C
    annual_form: 20-F
    reporting_currency: EUR
    status: renamed
    tickers:
      - {symbol: geni, to: 2020-06-30}
      - {symbol: GNE, from: 2020-07-02}
  - id: later
    name: Later
    cik: 12
    segment: publishing
    delivery_model: B2C
    tickers: [{symbol: GENI, from: 2021-01-01, to: 2022-01-01}]
"""


def load(tmp_path: Path, text: str) -> Watchlist:
    path = tmp_path / "list.yaml"
    path.write_text(text, encoding="utf-8")
    return load_watchlist(path)


def problems(tmp_path: Path, text: str) -> list[str]:
    with pytest.raises(WatchlistError) as caught:
        load(tmp_path, text)
    prefix = f"{tmp_path / 'list.yaml'}: "
    lines = str(caught.value).splitlines()
    assert all(line.startswith(prefix) for line in lines)
    return [line.removeprefix(prefix) for line in lines]


def company(**changes: str) -> str:
    fields = {
        "id": "a", "name": "A", "cik": "1", "segment": "k12", "delivery_model": "B2C",
    } | changes  # fmt: skip
    return "  - {" + ", ".join(f"{key}: {value}" for key, value in fields.items()) + "}\n"


def test_values_are_read_as_written_where_yaml_would_make_them_true_or_octal(
    tmp_path: Path,
) -> None:
    watchlist = load(tmp_path, GOOD)
    onsemi, genie, _ = watchlist.companies
    assert (onsemi.cik, onsemi.tickers[0].symbol, onsemi.fiscal_year_end) == (
        1097864, "ON", "12-31",
    )  # fmt: skip
    assert (onsemi.annual_form, onsemi.reporting_currency, onsemi.status) == (
        "10-K", "USD", "listed",
    )  # fmt: skip
    assert (genie.cik, genie.annual_form, genie.reporting_currency) == (None, "20-F", "EUR")
    assert watchlist.segments == EDTECH_SEGMENTS


def test_current_ticker_is_the_one_of_the_day_with_both_ends_included(tmp_path: Path) -> None:
    watchlist = load(tmp_path, GOOD)
    genie = watchlist.companies[1]
    assert watchlist.current_ticker(genie, date(2020, 6, 30)) == "GENI"
    assert watchlist.current_ticker(genie, date(2020, 7, 1)) is None
    assert watchlist.current_ticker(genie, date(2020, 7, 2)) == "GNE"


@pytest.mark.parametrize(
    ("ticker", "found"), [("on", "onsemi"), ("Gne", "genie"), ("GENI", "later"), ("X", None)]
)
def test_find_knows_every_dated_ticker_and_prefers_its_last_owner(
    tmp_path: Path, ticker: str, found: str | None
) -> None:
    owner = load(tmp_path, GOOD).find(ticker)
    assert (owner.id if owner else None) == found


def test_a_list_may_bring_its_own_segments(tmp_path: Path) -> None:
    text = "segments: {chips: Chips}\ncompanies:\n" + company(segment="chips")
    assert load(tmp_path, text).segments == {"chips": "Chips"}
    (line,) = problems(tmp_path, "segments: {chips: Chips}\ncompanies:\n" + company())
    assert line == "company a (#1): segment: 'k12' must be one of chips"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"segment": "k-12"}, "segment: 'k-12' must be one of early_childhood, k12, "),
        ({"segment": "k-12"}, "did you mean k12?"),
        ({"delivery_model": "b2c"}, "must be one of B2C, B2B, B2B2C; did you mean B2C?"),
        ({"annual_form": "10K"}, "'10K' must be one of 10-K, 20-F, 40-F; did you mean 10-K?"),
        ({"status": "gone"}, "status: 'gone' must be one of listed, renamed, delisted, unknown"),
        ({"id": "A b"}, "id: 'A b' must be lower-case letters and digits"),
        ({"name": ""}, "name: '' must not be empty"),
        ({"cik": "x1"}, "cik: 'x1' must be a CIK: a whole number of at most 10 digits"),
        ({"cik": "0"}, "cik: '0' must be a CIK"),
        ({"cik": ""}, "tickers: needs at least one ticker, or a cik"),
        ({"reporting_currency": "usd"}, "'usd' must be a currency code of three capital letters"),
        ({"fiscal_year_end": "02-30"}, "'02-30' must be a day of the year as MM-DD"),
        ({"tickers": "ABC"}, "tickers: 'ABC' must be a list of tickers"),
        ({"tickers": "[ABC]"}, "tickers[0]: 'ABC' must be a mapping of symbol, from and to"),
        ({"tickers": "[{symbol: A B}]"}, "tickers[0].symbol: 'A B' must be a ticker"),
        ({"tickers": "[{symbol: A, to: 2020-13-01}]"}, "'2020-13-01' must be a date as YYYY-MM-DD"),
        ({"tickers": "[{symbol: A, til: 1}]"}, "tickers[0]: til: unknown key with value '1'"),
        (
            {"tickers": "[{symbol: A, from: 2021-01-01, to: 2020-01-01}]"},
            "tickers[0]: A (2021-01-01 to 2020-01-01) must not end before it begins",
        ),
        (
            {"tickers": "[{symbol: A, to: 2020-01-01}, {symbol: B, from: 2020-01-01}]"},
            "A (ever to 2020-01-01) overlaps B (2020-01-01 to now)",
        ),
        ({"tikers": "x"}, "tikers: unknown key with value 'x'; must be one of id, name"),
        ({"tikers": "x"}, "did you mean tickers?"),
        ({"name": "[A]"}, "name: ['A'] must be text"),
        ({"name": '"{a} %s"', "cik": "{b: 1}"}, "cik: {'b': '1'} must be a CIK"),
        ({"cik": "1_0"}, "cik: '1_0' must be a CIK: a whole number of at most 10 digits"),
        ({"segment": '"{a}"'}, "segment: '{a}' must be one of early_childhood, k12, "),
        ({"github": "example"}, "github: 'example' must be a list of logins, such as [example]"),
        ({"github": "[a b]"}, "github[0]: 'a b' must be the login of a GitHub organization"),
        ({"press_rooms": "[ftp://x]"}, "press_rooms[0]: 'ftp://x' must be the http:// or https://"),
        ({"predecessors": "[x]"}, "predecessors[0]: 'x' must be a mapping of cik, name and to"),
    ],
)
def test_a_wrong_field_is_named_with_company_value_and_what_is_allowed(
    tmp_path: Path, changes: dict[str, str], expected: str
) -> None:
    (line,) = problems(tmp_path, "companies:\n" + company(**changes))
    assert line.startswith(f"company {changes.get('id', 'a')} (#1): ")
    assert expected in line


def test_what_two_companies_share_is_a_problem_even_beside_other_problems(tmp_path: Path) -> None:
    ticker = "[{symbol: ABC, to: 2020-01-01}]"
    text = (
        "companies:\n"
        + company(cik="0007", segment="nope")
        + company(cik="7", tickers=ticker)
        + company(id="b", cik="8", tickers="[{symbol: abc, from: 2019-01-01}]")
    )
    assert problems(tmp_path, text)[1:] == [
        "company a (#2): id: 'a' is also the id of company a (#1)",
        "company a (#2): cik: '7' is also the cik of company a (#1)",
        (
            "company b (#3): tickers: ABC (2019-01-01 to now) is also a ticker of company a (#2), "
            "as ABC (ever to 2020-01-01)"
        ),
    ]


def test_problems_between_entries_are_told_beside_a_field_that_cannot_be_read(
    tmp_path: Path,
) -> None:
    text = "companies:\n" + company(cik="x") + company(name="", segment="k21")
    assert problems(tmp_path, text) == [
        "company a (#1): cik: 'x' must be a CIK: a whole number of at most 10 digits",
        "company a (#2): name: '' must not be empty",
        (
            "company a (#2): segment: 'k21' must be one of early_childhood, k12, higher_education, "
            "corporate_learning, direct_to_consumer, publishing, enabling_technology; did you mean "
            "k12?"
        ),
        "company a (#2): id: 'a' is also the id of company a (#1)",
    ]


def test_aliases_which_could_unfold_without_end_are_refused(tmp_path: Path) -> None:
    levels = ["a0: &a0 [x, x]"]
    levels += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    (line,) = problems(tmp_path, "\n".join([*levels, "companies: *a29"]))
    assert line.startswith("is not YAML: alias *a0 must be written out")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "must be a mapping with `companies`, and the file is empty"),
        ("- a", "must be a mapping with `companies`, not ['a']"),
        ("companies: []", "watchlist: companies: must be a list of at least one company"),
        ("companies: {a: b", "is not YAML: "),
        ("companies: [{id: a, id: b}]", "key 'id' is given twice"),
        ("companies: [x]", "company #1: 'x' must be a mapping"),
        ("company: []", "company: unknown key with value []; must be one of segments, companies"),
        ("segments: [a]\ncompanies:\n" + company(), "segments: ['a'] must be a mapping"),
        ("segments: {K 1: K}\ncompanies:\n" + company(), "segments.K 1: 'K 1' must be lower-case"),
        ("segments: {k1: ''}\ncompanies:\n" + company(), "segments.k1: '' must not be empty"),
        (
            "trade_press: x\ncompanies:\n" + company(),
            "trade_press: 'x' must be a list of",
        ),
        ("trade_press: [x]\ncompanies:\n" + company(), "trade_press[0]: 'x' must be the http://"),
        ("[" * 5_000, "is nested too deeply for a list of companies"),
    ],
)
def test_a_file_of_another_shape_says_what_is_wrong(
    tmp_path: Path, text: str, expected: str
) -> None:
    assert expected in problems(tmp_path, text)[0]


def test_a_missing_file_is_named_with_its_variable(tmp_path: Path) -> None:
    with pytest.raises(WatchlistError) as caught:
        load_watchlist(tmp_path / "none.yaml")
    assert str(caught.value) == (
        f"{tmp_path / 'none.yaml'}: cannot be read (No such file or directory); "
        f"set CORPINTEL_WATCHLIST to a YAML file"
    )


def test_predecessors_are_read_with_their_dates(tmp_path: Path) -> None:
    former = "[{cik: 0000000007, name: Old A Inc, to: 2021-04-20}, {cik: 8, name: Older A Inc}]"
    watchlist = load(tmp_path, "companies:\n" + company(predecessors=former))
    assert [(p.cik, p.name, p.valid_to) for p in watchlist.companies[0].predecessors] == [
        (7, "Old A Inc", date(2021, 4, 20)),
        (8, "Older A Inc", None),
    ]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"predecessors": "[{cik: 1, name: Old}]"}, "cik: '1' is also the cik of company a (#1)"),
        ({"predecessors": "[{cik: 7, nam: Old}]"}, "unknown key with value 'Old'"),
        ({"predecessors": "[{cik: 7}]"}, "predecessors[0].name: is missing"),
        ({"predecessors": "[{cik: x, name: Old}]"}, "must be a CIK"),
        (
            {"predecessors": "[{cik: 7, name: Old}]", "cik": "", "tickers": "[{symbol: A}]"},
            "need the cik under which the company files now",
        ),
    ],
)
def test_a_wrong_predecessor_is_told(tmp_path: Path, changes: dict[str, str], told: str) -> None:
    found = problems(tmp_path, "companies:\n" + company(**changes))
    assert any(told in problem for problem in found), found
