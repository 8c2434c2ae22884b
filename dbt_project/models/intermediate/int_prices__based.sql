-- Closes of every source on two bases: as they were traded, and on the share basis of today.
with splits as (
    select * from {{ ref('stg_yahoo__splits') }}
),

dividends as (
    select * from {{ ref('stg_yahoo__dividends') }}
),

-- Yahoo restates all closes of its answer at each split, and no close that it is not asked for any
-- more: a close knows the splits that were known when it was captured.
yahoo as (
    select
        prices.ticker,
        prices.price_date,
        prices.currency,
        prices.close * splits_of.known as close_as_traded,
        prices.close * splits_of.known / splits_of.all_later as close,
        prices.volume,
        splits_of.all_later as later_splits,
        -- An event that came after the capture changed the adjusted close, and we do not know to what.
        case when not splits_of.has_missed and not dividends_of.has_missed then prices.adjusted_close
        end as adjusted_close
    from {{ ref('stg_yahoo__prices') }} as prices
    cross join lateral (
        select
            coalesce(
                round(
                    exp(
                        sum(ln(splits.split_ratio))
                        filter (where splits.captured_at <= prices.captured_at)
                    ), 6
                ), 1
            ) as known,
            coalesce(round(exp(sum(ln(splits.split_ratio))), 6), 1) as all_later,
            coalesce(bool_or(splits.captured_at > prices.captured_at), false) as has_missed
        from splits
        where prices.ticker = splits.ticker and prices.price_date < splits.split_date
    ) as splits_of
    cross join lateral (
        select coalesce(bool_or(dividends.captured_at > prices.captured_at), false) as has_missed
        from dividends
        where prices.ticker = dividends.ticker and prices.price_date < dividends.ex_date
    ) as dividends_of
),

twelve_data as (
    select * from {{ ref('stg_twelve_data__prices') }}
    where price_date <= {{ as_of() }}
),

-- Twelve Data does not say whether it did: the close that Yahoo has for the day tells.
told_apart as (
    select
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
            twelve_data.ticker = yahoo.ticker
            and twelve_data.price_date = yahoo.price_date
            and twelve_data.currency = yahoo.currency
),

united as (
    select
        'yahoo' as source,
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
