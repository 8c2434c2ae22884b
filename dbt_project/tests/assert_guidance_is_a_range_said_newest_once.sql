-- A range has two ends in their order, and one of a period is the newest.
select
    company_id,
    metric,
    unit,
    period_type,
    period
from {{ ref('mart_guidance') }}
group by company_id, metric, unit, period_type, period
having bool_or(low > high) or count(*) filter (where is_newest) <> 1
