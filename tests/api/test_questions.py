"""Questions on many companies: figures side by side, screens, and how right they are."""

from decimal import Decimal

import httpx
import pytest

from tests.api.serving import exact, problem
from tests.nights import SampleNights


def test_figures_of_several_companies_are_those_of_each(client: httpx.Client) -> None:
    asked = "line=revenue&period_type=annual&limit=1000"
    # A CIK and a ticker of one company are that company.
    told = exact(client.get(f"/v1/financials?company=NVDA,duol,1562088&{asked}"))
    apart = [
        row
        for company in ("DUOL", "NVDA")
        for row in exact(client.get(f"/v1/companies/{company}/financials?{asked}"))["data"]
    ]
    assert told["data"] == apart
    assert told["total"] == len(apart) > 10


def test_a_restated_figure_is_told_as_it_was_known(
    client: httpx.Client, sample_nights: SampleNights
) -> None:
    """Nvidia's diluted earnings of its fiscal 2023: 1.74 a share as filed, 0.17 after its split."""
    asked = "/v1/companies/NVDA/financials?line=eps_diluted&period_type=annual&from=2023-01-01"
    asked += "&to=2023-12-31"

    def values(more: str) -> list[Decimal]:
        return [one["value"] for one in exact(client.get(asked + more))["data"]]

    assert values("&known_at=2024-03-01") == values("&known_at=2024-03-02T04:59:59Z")
    assert values("&known_at=2024-03-01") == [Decimal("1.74")]
    assert values("&known_at=2026-07-01") == values("") == [Decimal("0.17")]
    assert values("&known_at=2010-01-01") == []
    # Nothing was loaded into this warehouse before it was made.
    assert values("&known_at=2024-03-01&loaded_before=2020-01-01") == []
    assert values("&known_at=2024-03-01&loaded_before=2099-01-01T00:00:00Z") == [Decimal("1.74")]
    vintages = exact(client.get(f"{asked}&vintages=all"))["data"]
    rows = sample_nights.home.rows(
        "select value, accession from fct_financial_vintages where ticker = 'NVDA'"
        " and line = 'eps_diluted' and period_type = 'annual' and fiscal_year = 2023"
        " order by known_from desc"
    )
    assert [(one["value"], one["accession"]) for one in vintages] == [
        (row["value"], row["accession"]) for row in rows
    ]
    assert {Decimal("1.74"), Decimal("0.17")} <= {one["value"] for one in vintages}
    [newest, *older] = vintages
    assert newest["known_to"] is None
    assert exact(client.get(newest["explanation"]))["data"]["cell"]["value"] == newest["value"]
    assert {one["explanation"] for one in older} == {None}
    [then] = exact(client.get(f"{asked}&known_at=2024-03-01"))["data"]
    assert exact(client.get(then["explanation"]))["data"]["cell"]["value"] == then["value"]


def test_a_screen_finds_what_sql_finds(client: httpx.Client, sample_nights: SampleNights) -> None:
    asked = {
        "where": ["revenue_growth_pct>=0.05", "quarter.gross_margin_pct > 0.5", "is_ranked=true"],
        "sort": "-revenue_growth_pct",
    }
    told = exact(client.get("/v1/screen", params=asked))
    rows = sample_nights.home.rows(
        "select p.company_id, p.cik, p.ticker, p.name, p.segment, p.revenue_growth_pct,"
        ' q.gross_margin_pct as "quarter.gross_margin_pct", p.is_ranked'
        " from mart_company_performance p join mart_company_quarters q using (company_id)"
        " where q.newest_first = 1 and p.revenue_growth_pct >= 0.05 and q.gross_margin_pct > 0.5"
        " and p.is_ranked order by p.revenue_growth_pct desc, p.company_id"
    )
    assert told["data"] == rows
    assert told["total"] == len(rows) > 1


def test_a_screen_without_conditions_has_every_company_once(
    client: httpx.Client, sample_nights: SampleNights
) -> None:
    [row] = sample_nights.home.rows("select count(*) as n from mart_company_performance")
    told = exact(client.get("/v1/screen?fields=company_id,quarter.revenue_ttm"))
    assert told["total"] == row["n"] == len({one["company_id"] for one in told["data"]})


@pytest.mark.parametrize(
    ("where", "sql"),
    [
        ("ticker=DUOL", "ticker = 'DUOL'"),
        ("segment!=edtech", "segment <> 'edtech'"),
        ("ttm_end>=2026-03-01", "ttm_end >= '2026-03-01'"),
        ("last_news_at<2026-07-09T00:00:00Z", "last_news_at < '2026-07-09T00:00:00Z'"),
        ("rank_overall<4", "rank_overall < 4"),
        ("is_stale=false", "not is_stale"),
        ("net_margin_pct<-0.1", "net_margin_pct < -0.1"),
        ("name='; drop table x; --", "false"),
    ],
)
def test_a_condition_is_typed_by_its_column(
    client: httpx.Client, sample_nights: SampleNights, where: str, sql: str
) -> None:
    told = exact(client.get("/v1/screen", params={"where": where}))
    rows = sample_nights.home.rows(
        f"select company_id from mart_company_performance where {sql} order by 1"
    )
    assert [one["company_id"] for one in told["data"]] == [row["company_id"] for row in rows]


@pytest.mark.parametrize(
    ("asked", "status", "code", "named"),
    [
        ("screen?where=revenue_grwth_pct>1", 400, "unknown_field", "revenue_growth_pct"),
        ("screen?where=quarter.rev>1", 400, "unknown_field", "quarter."),
        ("screen?where=name) or (true=1", 400, "bad_condition", "is no condition"),
        ("screen?where=revenue_growth_pct", 400, "bad_condition", "is no condition"),
        ("screen?where=revenue_growth_pct>=a lot", 400, "bad_condition", "0.2"),
        ("screen?where=revenue_growth_pct>=1e999999999", 400, "bad_condition", "decimal"),
        ("screen?where=revenue_growth_pct>=NaN", 400, "bad_condition", "decimal"),
        ("screen?where=ttm_end>=yesterday", 400, "bad_condition", "2026-06-30"),
        ("screen?where=last_news_at>2026-07-01T00:00:00", 400, "bad_condition", "Z"),
        ("screen?where=is_ranked=1", 400, "bad_condition", "true"),
        ("screen?where=name>A", 400, "bad_condition", "= or !="),
        ("screen?where=score_parts=1", 400, "bad_condition", "list or an object"),
        ("screen?sort=blank_reasons", 400, "bad_condition", "no order"),
        ("screen?sort=-nmae", 400, "unknown_field", "name"),
        ("screen?sort=name desc", 400, "bad_parameter", "sort"),
        ("screen?" + "&".join(["where=cik=1"] * 21), 400, "bad_parameter", "where"),
        ("financials", 400, "bad_parameter", "company"),
        ("financials?company=DUOL,NOSUCH", 404, "unknown_company", "NOSUCH"),
        ("financials?company=DUOL,,NVDA", 400, "bad_parameter", "empty"),
        ("financials?company=" + ",".join(map(str, range(51))), 400, "bad_parameter", "50"),
        ("financials?company=DUOL%00", 400, "bad_parameter", "no text"),
        ("financials?company=DUOL&line=revenues", 404, "unknown_line", "revenue"),
        ("companies/DUOL/financials?known_at=2024-03-01T10:00:00", 400, "bad_parameter", "zone"),
        ("companies/DUOL/financials?known_at=yesterday", 400, "bad_parameter", "known_at"),
        ("companies/DUOL/financials?known_at=2024-02-30", 400, "bad_parameter", "known_at"),
        ("companies/DUOL/financials?loaded_before=2024-03-01", 400, "bad_parameter", "known_at"),
        (
            "companies/DUOL/financials?known_at=2024-03-01&vintages=all",
            400,
            "bad_parameter",
            "vintages",
        ),
        ("companies/DUOL/financials?line=revenues", 404, "unknown_line", "revenue"),
        ("quality/certificate?format=csv", 400, "bad_parameter", "format"),
    ],
)
def test_a_question_that_is_no_question_is_refused(
    client: httpx.Client, asked: str, status: int, code: str, named: str
) -> None:
    answer = client.get(f"/v1/{asked}")
    told = problem(answer)
    assert (answer.status_code, told["code"]) == (status, code)
    assert named in told["detail"] + told["cure"]


def test_documents_are_found_page_by_page(
    client: httpx.Client, sample_nights: SampleNights
) -> None:
    asked = {"q": "risk OR revenue", "company": "MADEUP"}
    whole = exact(client.get("/v1/search", params={**asked, "limit": "100"}))
    [row] = sample_nights.home.rows(
        "select count(*) as n from mart_document_sections where company_id = 'made_up_learning'"
        " and body ~* '\\y(risks?|revenues?)\\y'"
    )
    assert whole["total"] == row["n"] == len(whole["data"]) > 2
    for one in whole["data"]:
        assert one["hits"]
        assert all(hit in one["passage"] for hit in one["hits"])
    first = client.get("/v1/search", params={**asked, "limit": "1"})
    second = client.get(first.links["next"]["url"])
    assert exact(first)["data"] + exact(second)["data"] == whole["data"][:2]
    assert exact(client.get("/v1/search", params={"q": "\"'&|!:*<"}))["data"] == []


def test_quality_has_the_checks_and_the_certificate(
    client: httpx.Client, sample_nights: SampleNights
) -> None:
    told = exact(client.get("/v1/quality?check=coverage&subject=duolingo"))["data"]
    rows = sample_nights.home.rows(
        "select checked_count, failed_count from mart_data_quality"
        " where check_name = 'coverage' and subject = 'duolingo'"
    )
    assert [(one["checked_count"], one["failed_count"]) for one in told] == [
        (row["checked_count"], row["failed_count"]) for row in rows
    ]
    assert rows
    verdicts = exact(client.get("/v1/quality/certificate"))["data"]["verdicts"]
    assert verdicts == {
        row["verdict"]: row["n"]
        for row in sample_nights.home.rows(
            "select verdict, count(*) as n from mart_accuracy_certificate group by 1"
        )
    }
    assert all(Decimal(count) > 0 for count in verdicts.values())
