-- Every company of the warehouse: the watchlist's, and those looked up by ticker alone.
with watched as (
    select * from {{ ref('stg_watchlist__companies') }}
),

priced as (
    select * from {{ ref('stg_yahoo__tickers') }}
),

looked_up as (
    select distinct on (facts.cik)
        {{ looked_up_company_id('facts.cik') }} as company_id,
        facts.cik,
        tickers.ticker,
        facts.name,
        'unclassified' as segment,
        'Unclassified' as segment_label,
        null::text as delivery_model,
        'unknown' as listing_status
    from {{ ref('stg_sec__companies') }} as facts
    left join {{ ref('stg_sec__tickers') }} as tickers on facts.cik = tickers.cik
    left join watched on facts.cik = watched.cik
    left join priced on tickers.ticker = priced.ticker
    where watched.cik is null
    -- Of several share classes the one that was asked for has prices.
    order by facts.cik asc, priced.ticker is null asc, tickers.ticker asc
),

united as (
    select * from watched
    union all
    select * from looked_up
)

select * from united
