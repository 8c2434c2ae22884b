-- Every company of the warehouse: the watchlist's, and those looked up by ticker alone.
with watched as (
    select * from {{ ref('stg_watchlist__companies') }}
),

looked_up as (
    select distinct on (facts.cik)
        'cik-' || lpad(facts.cik::text, 10, '0') as company_id,
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
    where watched.cik is null
    order by facts.cik, tickers.ticker
),

united as (
    select * from watched
    union all
    select * from looked_up
)

select * from united
