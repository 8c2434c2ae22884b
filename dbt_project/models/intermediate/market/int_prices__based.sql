-- Closes of every source on two bases: as they were traded, and on the share basis of today.
-- The planner takes a batch's prices for a row or two, and would join each with each.
{{ config(pre_hook='set local enable_nestloop = off') }}

with splits as (
    {{ of_companies(ref('stg_yahoo__splits'), ref('int_tickers__listed'), 'split_date') }}
),

dividends as (
    {{ of_companies(ref('stg_yahoo__dividends'), ref('int_tickers__listed'), 'ex_date') }}
),

prices as (
    {{ of_companies(ref('stg_yahoo__prices'), ref('int_tickers__listed'), 'price_date') }}
),

-- Yahoo restates all closes of its answer at each split, and no close that it is not asked for any
-- more: a close knows the splits that were known when it was captured.
later_splits as (
    select
        prices.company_id,
        prices.ticker,
        prices.price_date,
        round(
            exp(
                sum(ln(splits.split_ratio))
                filter (where splits.captured_at <= prices.captured_at)
            ), 6
        ) as known_ratio,
        round(exp(sum(ln(splits.split_ratio))), 6) as ratio,
        bool_or(splits.captured_at > prices.captured_at) as has_missed
    from prices
    inner join splits
        on
            prices.company_id = splits.company_id
            and prices.ticker = splits.ticker
            and prices.price_date < splits.split_date
    group by prices.company_id, prices.ticker, prices.price_date
),

missed_dividends as (
    select distinct
        prices.company_id,
        prices.ticker,
        prices.price_date
    from prices
    inner join dividends
        on
            prices.company_id = dividends.company_id
            and prices.ticker = dividends.ticker
            and prices.price_date < dividends.ex_date
            and prices.captured_at < dividends.captured_at
),

yahoo as (
    select
        prices.company_id,
        prices.ticker,
        prices.price_date,
        prices.currency,
        prices.volume,
        prices.close * coalesce(later_splits.known_ratio, 1) as close_as_traded,
        prices.close * coalesce(later_splits.known_ratio, 1) / coalesce(later_splits.ratio, 1)
            as close,
        coalesce(later_splits.ratio, 1) as later_splits,
        -- An event told after the capture changed the adjusted close, and we do not know to what.
        case
            when later_splits.has_missed is not true and missed_dividends.ticker is null
                then prices.adjusted_close
        end as adjusted_close
    from prices
    left join later_splits
        on
            prices.company_id = later_splits.company_id
            and prices.ticker = later_splits.ticker
            and prices.price_date = later_splits.price_date
    left join missed_dividends
        on
            prices.company_id = missed_dividends.company_id
            and prices.ticker = missed_dividends.ticker
            and prices.price_date = missed_dividends.price_date
),

twelve_data as (
    {{ of_companies(ref('stg_twelve_data__prices'), ref('int_tickers__listed'), 'price_date') }}
    where rows_told.price_date <= {{ as_of() }}
),

-- Twelve Data does not say whether it did: the close that Yahoo has for the day tells.
told_apart as (
    select
        twelve_data.company_id,
        twelve_data.ticker,
        twelve_data.price_date,
        twelve_data.currency,
        twelve_data.close,
        twelve_data.volume,
        yahoo.later_splits,
        case
            when yahoo.later_splits = 1 then 'as_traded'
            when {{ is_same_price('twelve_data.close', 'yahoo.close') }} then 'adjusted'
            when {{ is_same_price('twelve_data.close', 'yahoo.close_as_traded') }}
                then 'as_traded'
        end as basis
    from twelve_data
    left join yahoo
        on
            twelve_data.company_id = yahoo.company_id
            and twelve_data.ticker = yahoo.ticker
            and twelve_data.price_date = yahoo.price_date
            and twelve_data.currency = yahoo.currency
),

united as (
    select
        'yahoo' as source,
        company_id,
        ticker,
        price_date,
        currency,
        round(close_as_traded, 6) as close_as_traded,
        round(close, 6) as close_split_adjusted,
        round(adjusted_close, 6) as close_total_return,
        volume
    from yahoo
    union all
    select
        'twelve_data' as source,
        company_id,
        ticker,
        price_date,
        currency,
        case
            when basis = 'as_traded' then round(close, 6)
            when basis = 'adjusted' then round(close * later_splits, 6)
        end as close_as_traded,
        case
            when basis = 'as_traded' then round(close / later_splits, 6)
            when basis = 'adjusted' then round(close, 6)
        end as close_split_adjusted,
        null as close_total_return,
        volume
    from told_apart
)

select * from united
