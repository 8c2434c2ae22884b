with prices as (
    select
        source,
        company_id,
        ticker,
        price_date,
        currency,
        close_as_traded,
        close_split_adjusted,
        close_total_return,
        volume,
        dividend,
        split_ratio,
        is_session,
        other_close_as_traded,
        difference_pct,
        case
            when close_as_traded is null then 'unknown_basis'
            when other_close_as_traded is null then 'one_source'
            when {{ is_same_price('close_as_traded', 'other_close_as_traded') }} then 'agrees'
            else 'disagrees'
        end as comparison
    from {{ ref('int_prices__compared') }}
)

select * from prices
