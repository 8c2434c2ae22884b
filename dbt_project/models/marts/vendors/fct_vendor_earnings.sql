-- Earnings per share as a vendor tells them, with the company that had the ticker then.
with earnings as (
    select * from {{ ref('stg_alpha_vantage__earnings') }}
),

attributed as (
    select
        'alpha_vantage' as source,
        tickers.company_id,
        earnings.ticker,
        earnings.period_type,
        earnings.period_end,
        earnings.reported_date,
        earnings.report_time,
        earnings.reported_eps,
        earnings.estimated_eps,
        earnings.surprise,
        earnings.captured_at
    from earnings
    inner join {{ ref('int_tickers__listed') }} as tickers
        on
            earnings.ticker = tickers.ticker
            and (earnings.captured_at at time zone 'America/New_York')::date
            between tickers.valid_from and tickers.valid_to
            and tickers.company_id in (select company_id from {{ ref('stg_ops__batch') }})
)

select * from attributed
