with current_statements as (
    {{ current_version(
        source('raw', 'yahoo_statements'), cut=end_of_day(as_of()), asked_by='ticker'
    ) }}
),

renamed as (
    select
        ticker,
        currency,
        period_type,
        statement,
        period_end,
        field,
        value,
        fetched_at as captured_at
    from current_statements
)

select * from renamed
