-- Twelve months that were summed equal the four quarters that stand within them.
with cells as (
    select *
    from {{ ref('fct_financials') }}
    where status = 'ok'
)

select
    twelve_months.cik,
    twelve_months.line,
    twelve_months.period_end,
    max(twelve_months.value) as trailing_value,
    sum(quarter.value) as quarters_value,
    count(quarter.value) as quarter_count
from cells as twelve_months
left join cells as quarter
    on
        quarter.period_type = 'quarter'
        and twelve_months.cik = quarter.cik
        and twelve_months.line = quarter.line
        and quarter.period_start >= twelve_months.period_start
        and quarter.period_end <= twelve_months.period_end
where twelve_months.period_type = 'ttm' and twelve_months.rule = 'four_quarters'
group by twelve_months.cik, twelve_months.line, twelve_months.period_end
having count(quarter.value) <> 4 or max(twelve_months.value) <> sum(quarter.value)
