with outcomes as (
    select
        outcome_id,
        source,
        subject,
        step,
        status,
        happened_at
    from {{ source('ops', 'outcomes') }}
    where
        happened_at <= {{ end_of_day(as_of()) }}
        -- What a replay came to says nothing of the source.
        and load_id is not null
)

select * from outcomes
