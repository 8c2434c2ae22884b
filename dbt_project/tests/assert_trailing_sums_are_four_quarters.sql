-- Twelve months that were summed equal the four quarters within them, as they stood at that time.
with cells as (
    select
        cik,
        line,
        period_type,
        period_start,
        period_end,
        value,
        rule,
        known_from,
        coalesce(known_to, 'infinity') as known_to
    from {{ ref('fct_financial_vintages') }}
    where status = 'ok' and period_type in ('quarter', 'ttm')
)

select
    twelve_months.cik,
    twelve_months.line,
    twelve_months.period_end,
    twelve_months.known_from,
    max(twelve_months.value) as trailing_value,
    sum(quarter.value) as quarters_value,
    count(quarter.value) as quarter_count
from cells as twelve_months
left join cells as quarter
    on
        quarter.period_type = 'quarter'
        and twelve_months.cik = quarter.cik
        and twelve_months.line = quarter.line
        -- The quarter before them ends within days of where they start.
        and quarter.period_end > twelve_months.period_start + 20
        and quarter.period_end <= twelve_months.period_end
        and twelve_months.known_from >= quarter.known_from
        and twelve_months.known_from < quarter.known_to
where twelve_months.period_type = 'ttm' and twelve_months.rule = 'four_quarters'
group by
    twelve_months.cik, twelve_months.line, twelve_months.period_end, twelve_months.known_from
having count(quarter.value) <> 4 or max(twelve_months.value) <> sum(quarter.value)
