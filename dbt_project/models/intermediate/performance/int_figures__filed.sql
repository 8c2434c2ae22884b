-- Headline figures of each filer from its filings: one row per company with any revenue.
with cells as (
    select *
    from {{ ref('fct_financials') }}
    where status = 'ok'
),

newest as (
    select distinct on (cik, period_type)
        cik,
        period_type,
        period_end,
        fiscal_year,
        currency,
        value,
        value_usd,
        fx_kind,
        accession
    from cells
    where line = 'revenue' and period_type in ('annual', 'quarter', 'ttm')
    order by cik asc, period_type asc, period_end desc
),

year_before as (
    select distinct on (newest.cik, newest.period_type)
        newest.cik,
        newest.period_type,
        cells.value
    from newest
    inner join cells
        on
            newest.cik = cells.cik
            and newest.period_type = cells.period_type
            and newest.currency = cells.currency
            and cells.line = 'revenue'
            and newest.period_end - cells.period_end between 350 and 380
    order by newest.cik asc, newest.period_type asc, cells.period_end desc
),

results as (
    select
        newest.cik,
        max(cells.value) filter (where cells.line = 'gross_profit') as gross_profit_ttm,
        max(cells.value) filter (where cells.line = 'operating_income') as operating_income_ttm,
        max(cells.value) filter (where cells.line = 'net_income') as net_income_ttm,
        max(cells.value_usd) filter (where cells.line = 'net_income') as net_income_ttm_usd,
        max(cells.value) filter (where cells.line = 'operating_cash_flow')
            as operating_cash_flow_ttm,
        max(cells.value) filter (where cells.line = 'free_cash_flow') as free_cash_flow_ttm
    from newest
    inner join cells
        on
            newest.cik = cells.cik
            and cells.period_type = 'ttm'
            and newest.period_end = cells.period_end
            and newest.currency = cells.currency
    where newest.period_type = 'ttm'
    group by newest.cik
),

balance_date as (
    select
        cik,
        max(period_end) as balance_sheet_date
    from cells
    where period_type = 'instant' and line = 'total_assets'
    group by cik
),

balances as (
    select
        balance_date.cik,
        balance_date.balance_sheet_date,
        max(cells.value) filter (where cells.line = 'cash_and_equivalents') as cash,
        max(cells.value) filter (where cells.line = 'short_term_debt')
        + max(cells.value) filter (where cells.line = 'long_term_debt') as debt,
        max(cells.value) filter (where cells.line = 'stockholders_equity') as equity,
        max(cells.value) filter (where cells.line = 'total_assets') as total_assets
    from balance_date
    inner join cells
        on
            balance_date.cik = cells.cik
            and cells.period_type = 'instant'
            and balance_date.balance_sheet_date = cells.period_end
    group by balance_date.cik, balance_date.balance_sheet_date
),

quarterly_filers as (
    select distinct cik
    from cells
    where period_type = 'quarter'
),

united as (
    select
        twelve_months.cik,
        'filing' as figures_source,
        twelve_months.currency,
        twelve_months.value as revenue_ttm,
        twelve_months.value_usd as revenue_ttm_usd,
        twelve_months.fx_kind,
        twelve_months.accession as revenue_ttm_accession,
        twelve_months.period_end as ttm_end,
        previous_twelve.value as revenue_ttm_year_before,
        quarter.value as revenue_quarter,
        quarter.period_end as quarter_end,
        quarter.accession as revenue_quarter_accession,
        quarter_before.value as revenue_quarter_year_before,
        annual.value as revenue_fiscal_year,
        annual.fiscal_year,
        annual.period_end as fiscal_year_end,
        annual.accession as revenue_fiscal_year_accession,
        results.gross_profit_ttm,
        results.operating_income_ttm,
        results.net_income_ttm,
        results.net_income_ttm_usd,
        results.operating_cash_flow_ttm,
        results.free_cash_flow_ttm,
        balances.balance_sheet_date,
        balances.cash,
        balances.debt,
        balances.equity,
        balances.total_assets,
        quarterly_filers.cik is not null as is_quarterly_filer
    from newest as twelve_months
    left join newest as quarter
        on twelve_months.cik = quarter.cik and quarter.period_type = 'quarter'
    left join newest as annual
        on twelve_months.cik = annual.cik and annual.period_type = 'annual'
    left join year_before as previous_twelve
        on twelve_months.cik = previous_twelve.cik and previous_twelve.period_type = 'ttm'
    left join year_before as quarter_before
        on twelve_months.cik = quarter_before.cik and quarter_before.period_type = 'quarter'
    left join results on twelve_months.cik = results.cik
    left join balances on twelve_months.cik = balances.cik
    left join quarterly_filers on twelve_months.cik = quarterly_filers.cik
    where twelve_months.period_type = 'ttm'
)

select * from united
