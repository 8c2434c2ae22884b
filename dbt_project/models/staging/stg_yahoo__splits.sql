with current_events as (
    {{ current_version(source('raw', 'yahoo_events')) }}
),

splits as (
    select
        ticker,
        event_date as split_date,
        numerator / denominator as split_ratio
    from current_events
    where
        kind = 'split'
        and denominator > 0
        and numerator > 0
)

select * from splits
