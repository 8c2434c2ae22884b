-- Periods that have ended and are not filed yet.
with expected as (
    select *
    from {{ ref('int_periods__foreseen') }}
    where period_end <= {{ as_of() }}
)

select * from expected
