-- Concentration can be recomputed: 10,000 / n for n equals at least; blank below three.
with shares as (
    select
        segment,
        rank_in_segment,
        revenue_ttm_usd / sum(revenue_ttm_usd) over (partition by segment) as share
    from {{ ref('mart_company_performance') }}
    where is_ranked
),

recomputed as (
    select
        segment,
        count(*) as ranked_count,
        sum(share) as shares_sum,
        sum(share ^ 2) * 10000 as hhi,
        sum(share) filter (where rank_in_segment <= 3) as top3_share
    from shares
    group by segment
)

select segments.*
from {{ ref('mart_competitive_landscape') }} as segments
left join recomputed on segments.segment = recomputed.segment
where
    (coalesce(recomputed.ranked_count, 0) < 3) <> (segments.hhi is null)
    or (segments.top3_share_pct is null) <> (segments.hhi is null)
    or abs(recomputed.shares_sum - 1) > 0.000001
    or abs(recomputed.hhi - segments.hhi) > 0.01
    or abs(recomputed.top3_share - segments.top3_share_pct) > 0.000001
    or segments.hhi < 10000 / recomputed.ranked_count::numeric - 0.01
    or (recomputed.ranked_count = 3 and segments.top3_share_pct <> 1)
