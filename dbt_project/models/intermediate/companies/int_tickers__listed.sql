-- The tickers of every company with the days on which they are its own.
with watched as (
    select * from {{ ref('stg_watchlist__tickers') }}
),

watched_companies as (
    select * from {{ ref('stg_watchlist__companies') }}
),

looked_up as (
    select
        {{ looked_up_company_id('companies.cik') }} as company_id,
        tickers.ticker,
        '-infinity'::date as valid_from,
        'infinity'::date as valid_to
    from {{ ref('stg_sec__companies') }} as companies
    inner join {{ ref('stg_sec__tickers') }} as tickers on companies.cik = tickers.cik
    left join watched_companies on companies.cik = watched_companies.cik
    where watched_companies.cik is null
),

united as (
    select * from watched
    union all
    select * from looked_up
)

select * from united
