with dated_tickers as (
    select * from {{ source('ops', 'watchlist') }}
),

on_the_day as (
    select distinct on (company_id)
        company_id,
        cik,
        symbol as ticker,
        name,
        segment,
        segment_label,
        delivery_model,
        listing_status
    from dated_tickers
    -- The ticker of the day; before the first one begins, the first.
    order by
        company_id asc,
        coalesce(valid_from, '-infinity') <= {{ as_of() }} desc,
        case
            when coalesce(valid_from, '-infinity') <= {{ as_of() }}
                then coalesce(valid_from, '-infinity')
        end desc,
        valid_from asc,
        position asc
)

select * from on_the_day
