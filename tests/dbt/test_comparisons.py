"""What compares companies, again in pandas: scores, ranks, valuation, segments and outliers.

Formulas are written here from their descriptions, with decimals of fifty digits that are rounded
once: each figure of the sample is equal to its last place.
"""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Any

import pandas as pd
import pytest

from tests.nights import SampleNights

DIGITS = 50
SEGMENT_PEERS = 5
# Floor and ceiling between which a share scores 0 to 100.
SCORES = {
    "growth": ("revenue_growth_pct", "-0.1", "0.4"),
    "gross_margin": ("gross_profit_ttm", "0.2", "0.8"),
    "operating_margin": ("operating_income_ttm", "-0.2", "0.3"),
    "net_margin": ("net_income_ttm", "-0.2", "0.25"),
    "fcf_margin": ("free_cash_flow_ttm", "-0.2", "0.3"),
}
SCREENED = (
    "revenue_growth_pct",
    "gross_margin_pct",
    "operating_margin_pct",
    "net_margin_pct",
    "fcf_margin_pct",
)


@pytest.fixture(scope="module")
def companies(sample_nights: SampleNights) -> pd.DataFrame:
    rows = sample_nights.home.rows("select * from mart_company_performance order by company_id")
    return pd.DataFrame(rows, dtype=object)


def _rounded(value: Decimal | None, places: int) -> Decimal | None:
    return None if value is None else value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def _score(share: Decimal | None, floor: str, ceiling: str) -> Decimal | None:
    if share is None:
        return None
    within = (share - Decimal(floor)) / (Decimal(ceiling) - Decimal(floor))
    return min(max(within, Decimal(0)), Decimal(1)) * 100


def _mean(parts: Iterable[Decimal | None]) -> Decimal | None:
    listed = list(parts)
    known = [part for part in listed if part is not None]
    return sum(known, Decimal(0)) / len(known) if len(known) == len(listed) else None


def _median(values: Iterable[Decimal | None]) -> Decimal | None:
    known = sorted(value for value in values if value is not None)
    if not known:
        return None
    return (known[(len(known) - 1) // 2] + known[len(known) // 2]) / 2


def _known(values: Iterable[Any]) -> list[Decimal]:
    return [value for value in values if value is not None]


def test_scores_are_means_of_the_scores_of_their_parts(companies: pd.DataFrame) -> None:
    with localcontext(prec=DIGITS):
        for row in companies.to_dict("records"):
            parts: dict[str, Decimal | None] = {}
            for name, (column, floor, ceiling) in SCORES.items():
                share = row[column]
                if column != "revenue_growth_pct":
                    base = row["revenue_ttm"]
                    share = share / base if share is not None and base else None
                parts[name] = _score(share, floor, ceiling)
            assert row["growth_score"] == _rounded(parts["growth"], 1), row["ticker"]
            for score, of in (
                ("margin_score", ("gross_margin", "operating_margin")),
                ("profitability_score", ("net_margin", "fcf_margin")),
            ):
                expected = _rounded(_mean(parts[name] for name in of), 1)
                assert row[score] == expected, (row["ticker"], score)
            shown = {
                name: None if v is None else float(v) for name, v in row["score_parts"].items()
            }
            expected_parts = {name: _rounded(value, 1) for name, value in parts.items()}
            assert shown == {
                name: None if value is None else float(value)
                for name, value in expected_parts.items()
            }


def test_valuation_follows_from_price_debt_and_results(companies: pd.DataFrame) -> None:
    compared = 0
    with localcontext(prec=DIGITS):
        for row in companies.to_dict("records"):
            value = row["market_value_usd"]
            if value is None or row["currency"] != "USD":
                continue
            for ratio, base, places in (
                ("pe_ratio", "net_income_ttm", 4),
                ("ps_ratio", "revenue_ttm_usd", 4),
            ):
                if row[base] is not None and row[base] > 0 and not row["is_stale"]:
                    assert row[ratio] == _rounded(value / row[base], places), row["ticker"]
                    compared += 1
                else:
                    assert row[ratio] is None, row["ticker"]
            whole = row["enterprise_value_usd"]
            if whole is None:
                continue
            assert whole == value - row["net_cash"], row["ticker"]
            for ratio, base in (
                ("ev_to_sales_ratio", "revenue_ttm_usd"),
                ("ev_to_fcf_ratio", "free_cash_flow_ttm"),
            ):
                is_positive = row[base] is not None and row[base] > 0
                expected = _rounded(whole / row[base], 6) if is_positive else None
                assert row[ratio] == expected, (row["ticker"], ratio)
                compared += 1
    assert compared >= 10


def test_ranks_and_percentiles_are_by_revenue_in_dollars(companies: pd.DataFrame) -> None:
    ranked = companies[companies["is_ranked"].astype(bool)]
    assert len(ranked) >= 9
    for group, rank, percentile in (
        (None, "rank_overall", "percentile_overall"),
        ("segment", "rank_in_segment", "percentile_in_segment"),
    ):
        for row in ranked.to_dict("records"):
            peers = ranked if group is None else ranked[ranked[group] == row[group]]
            revenue = list(peers["revenue_ttm_usd"])
            above = sum(other > row["revenue_ttm_usd"] for other in revenue)
            below = sum(other < row["revenue_ttm_usd"] for other in revenue)
            assert row[rank] == above + 1, row["ticker"]
            share = Decimal(below) / (len(revenue) - 1) if len(revenue) > 1 else Decimal(0)
            assert row[percentile] == _rounded(share, 4), row["ticker"]
    assert companies[~companies["is_ranked"].astype(bool)]["rank_overall"].isna().all()


def test_segments_are_those_of_their_ranked_companies(
    sample_nights: SampleNights, companies: pd.DataFrame
) -> None:
    told = sample_nights.home.rows("select * from mart_competitive_landscape")
    assert {row["segment"] for row in told} == set(companies["segment"])
    with localcontext(prec=DIGITS):
        for row in told:
            members = companies[companies["segment"] == row["segment"]]
            ranked = members[members["is_ranked"].astype(bool)]
            growth = sorted(_known(ranked["revenue_growth_pct"]))
            expected: dict[str, Any] = {
                "companies_count": len(members),
                "ranked_count": len(ranked),
                "revenue_growth_mean_pct": _rounded(_mean(growth), 6) if growth else None,
                "revenue_growth_median_pct": _rounded(_median(growth), 6),
                "gross_margin_median_pct": _rounded(_median(ranked["gross_margin_pct"]), 6),
                "operating_margin_median_pct": _rounded(_median(ranked["operating_margin_pct"]), 6),
                "net_margin_median_pct": _rounded(_median(ranked["net_margin_pct"]), 6),
                "revenue_growth_spread_pct": None,
                "hhi": None,
                "top3_share_pct": None,
            }
            revenue = sorted(ranked["revenue_ttm_usd"], reverse=True)
            if len(growth) >= 3:
                # The least value that so much of the companies do not exceed.
                upper, lower = (growth[-(-len(growth) * n // 4) - 1] for n in (3, 1))
                expected["revenue_growth_spread_pct"] = _rounded(upper - lower, 6)
            if len(ranked) >= 3:
                shares = [one / sum(revenue) for one in revenue]
                squares = sum((share * share for share in shares), Decimal(0))
                expected["hhi"] = _rounded(squares * 10_000, 2)
                expected["top3_share_pct"] = _rounded(sum(shares[:3], Decimal(0)), 6)
            assert {name: row[name] for name in expected} == expected, row["segment"]


def test_the_opportunity_of_a_segment_is_the_mean_of_its_scores(
    sample_nights: SampleNights,
) -> None:
    told = sample_nights.home.rows(
        "select * from mart_segment_opportunity join mart_competitive_landscape using (segment)"
    )
    with localcontext(prec=DIGITS):
        for row in told:
            share = row["top3_share_pct"]
            parts = (
                _score(row["revenue_growth_median_pct"], "-0.1", "0.4"),
                _score(row["operating_margin_median_pct"], "-0.2", "0.3"),
                _score(None if share is None else 1 - share, "0", "0.5"),
            )
            names = ("growth_score", "profitability_score", "openness_score")
            assert [row[name] for name in names] == [_rounded(part, 1) for part in parts]
            assert row["opportunity_score"] == _rounded(_mean(parts), 1), row["segment"]


def test_outliers_are_all_that_lie_far_from_the_median_of_their_peers(
    sample_nights: SampleNights, companies: pd.DataFrame
) -> None:
    told = {
        (row["company_id"], row["measure"]): row
        for row in sample_nights.home.rows("select * from mart_anomalies")
    }
    ranked = companies[companies["is_ranked"].astype(bool)]
    expected = {}
    with localcontext(prec=DIGITS):
        for measure in SCREENED:
            known = [row for row in ranked.to_dict("records") if row[measure] is not None]
            for row in known:
                own = [one[measure] for one in known if one["segment"] == row["segment"]]
                peers = own if len(own) >= SEGMENT_PEERS else [one[measure] for one in known]
                middle = _median(peers)
                assert middle is not None
                deviation = _median(abs(one - middle) for one in peers)
                if len(peers) < SEGMENT_PEERS or not deviation:
                    continue
                score = _rounded(Decimal("0.6745") * (row[measure] - middle) / deviation, 2)
                assert score is not None
                if abs(score) >= Decimal("3.5"):
                    expected[row["company_id"], measure] = (
                        score,
                        _rounded(middle, 6),
                        _rounded(deviation, 6),
                        len(peers),
                    )
    assert expected
    assert {
        key: (row["score"], row["peers_median"], row["peers_deviation"], row["peers_count"])
        for key, row in told.items()
    } == expected
