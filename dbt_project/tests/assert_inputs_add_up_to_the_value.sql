-- Every value is the sum of the facts listed behind it.
with sums as (
    select cik, line, period_type, period_end, known_from, sum(weight * input_value) as total
    from {{ ref('fct_financial_inputs') }}
    group by cik, line, period_type, period_end, known_from
)

select vintages.*
from {{ ref('fct_financial_vintages') }} as vintages
left join sums
    on
        vintages.cik = sums.cik
        and vintages.line = sums.line
        and vintages.period_type = sums.period_type
        and vintages.period_end = sums.period_end
        and vintages.known_from = sums.known_from
where vintages.status = 'ok' and vintages.value is distinct from coalesce(sums.total, 0)
