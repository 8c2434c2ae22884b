-- Tickers of registrants that have a price: of several classes of shares, those that were asked
-- for.
with priced as (
    select distinct tickers.ticker
    from {{ source('raw', 'sec_tickers') }} as tickers
    where
        exists (
            select 1
            from {{ source('raw', 'yahoo_prices') }} as prices
            where tickers.ticker = prices.ticker and prices.price_date <= {{ as_of() }}
        )
)

select * from priced
