"""Whatever a source sends, a parser answers with records and rejects or with a typed error."""

import io
import json
import zipfile
from collections.abc import Callable
from datetime import date
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.alpha_vantage.parse import parse_function
from connectors.crunchbase import parse as crunchbase
from connectors.ecb.parse import parse_rates, parse_recent_rates
from connectors.errors import SourceError
from connectors.feeds.parse import parse_feed
from connectors.github import parse as github
from connectors.newsapi.parse import parse_articles
from connectors.records import Parsed
from connectors.sec.fetch import history_pages
from connectors.sec.identity import names_match
from connectors.sec.index import parse_daily_index
from connectors.sec.parse import parse_company_tickers, parse_companyfacts, parse_submissions
from connectors.twelve_data.parse import parse_series
from connectors.yahoo_chart.parse import parse_chart
from connectors.yahoo_statements.parse import parse_statements

PARSERS: dict[str, Callable[[bytes], Parsed]] = {
    "company_tickers": parse_company_tickers,
    "submissions": lambda body: parse_submissions(body, 1),
    "companyfacts": lambda body: parse_companyfacts(body, 1),
    "chart": lambda body: parse_chart(body, "X"),
    "statements": lambda body: parse_statements(body, "X"),
    "rates": parse_rates,
    "recent rates": parse_recent_rates,
    "daily index": lambda body: parse_daily_index(body, date(2026, 7, 10), {1}),
    "overview": lambda body: parse_function("OVERVIEW", body, "X"),
    "reports": lambda body: parse_function("CASH_FLOW", body, "X"),
    "earnings": lambda body: parse_function("EARNINGS", body, "X"),
    "series": lambda body: parse_series(body, "X"),
    "articles": lambda body: parse_articles(body, "X"),
    "feed": lambda body: parse_feed(body, "https://a.example/"),
    "crunchbase organization": lambda body: crunchbase.parse_organization(body, "x"),
    "crunchbase rounds": lambda body: crunchbase.parse_rounds(body, "x"),
    "github organization": lambda body: github.parse_organization(body, "x"),
    "github repositories": lambda body: github.parse_repositories(body, "x"),
    "github commits": lambda body: github.parse_commit_activity(body, "x/y"),
    "github releases": lambda body: github.parse_releases(body, "x/y"),
}

scalar = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | st.sampled_from(["2025-12-31", "0000000001", "\x00", 1, 1783690200, 10**40, 1e300])
)
anything = st.recursive(
    scalar,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4)
    ),
    max_leaves=12,
)


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(strategy, strategy, strategy, anything)


def listed(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(strategy, max_size=3)


def named(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.dictionaries(st.text(max_size=6), strategy, max_size=3)


def fields(names: str) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=dict.fromkeys(names.split(), anything))


fact = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(("start", "end", "val", "accn", "fy", "fp", "form", "filed"), anything),
)
companyfacts = st.fixed_dictionaries(
    {
        "cik": st.just(1),
        "entityName": anything,
        "facts": maybe(
            named(
                maybe(
                    named(
                        maybe(
                            st.fixed_dictionaries(
                                {"units": maybe(named(maybe(listed(maybe(fact)))))}
                            )
                        )
                    )
                )
            )
        ),
    }
)
filings = st.integers(0, 3).flatmap(
    lambda n: st.fixed_dictionaries(
        {
            name: st.lists(anything, min_size=n, max_size=n)
            for name in ("accessionNumber", "form", "filingDate", "size", "acceptanceDateTime")
        }
    )
)
submissions = filings | st.fixed_dictionaries(
    {
        "cik": st.just("0000000001"),
        "filings": maybe(st.fixed_dictionaries({"recent": maybe(filings), "files": anything})),
    },
    optional=dict.fromkeys(("name", "sic", "tickers", "exchanges", "formerNames"), anything),
)
meta = st.fixed_dictionaries(
    {
        "symbol": st.just("X"),
        "currency": maybe(st.just("USD")),
        "exchangeTimezoneName": maybe(st.just("Asia/Tokyo")),
        "currentTradingPeriod": anything,
        "regularMarketTime": anything,
    }
)
column = listed(anything)
chart = st.fixed_dictionaries(
    {
        "meta": maybe(meta),
        "timestamp": maybe(column),
        "events": maybe(st.fixed_dictionaries({"splits": anything, "dividends": named(anything)})),
        "indicators": maybe(
            st.fixed_dictionaries(
                {
                    "quote": maybe(
                        st.tuples(
                            st.fixed_dictionaries(
                                dict.fromkeys(("open", "high", "low", "close", "volume"), column)
                            )
                        )
                    ),
                    "adjclose": maybe(st.tuples(st.fixed_dictionaries({"adjclose": column}))),
                }
            )
        ),
    }
).map(lambda result: {"chart": {"result": [result], "error": None}})
statements = st.fixed_dictionaries(
    {
        "price": st.just({"symbol": "X"}),
        "financialData": maybe(st.just({"financialCurrency": "USD"})),
        "incomeStatementHistory": maybe(
            st.fixed_dictionaries(
                {
                    "incomeStatementHistory": maybe(
                        listed(
                            st.fixed_dictionaries(
                                {
                                    "endDate": maybe(st.fixed_dictionaries({"raw": anything})),
                                    "totalRevenue": maybe(st.fixed_dictionaries({"raw": anything})),
                                }
                            )
                        )
                    )
                }
            )
        ),
    }
).map(lambda result: {"quoteSummary": {"result": [result], "error": None}})


def check(parse: Callable[[bytes], Parsed], body: bytes) -> None:
    try:
        parsed = parse(body)
    except SourceError:
        return
    for reject in parsed.rejects:
        assert orjson.dumps(reject.row)
        # Neither Postgres text nor jsonb holds a NUL.
        texts = [*reject.row, *(v for v in reject.row.values() if isinstance(v, str))]
        assert not any("\x00" in text for text in texts)
    for rows in parsed.rows.values():
        for row in rows:
            # Postgres text holds no NUL, and a record's text is never empty.
            assert not any(isinstance(v, str) and ("\x00" in v or not v) for v in row)
            hash(row)


@pytest.mark.parametrize("name", PARSERS)
@given(body=st.binary(max_size=200))
@settings(max_examples=60, deadline=None)
def test_any_bytes(name: str, body: bytes) -> None:
    check(PARSERS[name], body)


@pytest.mark.parametrize("name", PARSERS)
@given(document=anything)
@settings(max_examples=60, deadline=None)
def test_any_json(name: str, document: Any) -> None:
    check(PARSERS[name], json.dumps(document).encode())


SHAPES = {
    "company_tickers": named(
        maybe(st.fixed_dictionaries({"cik_str": anything, "ticker": anything, "title": anything}))
    ),
    "submissions": submissions,
    "companyfacts": companyfacts,
    "chart": chart,
    "statements": statements,
    "series": st.fixed_dictionaries(
        {
            "meta": st.just({"symbol": "X", "interval": "1day", "currency": "USD"}),
            "values": listed(maybe(fields("datetime open high low close volume"))),
        }
    ),
    "overview": fields("Name Currency LatestQuarter RevenueTTM CIK").map(
        lambda row: row | {"Symbol": "X"}
    ),
    "reports": st.fixed_dictionaries(
        {
            "symbol": st.just("X"),
            "annualReports": listed(maybe(fields("fiscalDateEnding reportedCurrency netIncome"))),
            "quarterlyReports": anything,
        }
    ),
    "articles": st.fixed_dictionaries(
        {
            "status": st.just("ok"),
            "articles": listed(maybe(fields("url title publishedAt source author"))),
        }
    ),
    "crunchbase rounds": st.fixed_dictionaries(
        {
            "cards": st.fixed_dictionaries(
                {"raised_funding_rounds": listed(fields("identifier announced_on money_raised"))}
            )
        }
    ),
    "github repositories": listed(fields("id full_name fork stargazers_count pushed_at")),
    "github commits": listed(fields("week total")),
    "github releases": listed(fields("tag_name prerelease published_at draft")),
}


@pytest.mark.parametrize("name", SHAPES)
@given(data=st.data())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_the_right_shape_with_wrong_fields(name: str, data: st.DataObject) -> None:
    check(PARSERS[name], json.dumps(data.draw(SHAPES[name])).encode())


@given(text=st.text(alphabet='Date,USJPY0123456789.-N/A\n\r" \x00', max_size=80))
@settings(max_examples=150, deadline=None)
def test_any_table_in_a_zip(text: str) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("rates.csv", "Date,USD,JPY,\n" + text)
    check(parse_rates, buffer.getvalue())


@given(document=submissions | anything)
@settings(max_examples=100, deadline=None)
def test_any_list_of_history_pages(document: Any) -> None:
    try:
        names = history_pages(json.dumps(document).encode(), 1)
    except SourceError:
        return
    assert all(name.startswith("CIK0000000001-submissions-") for name in names)


@given(left=st.text(max_size=30), right=st.text(max_size=30))
@settings(max_examples=200, deadline=None)
def test_names_match_either_way_round(left: str, right: str) -> None:
    assert names_match(left, [right]) == names_match(right, [left])
