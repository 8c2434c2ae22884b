with current_prices as (
    {{ current_version(
        source('raw', 'yahoo_prices'), asked_by='ticker'
    ) }}
),

known_prices as (
    select
        ticker,
        price_date,
        currency,
        close,
        adjusted_close,
        volume,
        fetched_at as captured_at
    from current_prices
    where price_date <= {{ as_of() }}
)

select * from known_prices
