-- One row per company: its figures, ratios and age, before anything is compared with others.
with listed as (
    select *
    from {{ ref('int_companies__listed') }}
    where company_id in (select company_id from {{ ref('stg_ops__batch') }})
),

figures as (
    select
        companies.*,
        coalesce(filed.figures_source, vendor.figures_source) as figures_source,
        coalesce(filed.currency, vendor.currency) as currency,
        coalesce(filed.revenue_ttm, vendor.revenue_ttm) as revenue_ttm,
        case when filed.cik is null then vendor.revenue_ttm_usd else filed.revenue_ttm_usd end
            as revenue_ttm_usd,
        coalesce(filed.fx_kind, vendor.fx_kind) as fx_kind,
        coalesce(filed.ttm_end, vendor.ttm_end) as ttm_end,
        filed.revenue_ttm_accession,
        case when filed.cik is null then vendor.revenue_quarter else filed.revenue_quarter end
            as revenue_quarter,
        case when filed.cik is null then vendor.quarter_end else filed.quarter_end end
            as quarter_end,
        filed.revenue_quarter_accession,
        case
            when filed.cik is null then vendor.revenue_fiscal_year
            else filed.revenue_fiscal_year
        end as revenue_fiscal_year,
        filed.fiscal_year,
        case when filed.cik is null then vendor.fiscal_year_end else filed.fiscal_year_end end
            as fiscal_year_end,
        filed.revenue_fiscal_year_accession,
        case
            when filed.cik is not null
                then {{ growth('filed.revenue_ttm', 'filed.revenue_ttm_year_before') }}
            -- The vendor has no year before its last quarters: growth only of a fiscal year shown.
            when vendor.ttm_end = vendor.fiscal_year_end
                then {{ growth('vendor.revenue_fiscal_year', 'vendor.revenue_fiscal_year_before') }}
        end as revenue_growth_pct,
        case
            when filed.cik is not null then filed.revenue_ttm_year_before
            when vendor.ttm_end = vendor.fiscal_year_end then vendor.revenue_fiscal_year_before
        end as revenue_year_before,
        {{ growth('filed.revenue_quarter', 'filed.revenue_quarter_year_before') }}
            as revenue_quarter_growth_pct,
        filed.gross_profit_ttm,
        filed.operating_income_ttm,
        case when filed.cik is null then vendor.net_income_ttm else filed.net_income_ttm end
            as net_income_ttm,
        filed.net_income_ttm_usd,
        case
            when filed.cik is null then vendor.operating_cash_flow_ttm
            else filed.operating_cash_flow_ttm
        end as operating_cash_flow_ttm,
        filed.free_cash_flow_ttm,
        case
            when filed.cik is null then vendor.balance_sheet_date
            else filed.balance_sheet_date
        end as balance_sheet_date,
        filed.cash,
        filed.debt,
        filed.equity,
        case when filed.cik is null then vendor.total_assets else filed.total_assets end
            as total_assets,
        coalesce(filed.is_quarterly_filer, true) as is_quarterly_filer
    from listed as companies
    left join {{ ref('int_figures__filed') }} as filed on companies.cik = filed.cik
    left join {{ ref('int_figures__vendor') }} as vendor
        on companies.company_id = vendor.company_id
),

valued as (
    select
        figures.*,
        market.price,
        market.price_currency,
        market.price_date,
        market.market_value_usd,
        case
            when market.company_id is null then 'no_price' else market.market_value_blank_reason
        end as market_value_blank_reason,
        {{ ratio('figures.gross_profit_ttm', 'figures.revenue_ttm') }} as gross_margin_pct,
        {{ ratio('figures.operating_income_ttm', 'figures.revenue_ttm') }} as operating_margin_pct,
        {{ ratio('figures.net_income_ttm', 'figures.revenue_ttm') }} as net_margin_pct,
        {{ ratio('figures.free_cash_flow_ttm', 'figures.revenue_ttm') }} as fcf_margin_pct,
        -- A 10-Q is due 45 days after its quarter and a year's report at most 4 months after it:
        -- figures older than two such cycles have been overtaken by a filing that we lack.
        {{ as_of() }} - figures.ttm_end > case when figures.is_quarterly_filer then 200 else 500 end
            as is_stale
    from figures
    left join {{ ref('int_market__valued') }} as market
        on figures.company_id = market.company_id
),

measured as (
    select
        *,
        revenue_growth_pct + fcf_margin_pct as rule_of_40_pct,
        case
            when market_value_usd is not null and net_income_ttm_usd > 0 and not is_stale
                then round(market_value_usd / net_income_ttm_usd, 4)
        end as pe_ratio,
        case
            when market_value_usd is not null and revenue_ttm_usd > 0 and not is_stale
                then round(market_value_usd / revenue_ttm_usd, 4)
        end as ps_ratio,
        case
            when revenue_ttm is null then 'no_figures'
            when figures_source = 'vendor' then 'vendor_only'
            when is_stale then 'stale'
            when revenue_ttm_usd is null then 'no_rate'
        end as left_out_reason
    from valued
)

select * from measured
