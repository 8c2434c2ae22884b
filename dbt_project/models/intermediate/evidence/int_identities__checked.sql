-- Arithmetic that must hold between cells of one company and period, each with its verdict.
with cells as (
    select *
    from {{ ref('fct_financials') }}
    where status = 'ok'
),

wide as (
    select
        cik,
        period_type,
        period_end,
        max(value) filter (where line = 'revenue') as revenue,
        max(value) filter (where line = 'cost_of_revenue') as cost_of_revenue,
        max(value) filter (where line = 'gross_profit') as gross_profit,
        max(value) filter (where line = 'operating_cash_flow') as operating_cash_flow,
        max(value) filter (where line = 'capital_expenditure') as capital_expenditure,
        max(value) filter (where line = 'free_cash_flow') as free_cash_flow,
        max(value) filter (where line = 'net_income') as net_income,
        -- Both on today's share basis: one may stem from before a split, the other from after it.
        max(value / split_factor) filter (where line = 'eps_diluted') as eps_diluted,
        max(value * split_factor) filter (where line = 'shares_diluted') as shares_diluted,
        max(value) filter (where line = 'total_assets') as total_assets,
        max(value) filter (where line = 'current_assets') as current_assets,
        max(value) filter (where line = 'total_liabilities') as total_liabilities,
        max(value) filter (where line = 'stockholders_equity') as stockholders_equity,
        max(value) filter (where line = 'cash_and_equivalents') as cash_and_equivalents
    from cells
    group by cik, period_type, period_end
),

quarters as (
    select
        year.cik,
        year.line,
        year.period_end,
        max(year.value) as year_value,
        sum(quarter.value) as quarters_value
    from cells as year
    inner join cells as quarter
        on
            year.cik = quarter.cik
            and year.line = quarter.line
            and quarter.period_type = 'quarter'
            and quarter.period_start >= year.period_start
            and quarter.period_end <= year.period_end
    inner join {{ ref('lines') }} as lines on year.line = lines.line and lines.is_additive
    where year.period_type = 'annual'
    group by year.cik, year.line, year.period_end
    -- A year that was recast without its quarters is told by them and not counted.
    having count(*) = 4 and max(quarter.basis_changed_since) is null
),

-- Each value of a size line beside that of the period of its kind before it.
followed as (
    select
        cik,
        period_type,
        period_end,
        value,
        lag(value) over (
            partition by cik, line, period_type, currency
            order by period_end
        ) as value_before
    from cells
    where
        line in ('revenue', 'total_assets', 'total_liabilities', 'shares_diluted')
        and period_type in ('annual', 'quarter', 'instant')
),

checked as (
    select
        'gross_profit' as identity,
        cik,
        period_type,
        period_end,
        ({{ is_gross_profit_off('revenue', 'cost_of_revenue', 'gross_profit', 0.01) }}) is false
            as is_met
    from wide
    where revenue - cost_of_revenue - gross_profit is not null
    union all
    select
        'free_cash_flow' as identity,
        cik,
        period_type,
        period_end,
        operating_cash_flow - capital_expenditure = free_cash_flow as is_met
    from wide
    where operating_cash_flow - capital_expenditure - free_cash_flow is not null
    union all
    select
        'current_assets_within_total' as identity,
        cik,
        period_type,
        period_end,
        ({{ exceeds_its_whole('current_assets', 'total_assets') }}) is false as is_met
    from wide
    where current_assets is not null and total_assets is not null
    union all
    -- What is missing of assets belongs to minorities and the mezzanine.
    select
        'balance_within_assets' as identity,
        cik,
        period_type,
        period_end,
        total_liabilities + stockholders_equity <= total_assets * 1.001 as is_met
    from wide
    where total_liabilities + stockholders_equity + total_assets is not null
    union all
    select
        'cash_within_assets' as identity,
        cik,
        period_type,
        period_end,
        ({{ exceeds_its_whole('cash_and_equivalents', 'total_assets') }}) is false as is_met
    from wide
    where cash_and_equivalents is not null and total_assets is not null
    union all
    select
        'no_jump_above_thirty_times' as identity,
        cik,
        period_type,
        period_end,
        bool_and(
            abs(value) <= 30 * abs(value_before) and abs(value_before) <= 30 * abs(value)
        ) as is_met
    from followed
    where value_before <> 0 and value <> 0
    group by cik, period_type, period_end
    union all
    select
        'eps_times_shares' as identity,
        cik,
        period_type,
        period_end,
        ({{ is_earnings_identity_off('net_income', 'eps_diluted', 'shares_diluted') }}) is false
            as is_met
    from wide
    where net_income is not null and eps_diluted is not null and shares_diluted > 0
    union all
    select
        'quarters_add_up_to_year' as identity,
        cik,
        'annual' as period_type,
        period_end,
        ({{ do_not_add_up('year_value', 'quarters_value') }}) is false as is_met
    from quarters
)

select * from checked
