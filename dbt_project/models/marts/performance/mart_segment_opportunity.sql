with segments as (
    select * from {{ ref('mart_competitive_landscape') }}
),

scored as (
    select
        segment,
        segment_label,
        ranked_count,
        {{ score('revenue_growth_median_pct', '-0.1', '0.4') }} as growth_score,
        {{ score('operating_margin_median_pct', '-0.2', '0.3') }} as profitability_score,
        -- What the three largest leave to others.
        {{ score('1 - top3_share_pct', '0', '0.5') }} as openness_score
    from segments
)

select
    segment,
    segment_label,
    ranked_count,
    round(growth_score, 1) as growth_score,
    round(profitability_score, 1) as profitability_score,
    round(openness_score, 1) as openness_score,
    round((growth_score + profitability_score + openness_score) / 3, 1) as opportunity_score,
    case
        when ranked_count < 3 then 'few_companies'
        when growth_score is null or profitability_score is null then 'no_figures'
    end as opportunity_blank_reason
from scored
