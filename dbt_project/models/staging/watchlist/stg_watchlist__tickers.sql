with dated_tickers as (
    select
        company_id,
        symbol as ticker,
        coalesce(valid_from, '-infinity'::date) as valid_from,
        coalesce(valid_to, 'infinity'::date) as valid_to
    from {{ source('ops', 'watchlist') }}
    where symbol is not null
)

select * from dated_tickers
