-- Parts and what they miss make the whole, and shares are of it.
select
    company_id,
    line,
    breakdown,
    currency,
    period_start,
    period_end
from {{ ref('mart_segments') }}
group by company_id, line, breakdown, currency, period_start, period_end, total
having
    sum(value) + max(unexplained) <> total
    or bool_or(is_complete) <> (sum(value) = total)
