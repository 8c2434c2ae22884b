with current_rows as (
    {{ current_version(
        source('raw', 'twelve_data_prices'), cut=end_of_day(as_of()), asked_by='ticker'
    ) }}
),

renamed as (
    select
        ticker,
        price_date,
        currency,
        close,
        volume
    from current_rows
)

select * from renamed
