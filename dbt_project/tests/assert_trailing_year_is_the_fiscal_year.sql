-- At a fiscal year-end the trailing twelve months are the fiscal year itself.
with cells as (
    select * from {{ ref('fct_financials') }}
)

select
    twelve_months.cik,
    twelve_months.line,
    twelve_months.period_end,
    twelve_months.value as trailing_value,
    year.value as year_value
from cells as year
inner join cells as twelve_months
    on
        twelve_months.period_type = 'ttm'
        and year.cik = twelve_months.cik
        and year.line = twelve_months.line
        and year.period_end = twelve_months.period_end
where
    year.period_type = 'annual'
    and year.status = 'ok'
    and year.value is distinct from twelve_months.value
