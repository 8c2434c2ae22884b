with current_rows as (
    {{ current_version(
        source('raw', 'alpha_vantage_earnings'), cut=end_of_day(as_of()), asked_by='ticker'
    ) }}
),

renamed as (
    select
        ticker,
        period_type,
        period_end,
        reported_date,
        reported_eps,
        estimated_eps,
        surprise,
        report_time,
        fetched_at as captured_at
    from current_rows
)

select * from renamed
