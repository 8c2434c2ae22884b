-- A vintage ends when the next begins, and is another value than the one before or blank.
with ordered as (
    select
        *,
        lead(known_from) over cell as next_from,
        lead(value) over cell as next_value,
        lead(status) over cell as next_status
    from {{ ref('fct_kpi_vintages') }}
    window cell as (
        partition by company_id, metric, unit, period_type, period order by known_from
    )
)

select *
from ordered
where
    known_to is distinct from next_from
    or known_to <= known_from
    or (status = 'ok' and next_status = 'ok' and value = next_value)
