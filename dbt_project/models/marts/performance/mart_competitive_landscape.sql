with companies as (
    select * from {{ ref('mart_company_performance') }}
),

ranked as (
    select
        *,
        revenue_ttm_usd / sum(revenue_ttm_usd) over (partition by segment) as segment_share,
        row_number() over (
            partition by segment order by revenue_growth_pct desc nulls last, company_id asc
        ) as growth_place
    from companies
    where is_ranked
),

totals as (
    select
        segment,
        count(*) as ranked_count,
        sum(revenue_ttm_usd) as revenue_ttm_usd,
        round(avg(revenue_growth_pct), 6) as revenue_growth_mean_pct,
        round({{ median('revenue_growth_pct') }}, 6) as revenue_growth_median_pct,
        -- Of one or two companies it would measure our coverage, not the segment.
        case
            when count(revenue_growth_pct) >= 3
                then round(
                    percentile_disc(0.75) within group (order by revenue_growth_pct)
                    - percentile_disc(0.25) within group (order by revenue_growth_pct), 6
                )
        end as revenue_growth_spread_pct,
        round({{ median('gross_margin_pct') }}, 6) as gross_margin_median_pct,
        round({{ median('operating_margin_pct') }}, 6) as operating_margin_median_pct,
        round({{ median('net_margin_pct') }}, 6) as net_margin_median_pct,
        case when count(*) >= 3 then round(sum(segment_share * segment_share) * 10000, 2) end
            as hhi,
        case
            when count(*) >= 3
                then round(sum(segment_share) filter (where rank_in_segment <= 3), 6)
        end as top3_share_pct,
        jsonb_agg(ticker order by rank_in_segment, company_id)
        filter (where rank_in_segment <= 3) as leaders,
        jsonb_agg(ticker order by growth_place)
        filter (where growth_place <= 3 and revenue_growth_pct > 0) as fastest_growers,
        jsonb_agg(ticker order by company_id)
        filter (where health_status = 'at_risk') as at_risk
    from ranked
    group by segment
),

segments as (
    select
        segment,
        min(segment_label) as segment_label,
        count(*) as companies_count,
        coalesce(
            jsonb_agg(
                jsonb_build_object('ticker', ticker, 'reason', left_out_reason)
                order by company_id
            ) filter (where not is_ranked),
            '[]'::jsonb
        ) as left_out
    from companies
    group by segment
),

final as (
    select
        segments.segment,
        segments.segment_label,
        segments.companies_count,
        coalesce(totals.ranked_count, 0) as ranked_count,
        totals.revenue_ttm_usd,
        totals.revenue_growth_mean_pct,
        totals.revenue_growth_median_pct,
        totals.gross_margin_median_pct,
        totals.operating_margin_median_pct,
        totals.net_margin_median_pct,
        totals.hhi,
        totals.top3_share_pct,
        coalesce(totals.leaders, '[]'::jsonb) as leaders,
        coalesce(totals.fastest_growers, '[]'::jsonb) as fastest_growers,
        coalesce(totals.at_risk, '[]'::jsonb) as at_risk,
        segments.left_out,
        totals.revenue_growth_spread_pct,
        case
            when totals.revenue_growth_median_pct < 0 then 'declining'
            when totals.revenue_growth_median_pct >= 0.2 then 'growing'
            when totals.revenue_growth_median_pct is null then null
            when totals.operating_margin_median_pct >= 0.1 then 'mature'
            else 'forming'
        end as lifecycle_stage
    from segments
    left join totals on segments.segment = totals.segment
)

select * from final
