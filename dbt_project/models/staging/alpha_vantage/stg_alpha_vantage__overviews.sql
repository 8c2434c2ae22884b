with current_rows as (
    {{ current_version(
        source('raw', 'alpha_vantage_overviews'), cut=end_of_day(as_of()), asked_by='ticker'
    ) }}
),

renamed as (
    select
        ticker,
        cik,
        name,
        currency,
        latest_quarter,
        market_capitalization,
        shares_outstanding,
        revenue_ttm,
        gross_profit_ttm,
        diluted_eps_ttm,
        fetched_at as captured_at
    from current_rows
)

select * from renamed
