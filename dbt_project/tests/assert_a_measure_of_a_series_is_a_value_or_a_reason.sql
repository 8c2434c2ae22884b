-- Each measure of a series has a value or a reason, never both.
with carried as (
    select
        cik,
        period_end,
        to_jsonb(series) as measures,
        blank_reasons
    from {{ ref('mart_company_quarters') }} as series
)

select
    carried.cik,
    carried.period_end,
    named.measure
from carried
cross join lateral (
    values
    {% for measure in measures() -%}
        ('{{ measure.name }}'){{ ',' if not loop.last }}
    {% endfor -%}
) as named (measure)
where
    (carried.measures ->> named.measure is null)
    is distinct from (carried.blank_reasons ->> named.measure is not null)
