with current_events as (
    {{ current_version(
        source('raw', 'yahoo_events'), asked_by='ticker'
    ) }}
),

splits as (
    select
        ticker,
        event_date as split_date,
        numerator / denominator as split_ratio,
        fetched_at as captured_at
    from current_events
    where
        kind = 'split'
        and denominator > 0
        and numerator > 0
),

-- A split whose day the source corrects stays in raw under both days: the later answer counts.
not_corrected as (
    select splits.*
    from splits
    where not exists (
        select 1
        from splits as corrections
        where
            splits.ticker = corrections.ticker
            and splits.split_ratio = corrections.split_ratio
            and splits.split_date <> corrections.split_date
            and abs(splits.split_date - corrections.split_date) <= 7
            and splits.captured_at < corrections.captured_at
    )
)

select * from not_corrected
