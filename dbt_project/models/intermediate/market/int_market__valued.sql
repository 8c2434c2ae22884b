-- Market value of each company on its last traded day before the run's date.
with splits as (
    {{ of_companies(ref('stg_yahoo__splits'), ref('int_tickers__listed'), 'split_date') }}
),

prices as (
    {{ of_companies(ref('stg_yahoo__prices'), ref('int_tickers__listed'), 'price_date') }}
),

later_splits as (
    select
        company_id,
        ticker,
        round(exp(sum(ln(split_ratio))), 6) as factor
    from splits
    where split_date > {{ as_of() }}
    group by company_id, ticker
),

-- A foreign private issuer's price is that of a depositary receipt, whose ratio we do not know.
depositary_issuers as (
    select distinct cik
    from {{ ref('mart_filings') }}
    where form in ('20-F', '20-F/A') and fact_count > 0
),

last_price as (
    select distinct on (prices.company_id)
        prices.company_id,
        -- The source states closes on the share basis of the day it was asked.
        round(prices.close * coalesce(later_splits.factor, 1), 6) as price,
        prices.currency as price_currency,
        prices.price_date
    from prices
    left join later_splits
        on
            prices.company_id = later_splits.company_id
            and prices.ticker = later_splits.ticker
    -- A price older than two weeks is not a price: halted, delisted, or not fetched.
    where prices.price_date > {{ as_of() }} - 14
    order by prices.company_id asc, prices.price_date desc
),

diluted_shares as (
    select distinct on (cik)
        cik,
        value * split_factor as share_count,
        period_end as shares_date
    from {{ ref('fct_financials') }}
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
            when last_price.price_currency = 'USD' and depositary_issuers.cik is null
                then trim_scale(last_price.price * diluted_shares.share_count)
        end as market_value_usd,
        case
            when coalesce(last_price.price_currency, '') <> 'USD' then 'foreign_price'
            when depositary_issuers.cik is not null then 'depositary_receipt'
            when diluted_shares.share_count is null then 'no_share_count'
        end as market_value_blank_reason
    from {{ ref('int_companies__listed') }} as companies
    inner join last_price on companies.company_id = last_price.company_id
    left join diluted_shares on companies.cik = diluted_shares.cik
    left join depositary_issuers on companies.cik = depositary_issuers.cik
)

select * from valued
