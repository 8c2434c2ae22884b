with outcomes as (
    select
        outcome_id,
        source,
        subject,
        step,
        status,
        happened_at
    from {{ source('ops', 'outcomes') }}
    where happened_at <= {{ end_of_day(as_of()) }}
)

select * from outcomes
