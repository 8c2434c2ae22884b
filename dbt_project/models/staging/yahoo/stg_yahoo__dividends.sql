with current_events as (
    {{ current_version(
        source('raw', 'yahoo_events'), asked_by='ticker'
    ) }}
),

dividends as (
    select
        ticker,
        event_date as ex_date,
        amount,
        fetched_at as captured_at
    from current_events
    where kind = 'dividend' and amount > 0
)

select * from dividends
