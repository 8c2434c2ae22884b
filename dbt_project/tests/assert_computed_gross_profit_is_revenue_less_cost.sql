-- A computed gross profit stands only where revenue and its cost stand, and is their difference.
with cells as (
    select *
    from {{ ref('fct_financials') }}
    where period_type in ('quarter', 'half_year', 'annual')
)

select
    gross.cik,
    gross.period_type,
    gross.period_end,
    gross.value,
    revenue.value as revenue,
    cost.value as cost_of_revenue
from cells as gross
left join cells as revenue
    on
        revenue.line = 'revenue'
        and gross.cik = revenue.cik
        and gross.period_type = revenue.period_type
        and gross.period_end = revenue.period_end
left join cells as cost
    on
        cost.line = 'cost_of_revenue'
        and gross.cik = cost.cik
        and gross.period_type = cost.period_type
        and gross.period_end = cost.period_end
where
    gross.line = 'gross_profit'
    and gross.status = 'ok'
    and gross.derivation = 'computed'
    and gross.value is distinct from revenue.value - cost.value
