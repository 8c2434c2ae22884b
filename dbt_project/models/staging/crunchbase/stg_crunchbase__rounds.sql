with current_rows as (
    {{ current_version(source('raw', 'crunchbase_funding_rounds'), cut=end_of_day(as_of())) }}
),

renamed as (
    select
        round_id,
        permalink,
        announced_on as announced_date,
        investment_type,
        money_raised,
        currency,
        money_raised_usd,
        investors,
        fetched_at as captured_at
    from current_rows
)

select * from renamed
