-- An outcome is told after what was expected, with the verdict that its distance gives.
select
    company_id,
    metric,
    unit,
    period_type,
    period
from {{ ref('mart_guidance_outcomes') }}
where
    first_known_from > last_known_from
    or last_known_from >= outcome_known_from
    or (outcome is null) <> (outcome_blank_reason is not null)
    or case verdict
        when 'above' then outcome - beyond_range is distinct from last_high
        when 'below' then outcome - beyond_range is distinct from last_low
        when 'within' then outcome not between last_low and last_high
        else outcome is not null
    end
