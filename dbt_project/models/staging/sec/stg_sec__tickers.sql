with current_tickers as (
    {{ current_version(source('raw', 'sec_tickers')) }}
),

renamed as (
    select
        cik,
        ticker,
        name
    from current_tickers
)

select * from renamed
