-- Segments add up to their companies: revenue and count of the ranked, and everyone else listed.
with companies as (
    select
        segment,
        count(*) as companies_count,
        count(*) filter (where is_ranked) as ranked_count,
        sum(revenue_ttm_usd) filter (where is_ranked) as revenue_ttm_usd
    from {{ ref('mart_company_performance') }}
    group by segment
)

select
    segments.segment,
    segments.revenue_ttm_usd,
    companies.revenue_ttm_usd as companies_revenue_usd
from {{ ref('mart_competitive_landscape') }} as segments
full outer join companies on segments.segment = companies.segment
where
    segments.revenue_ttm_usd is distinct from companies.revenue_ttm_usd
    or segments.companies_count is distinct from companies.companies_count
    or segments.ranked_count is distinct from companies.ranked_count
    or segments.ranked_count + jsonb_array_length(segments.left_out)
    is distinct from companies.companies_count
