with measured as (
    select
        companies.company_id,
        companies.cik,
        companies.ticker,
        companies.name,
        companies.segment,
        returns.currency,
        returns.price,
        returns.price_date,
        returns.return_1w_pct,
        returns.return_1m_pct,
        returns.return_3m_pct,
        returns.return_6m_pct,
        returns.return_ytd_pct,
        returns.return_1y_pct,
        returns.return_3y_pct,
        returns.low_1y,
        returns.high_1y,
        returns.volatility_1y_pct,
        returns.average_volume_30d,
        returns.dividends_1y,
        returns.sessions_1y,
        returns.sessions_compared,
        returns.sessions_disagreeing
    from {{ ref('int_returns__measured') }} as returns
    inner join {{ ref('int_companies__listed') }} as companies
        on returns.company_id = companies.company_id
)

select * from measured
