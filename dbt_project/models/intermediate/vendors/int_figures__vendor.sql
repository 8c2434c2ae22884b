-- Headline figures of companies without filings, from the vendor fields that may be trusted.
with cells as (
    select *
    from {{ ref('int_vendor_cells__mapped') }}
    where is_trusted
),

numbered as (
    select
        *,
        row_number() over (
            partition by company_id, line, period_type order by period_end desc
        ) as recency
    from cells
),

four_quarters as (
    select
        company_id,
        line,
        max(period_end) as period_end,
        sum(value) as value
    from numbered
    where period_type = 'quarter' and recency <= 4
    group by company_id, line
    -- Four ends in the span of three quarters: nothing is missing between them.
    having count(*) = 4 and max(period_end) - min(period_end) between 265 and 285
),

annual as (
    select
        newest.company_id,
        newest.line,
        newest.currency,
        newest.period_end,
        newest.value,
        before.value as year_before
    from numbered as newest
    left join numbered as before
        on
            newest.company_id = before.company_id
            and newest.line = before.line
            and before.period_type = 'annual'
            and before.recency = 2
            and newest.period_end - before.period_end between 350 and 380
    where newest.period_type = 'annual' and newest.recency = 1
),

twelve_months as (
    select
        annual.company_id,
        annual.line,
        annual.currency,
        annual.year_before,
        annual.value as annual_value,
        annual.period_end as annual_end,
        coalesce(four_quarters.period_end, annual.period_end) as period_end,
        coalesce(four_quarters.value, annual.value) as value
    from annual
    left join four_quarters
        on
            annual.company_id = four_quarters.company_id
            and annual.line = four_quarters.line
            and annual.period_end <= four_quarters.period_end
),

quarter as (
    select *
    from numbered
    where line = 'revenue' and period_type = 'quarter' and recency = 1
),

assets as (
    select *
    from numbered
    where line = 'total_assets' and period_type = 'instant' and recency = 1
),

united as (
    select
        revenue.company_id,
        'vendor' as figures_source,
        revenue.currency,
        revenue.value as revenue_ttm,
        case when revenue.currency = 'USD' then revenue.value end as revenue_ttm_usd,
        case when revenue.currency = 'USD' then 'none' else 'no_rate' end as fx_kind,
        revenue.period_end as ttm_end,
        revenue.annual_value as revenue_fiscal_year,
        revenue.annual_end as fiscal_year_end,
        revenue.year_before as revenue_fiscal_year_before,
        quarter.value as revenue_quarter,
        quarter.period_end as quarter_end,
        net_income.value as net_income_ttm,
        cash_flow.value as operating_cash_flow_ttm,
        assets.value as total_assets,
        assets.period_end as balance_sheet_date
    from twelve_months as revenue
    left join twelve_months as net_income
        on
            revenue.company_id = net_income.company_id
            and net_income.line = 'net_income'
            and revenue.period_end = net_income.period_end
    left join twelve_months as cash_flow
        on
            revenue.company_id = cash_flow.company_id
            and cash_flow.line = 'operating_cash_flow'
            and revenue.period_end = cash_flow.period_end
    left join quarter on revenue.company_id = quarter.company_id
    left join assets on revenue.company_id = assets.company_id
    where revenue.line = 'revenue'
)

select * from united
