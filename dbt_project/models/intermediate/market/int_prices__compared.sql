-- Each source's close of a day beside the other's, and whether the exchange was open that day.
with prices as (
    select * from {{ ref('int_prices__based') }}
),

splits as (
    {{ of_companies(ref('stg_yahoo__splits'), ref('int_tickers__listed'), 'split_date') }}
),

dividends as (
    {{ of_companies(ref('stg_yahoo__dividends'), ref('int_tickers__listed'), 'ex_date') }}
),

holidays as (
    select * from {{ ref('exchange_holidays') }}
),

compared as (
    select
        prices.source,
        prices.company_id,
        prices.ticker,
        prices.price_date,
        prices.currency,
        prices.close_as_traded,
        prices.close_split_adjusted,
        prices.close_total_return,
        prices.volume,
        dividends.amount as dividend,
        splits.split_ratio,
        others.close_as_traded as other_close_as_traded,
        case
            when others.close_as_traded > 0
                then round(prices.close_as_traded / others.close_as_traded - 1, 6)
        end as difference_pct,
        -- Holidays are known for some years; a day beyond them is not judged.
        case
            when extract(year from prices.price_date) between 2018 and 2027
                then
                    extract(isodow from prices.price_date) < 6
                    and holidays.holiday_date is null
        end as is_session
    from prices
    left join prices as others
        on
            prices.company_id = others.company_id
            and prices.ticker = others.ticker
            and prices.price_date = others.price_date
            and prices.currency = others.currency
            and prices.source <> others.source
    left join dividends
        on
            prices.company_id = dividends.company_id
            and prices.ticker = dividends.ticker
            and prices.price_date = dividends.ex_date
    left join splits
        on
            prices.company_id = splits.company_id
            and prices.ticker = splits.ticker
            and prices.price_date = splits.split_date
    left join holidays on prices.price_date = holidays.holiday_date
)

select * from compared
