with earnings as (
    select
        source,
        company_id,
        ticker,
        period_type,
        period_end,
        reported_date,
        report_time,
        reported_eps,
        estimated_eps,
        surprise,
        captured_at
    from {{ ref('int_earnings__attributed') }}
)

select * from earnings
