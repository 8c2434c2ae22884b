with measured as (
    select * from {{ ref('int_companies__measured') }}
),

ranks as (
    select
        company_id,
        rank() over (order by revenue_ttm_usd desc) as rank_overall,
        round(percent_rank() over (order by revenue_ttm_usd)::numeric, 4) as percentile_overall,
        rank() over (partition by segment order by revenue_ttm_usd desc) as rank_in_segment,
        round(
            percent_rank() over (partition by segment order by revenue_ttm_usd)::numeric, 4
        ) as percentile_in_segment
    from measured
    where left_out_reason is null
),

completeness as (
    select
        cik,
        round(
            coalesce(sum(cell_count) filter (where status = 'ok'), 0) / sum(cell_count), 4
        ) as completeness_pct
    from {{ ref('int_cells__counted') }}
    where blank_reason not in ('not_due', 'not_applicable')
    group by cik
),

part_scores as (
    select
        *,
        {{ score('revenue_growth_pct', '-0.1', '0.4') }} as growth_score,
        {{ score('gross_margin_pct', '0.2', '0.8') }} as gross_margin_score,
        {{ score('operating_margin_pct', '-0.2', '0.3') }} as operating_margin_score,
        {{ score('net_margin_pct', '-0.2', '0.25') }} as net_margin_score,
        {{ score('fcf_margin_pct', '-0.2', '0.3') }} as fcf_margin_score
    from measured
),

scored as (
    select
        *,
        -- Two parts with equal weight: what a sale leaves, and what running the company leaves.
        round((gross_margin_score + operating_margin_score) / 2, 1) as margin_score,
        round((net_margin_score + fcf_margin_score) / 2, 1) as profitability_score,
        jsonb_build_object(
            'growth', round(growth_score, 1),
            'gross_margin', round(gross_margin_score, 1),
            'operating_margin', round(operating_margin_score, 1),
            'net_margin', round(net_margin_score, 1),
            'fcf_margin', round(fcf_margin_score, 1)
        ) as score_parts
    from part_scores
),

health as (
    select
        company_id,
        case
            when left_out_reason is not null then 'unknown'
            when equity < 0 then 'at_risk'
            when free_cash_flow_ttm < 0 and cash < -free_cash_flow_ttm then 'at_risk'
            when revenue_growth_pct < -0.1 and net_income_ttm < 0 then 'at_risk'
            when revenue_growth_pct is null or net_income_ttm is null then 'unknown'
            when net_income_ttm < 0 or revenue_growth_pct < 0 then 'watch'
            else 'healthy'
        end as health_status,
        case
            when left_out_reason is not null then left_out_reason
            when equity < 0 then 'equity is negative'
            when free_cash_flow_ttm < 0 and cash < -free_cash_flow_ttm
                then 'cash covers less than a year of free cash outflow'
            when revenue_growth_pct < -0.1 and net_income_ttm < 0
                then 'revenue falls by more than a tenth, at a loss'
            when revenue_growth_pct is null or net_income_ttm is null
                then 'growth or net income is not known'
            when net_income_ttm < 0 then 'net loss over twelve months'
            when revenue_growth_pct < 0 then 'revenue falls'
            else 'grows at a profit'
        end as health_reason
    from scored
),

final as (
    select
        scored.company_id,
        scored.cik,
        scored.ticker,
        scored.name,
        scored.segment,
        scored.segment_label,
        scored.delivery_model,
        scored.listing_status,
        scored.figures_source,
        scored.currency,
        scored.revenue_ttm,
        explained.revenue_ttm_blank_reason,
        scored.revenue_ttm_usd,
        explained.revenue_ttm_usd_blank_reason,
        scored.fx_kind,
        scored.revenue_ttm_accession,
        scored.ttm_end,
        -- Moves with every day: the view computes it from the publication's date.
        null::integer as days_since_ttm_end,
        scored.is_stale,
        scored.revenue_quarter,
        scored.quarter_end,
        scored.revenue_quarter_accession,
        scored.revenue_fiscal_year,
        scored.fiscal_year,
        scored.fiscal_year_end,
        scored.revenue_fiscal_year_accession,
        round(scored.revenue_growth_pct, 6) as revenue_growth_pct,
        explained.revenue_growth_blank_reason,
        round(scored.revenue_quarter_growth_pct, 6) as revenue_quarter_growth_pct,
        scored.gross_profit_ttm,
        scored.operating_income_ttm,
        scored.net_income_ttm,
        scored.operating_cash_flow_ttm,
        scored.free_cash_flow_ttm,
        round(scored.gross_margin_pct, 6) as gross_margin_pct,
        explained.gross_margin_blank_reason,
        round(scored.operating_margin_pct, 6) as operating_margin_pct,
        explained.operating_margin_blank_reason,
        round(scored.net_margin_pct, 6) as net_margin_pct,
        explained.net_margin_blank_reason,
        round(scored.fcf_margin_pct, 6) as fcf_margin_pct,
        explained.fcf_margin_blank_reason,
        round(scored.rule_of_40_pct, 6) as rule_of_40_pct,
        explained.rule_of_40_blank_reason,
        scored.balance_sheet_date,
        scored.cash,
        scored.debt,
        scored.equity,
        scored.total_assets,
        scored.price,
        scored.price_currency,
        scored.price_date,
        round(scored.market_value_usd, 2) as market_value_usd,
        explained.market_value_blank_reason,
        scored.pe_ratio,
        explained.pe_ratio_blank_reason,
        scored.ps_ratio,
        explained.ps_ratio_blank_reason,
        ranks.company_id is not null as is_ranked,
        scored.left_out_reason,
        ranks.rank_overall,
        ranks.percentile_overall,
        ranks.rank_in_segment,
        ranks.percentile_in_segment,
        round(scored.growth_score, 1) as growth_score,
        scored.margin_score,
        scored.profitability_score,
        scored.score_parts,
        health.health_status,
        health.health_reason,
        case when scored.figures_source = 'filing' then completeness.completeness_pct end
            as completeness_pct,
        awaited.next_filing_period_end,
        awaited.next_filing_form,
        awaited.next_filing_due,
        awaited.next_filing_blank_reason,
        {% for column in [
            'figures_known_on', 'freshness', 'freshness_blank_reason',
            'news_count_30d', 'news_tone_30d', 'last_news_at', 'news_blank_reason',
            'news_tone_blank_reason',
            'developer_commits_12w', 'developer_releases_1y', 'developer_blank_reason',
            'last_funding_type', 'last_funding_date', 'last_funding_usd', 'funding_total_usd',
            'funding_blank_reason', 'newest_kpis'
        ] -%}
        context.{{ column }},
        {% endfor -%}
        {% for measure in measures() | rejectattr('is_of_vendors') -%}
        trended.{{ measure.name }},
        {% endfor -%}
        trended.enterprise_value_usd,
        trended.ev_to_sales_ratio,
        trended.ev_to_fcf_ratio,
        trended.return_1m_pct,
        trended.return_3m_pct,
        trended.return_1y_pct,
        trended.blank_reasons
    from scored
    inner join health on scored.company_id = health.company_id
    inner join {{ ref('int_measures__explained') }} as explained
        on scored.company_id = explained.company_id
    inner join {{ ref('int_companies__trended') }} as trended
        on scored.company_id = trended.company_id
    inner join {{ ref('int_companies__awaited') }} as awaited
        on scored.company_id = awaited.company_id
    inner join {{ ref('int_companies__context') }} as context
        on scored.company_id = context.company_id
    left join ranks on scored.company_id = ranks.company_id
    left join completeness on scored.cik = completeness.cik
)

select * from final
