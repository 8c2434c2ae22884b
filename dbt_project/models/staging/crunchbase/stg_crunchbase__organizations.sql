with current_rows as (
    {{ current_version(source('raw', 'crunchbase_organizations'), cut=end_of_day(as_of())) }}
),

renamed as (
    select
        permalink,
        name,
        funding_total_usd,
        funding_rounds,
        last_funding_at,
        updated_at,
        fetched_at as captured_at
    from current_rows
)

select * from renamed
