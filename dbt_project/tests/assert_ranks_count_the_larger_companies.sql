-- A company's place is one more than the number of ranked companies with more revenue, overall
-- and in its segment; without a tie the places are a permutation.
with companies as (
    select * from {{ ref('mart_company_performance') }}
),

counted as (
    select
        company.company_id,
        company.rank_overall,
        company.rank_in_segment,
        1 + count(*) filter (where other.revenue_ttm_usd > company.revenue_ttm_usd)
            as place_overall,
        1 + count(*) filter (
            where
                other.revenue_ttm_usd > company.revenue_ttm_usd
                and other.segment = company.segment
        ) as place_in_segment
    from companies as company
    inner join companies as other on other.is_ranked
    where company.is_ranked
    group by company.company_id, company.rank_overall, company.rank_in_segment
)

select *
from counted
where
    rank_overall is distinct from place_overall
    or rank_in_segment is distinct from place_in_segment
