-- Why a company's headline measures are blank: the reason of the cell that they lack, or our own.
with companies as (
    select * from {{ ref('int_companies__measured') }}
),

-- A filer without quarters has its year as its twelve months.
twelve_months as (
    select
        cik,
        line,
        period_type,
        period_end,
        blank_reason
    from {{ ref('fct_financials') }}
    where status = 'blank' and period_type in ('ttm', 'annual')
),

-- What is awaited says less than what a filing lacks.
without_revenue as (
    select distinct on (cik)
        cik,
        blank_reason
    from twelve_months
    where line = 'revenue'
    order by
        cik asc,
        blank_reason in ('not_due', 'not_filed', 'source_down') asc,
        period_end desc,
        period_type desc
),

without_year_before as (
    select distinct on (companies.company_id)
        companies.company_id,
        twelve_months.blank_reason
    from companies
    inner join twelve_months
        on
            companies.cik = twelve_months.cik
            and twelve_months.line = 'revenue'
            and companies.ttm_end - twelve_months.period_end between 350 and 380
    order by
        companies.company_id asc, twelve_months.period_end desc, twelve_months.period_type desc
),

without_part as (
    select distinct on (companies.company_id, twelve_months.line)
        companies.company_id,
        twelve_months.line,
        twelve_months.blank_reason
    from companies
    inner join twelve_months
        on companies.cik = twelve_months.cik and companies.ttm_end = twelve_months.period_end
    order by companies.company_id asc, twelve_months.line asc, twelve_months.period_type desc
),

parts as (
    select
        company_id,
        max(blank_reason) filter (where line = 'gross_profit') as gross_profit,
        max(blank_reason) filter (where line = 'operating_income') as operating_income,
        max(blank_reason) filter (where line = 'net_income') as net_income,
        max(blank_reason) filter (where line = 'free_cash_flow') as free_cash_flow
    from without_part
    group by company_id
),

-- What stands for a missing part: a vendor-only company has no cell to ask.
lacking as (
    select
        companies.*,
        case
            when companies.revenue_ttm is null
                then coalesce(without_revenue.blank_reason, 'no_figures')
        end as revenue_ttm_blank_reason,
        {% for part in ['gross_profit', 'operating_income', 'net_income', 'free_cash_flow'] -%}
        case
            when companies.figures_source = 'vendor' then 'vendor_only'
            else coalesce(parts.{{ part }}, 'no_figures')
        end as no_{{ part }},
        {% endfor -%}
        coalesce(without_year_before.blank_reason, 'no_year_before') as no_year_before
    from companies
    left join without_revenue on companies.cik = without_revenue.cik
    left join without_year_before on companies.company_id = without_year_before.company_id
    left join parts on companies.company_id = parts.company_id
),

measures as (
    select
        *,
        case
            when revenue_ttm_usd is null then coalesce(revenue_ttm_blank_reason, 'no_rate')
        end as revenue_ttm_usd_blank_reason,
        case
            when revenue_growth_pct is not null then null
            when revenue_ttm is null then revenue_ttm_blank_reason
            when revenue_year_before is not null then 'not_positive'
            when figures_source = 'vendor' then 'no_year_before'
            else no_year_before
        end as revenue_growth_blank_reason,
        {% for margin, part in [
            ('gross_margin', 'gross_profit'),
            ('operating_margin', 'operating_income'),
            ('net_margin', 'net_income'),
            ('fcf_margin', 'free_cash_flow'),
        ] -%}
        case
            when {{ margin }}_pct is not null then null
            when revenue_ttm is null then revenue_ttm_blank_reason
            when {{ part }}_ttm is null then no_{{ part }}
            else 'not_positive'
        end as {{ margin }}_blank_reason,
        {% endfor -%}
        case
            when pe_ratio is not null then null
            when market_value_usd is null then market_value_blank_reason
            when revenue_ttm is null then revenue_ttm_blank_reason
            when net_income_ttm is null then no_net_income
            when net_income_ttm <= 0 then 'not_positive'
            when is_stale then 'stale'
            -- Vendors' earnings are not compared with a market value.
            when figures_source = 'vendor' then 'vendor_only'
            else 'no_rate'
        end as pe_ratio_blank_reason,
        case
            when ps_ratio is not null then null
            when market_value_usd is null then market_value_blank_reason
            when revenue_ttm is null then revenue_ttm_blank_reason
            when revenue_ttm <= 0 then 'not_positive'
            when is_stale then 'stale'
            else 'no_rate'
        end as ps_ratio_blank_reason
    from lacking
),

explained as (
    select
        company_id,
        revenue_ttm_blank_reason,
        revenue_ttm_usd_blank_reason,
        revenue_growth_blank_reason,
        gross_margin_blank_reason,
        operating_margin_blank_reason,
        net_margin_blank_reason,
        fcf_margin_blank_reason,
        case
            when rule_of_40_pct is null
                then coalesce(revenue_growth_blank_reason, fcf_margin_blank_reason)
        end as rule_of_40_blank_reason,
        market_value_blank_reason,
        pe_ratio_blank_reason,
        ps_ratio_blank_reason
    from measures
)

select * from explained
