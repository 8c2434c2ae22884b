with current_rates as (
    {{ current_version(source('raw', 'ecb_rates')) }}
),

known_rates as (
    select
        currency,
        rate_date,
        rate as units_per_eur
    from current_rates
    where rate_date <= {{ as_of() }}
)

select * from known_rates
