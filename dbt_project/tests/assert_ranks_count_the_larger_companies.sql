-- A company's place is one more than the number of ranked companies with more revenue, overall
-- and in its segment; without a tie the places are a permutation.
with companies as (
    select * from {{ ref('mart_company_performance') }}
    where is_ranked
),

revenues as (
    select
        revenue_ttm_usd,
        sum(count(*)) over (order by revenue_ttm_usd desc) - count(*) + 1 as place
    from companies
    group by revenue_ttm_usd
),

revenues_in_segment as (
    select
        segment,
        revenue_ttm_usd,
        sum(count(*)) over (partition by segment order by revenue_ttm_usd desc) - count(*) + 1
            as place
    from companies
    group by segment, revenue_ttm_usd
)

select
    companies.company_id,
    companies.rank_overall,
    companies.rank_in_segment
from companies
left join revenues on companies.revenue_ttm_usd = revenues.revenue_ttm_usd
left join revenues_in_segment
    on
        companies.segment = revenues_in_segment.segment
        and companies.revenue_ttm_usd = revenues_in_segment.revenue_ttm_usd
where
    companies.rank_overall is distinct from revenues.place
    or companies.rank_in_segment is distinct from revenues_in_segment.place
