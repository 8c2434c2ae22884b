-- The two bases of a close differ by the splits that came after its day, and by nothing else.
with later_splits as (
    select
        prices.source,
        prices.ticker,
        prices.price_date,
        coalesce(exp(sum(ln(splits.split_ratio))), 1) as factor
    from {{ ref('fct_prices') }} as prices
    left join {{ ref('stg_yahoo__splits') }} as splits
        on prices.ticker = splits.ticker and prices.price_date < splits.split_date
    group by prices.source, prices.ticker, prices.price_date
)

select prices.*
from {{ ref('fct_prices') }} as prices
inner join later_splits
    on
        prices.source = later_splits.source
        and prices.ticker = later_splits.ticker
        and prices.price_date = later_splits.price_date
where
    prices.price_date > {{ as_of() }}
    or abs(prices.close_as_traded / (prices.close_split_adjusted * later_splits.factor) - 1)
    > 0.0001
