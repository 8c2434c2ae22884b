-- Free cash flow stands only where both its parts stand, and is their difference.
with cells as (
    select *
    from {{ ref('fct_financials') }}
    where period_type in ('quarter', 'half_year', 'annual')
)

select
    free.cik,
    free.period_type,
    free.period_end,
    free.value,
    operating.value as operating_cash_flow,
    spent.value as capital_expenditure
from cells as free
left join cells as operating
    on
        operating.line = 'operating_cash_flow'
        and free.cik = operating.cik
        and free.period_type = operating.period_type
        and free.period_end = operating.period_end
left join cells as spent
    on
        spent.line = 'capital_expenditure'
        and free.cik = spent.cik
        and free.period_type = spent.period_type
        and free.period_end = spent.period_end
where
    free.line = 'free_cash_flow'
    and free.status = 'ok'
    and free.value is distinct from operating.value - spent.value
