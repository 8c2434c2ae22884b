-- What a holder of each company's share got over several spans, by Yahoo's closes.
with closes as (
    select
        *,
        ln(
            close_total_return / lag(close_total_return) over by_day
        ) as log_return,
        lag(price_date) over by_day as day_before
    from {{ ref('int_prices__compared') }}
    where source = 'yahoo' and close_total_return > 0
    window by_day as (partition by company_id, ticker order by price_date)
),

newest as (
    select distinct on (company_id)
        company_id,
        ticker,
        currency,
        price_date,
        close_as_traded,
        close_split_adjusted,
        close_total_return
    from closes
    -- A price older than two weeks is not a price: halted, delisted, or not fetched.
    where price_date > {{ as_of() }} - 14
    order by company_id asc, price_date desc
),

spans as (
    select
        newest.company_id,
        newest.ticker,
        spans.span,
        spans.start_date
    from newest
    cross join lateral (
        values
        ('1w', newest.price_date - 7),
        ('1m', (newest.price_date - interval '1 month')::date),
        ('3m', (newest.price_date - interval '3 months')::date),
        ('6m', (newest.price_date - interval '6 months')::date),
        ('1y', (newest.price_date - interval '1 year')::date),
        ('3y', (newest.price_date - interval '3 years')::date),
        ('ytd', (date_trunc('year', newest.price_date) - interval '1 day')::date)
    ) as spans (span, start_date)
),

-- The last close on or before the day so long ago; none when that lies before the history.
closes_before as (
    select distinct on (spans.company_id, spans.span)
        spans.company_id,
        spans.span,
        closes.close_total_return as close_before
    from spans
    inner join closes
        on
            spans.company_id = closes.company_id
            and spans.ticker = closes.ticker
            and spans.start_date >= closes.price_date
            and spans.start_date - 14 < closes.price_date
    order by spans.company_id asc, spans.span asc, closes.price_date desc
),

returns as (
    select
        spans.company_id,
        max(round(newest.close_total_return / closes_before.close_before - 1, 6))
        filter (where spans.span = '1w') as return_1w_pct,
        max(round(newest.close_total_return / closes_before.close_before - 1, 6))
        filter (where spans.span = '1m') as return_1m_pct,
        max(round(newest.close_total_return / closes_before.close_before - 1, 6))
        filter (where spans.span = '3m') as return_3m_pct,
        max(round(newest.close_total_return / closes_before.close_before - 1, 6))
        filter (where spans.span = '6m') as return_6m_pct,
        max(round(newest.close_total_return / closes_before.close_before - 1, 6))
        filter (where spans.span = '1y') as return_1y_pct,
        max(round(newest.close_total_return / closes_before.close_before - 1, 6))
        filter (where spans.span = '3y') as return_3y_pct,
        max(round(newest.close_total_return / closes_before.close_before - 1, 6))
        filter (where spans.span = 'ytd') as return_ytd_pct
    from spans
    inner join newest on spans.company_id = newest.company_id
    left join closes_before
        on spans.company_id = closes_before.company_id and spans.span = closes_before.span
    group by spans.company_id
),

last_year as (
    select
        closes.company_id,
        count(*) as sessions_1y,
        min(closes.close_split_adjusted) as low_split_adjusted,
        max(closes.close_split_adjusted) as high_split_adjusted,
        round(stddev_samp(closes.log_return) * sqrt(252::numeric), 6) as volatility_1y_pct,
        round(
            avg(closes.volume) filter (where newest.price_date - 30 < closes.price_date)
        ) as average_volume_30d,
        sum(closes.dividend) as dividends_1y
    from closes
    inner join newest on closes.company_id = newest.company_id and closes.ticker = newest.ticker
    where newest.price_date - 365 < closes.price_date
    group by closes.company_id
),

agreement as (
    select
        prices.company_id,
        count(*) filter (where prices.other_close_as_traded is not null) as sessions_compared,
        count(*) filter (
            where
            not {{ is_same_price('prices.close_as_traded', 'prices.other_close_as_traded') }}
        ) as sessions_disagreeing
    from {{ ref('int_prices__compared') }} as prices
    where prices.source = 'yahoo'
    group by prices.company_id
),

measured as (
    select
        newest.company_id,
        newest.ticker,
        newest.currency,
        newest.price_date,
        newest.close_as_traded as price,
        returns.return_1w_pct,
        returns.return_1m_pct,
        returns.return_3m_pct,
        returns.return_6m_pct,
        returns.return_1y_pct,
        returns.return_3y_pct,
        returns.return_ytd_pct,
        last_year.sessions_1y,
        -- A year of sessions, or the extremes and the spread are those of a shorter time.
        case
            when last_year.sessions_1y >= 245
                then round(
                    last_year.low_split_adjusted
                    * newest.close_as_traded / newest.close_split_adjusted, 6
                )
        end as low_1y,
        case
            when last_year.sessions_1y >= 245
                then round(
                    last_year.high_split_adjusted
                    * newest.close_as_traded / newest.close_split_adjusted, 6
                )
        end as high_1y,
        case when last_year.sessions_1y >= 245 then last_year.volatility_1y_pct end
            as volatility_1y_pct,
        last_year.average_volume_30d,
        coalesce(last_year.dividends_1y, 0) as dividends_1y,
        agreement.sessions_compared,
        agreement.sessions_disagreeing
    from newest
    inner join returns on newest.company_id = returns.company_id
    inner join last_year on newest.company_id = last_year.company_id
    left join agreement on newest.company_id = agreement.company_id
),

performance as (
    select
        companies.company_id,
        companies.cik,
        companies.ticker,
        companies.name,
        companies.segment,
        measured.currency,
        measured.price,
        measured.price_date,
        measured.return_1w_pct,
        measured.return_1m_pct,
        measured.return_3m_pct,
        measured.return_6m_pct,
        measured.return_ytd_pct,
        measured.return_1y_pct,
        measured.return_3y_pct,
        measured.low_1y,
        measured.high_1y,
        measured.volatility_1y_pct,
        measured.average_volume_30d,
        measured.dividends_1y,
        measured.sessions_1y,
        measured.sessions_compared,
        measured.sessions_disagreeing
    from measured
    inner join {{ ref('int_companies__listed') }} as companies
        on measured.company_id = companies.company_id
)

select * from performance
