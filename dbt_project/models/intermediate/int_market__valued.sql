-- Market value of each company on its last traded day before the run's date.
with last_price as (
    select distinct on (tickers.company_id)
        tickers.company_id,
        prices.close as price,
        prices.currency as price_currency,
        prices.price_date
    from {{ ref('stg_yahoo__prices') }} as prices
    inner join {{ ref('stg_watchlist__tickers') }} as tickers on prices.ticker = tickers.ticker
    -- A price older than two weeks is not a price: halted, delisted, or not fetched.
    where prices.price_date > {{ as_of() }} - 14
    order by tickers.company_id asc, prices.price_date desc
),

diluted_shares as (
    select distinct on (cik)
        cik,
        value * split_factor as share_count,
        period_end as shares_date
    from {{ ref('int_cells__newest') }}
    where
        line = 'shares_diluted'
        and period_type in ('quarter', 'annual')
        and status = 'ok'
        and period_end > {{ as_of() }} - 200
    order by cik asc, period_end desc, period_type desc
),

valued as (
    select
        companies.company_id,
        last_price.price,
        last_price.price_currency,
        last_price.price_date,
        diluted_shares.share_count,
        diluted_shares.shares_date,
        case
            when last_price.price_currency = 'USD'
                then last_price.price * diluted_shares.share_count
        end as market_value_usd
    from {{ ref('int_companies__listed') }} as companies
    inner join last_price on companies.company_id = last_price.company_id
    left join diluted_shares on companies.cik = diluted_shares.cik
)

select * from valued
