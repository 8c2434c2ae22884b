with every_ticker as (
    select
        company_id,
        symbol as ticker
    from {{ source('ops', 'watchlist') }}
    where symbol is not null
)

select distinct * from every_ticker
