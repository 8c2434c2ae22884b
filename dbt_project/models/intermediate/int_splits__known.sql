-- Share splits, from the price source's events and from the ratio of share-count vintages.
with restated_counts as (
    select
        cik,
        changed_at as known_from,
        round(greatest(value / previous_value, previous_value / value)) as factor,
        value > previous_value as is_forward,
        greatest(value / previous_value, previous_value / value) as ratio
    from (
        select
            *,
            lag(value) over (
                partition by cik, line, length_class, period_start, period_end
                order by known_from
            ) as previous_value
        from {{ ref('int_reports__versioned') }}
        where nature = 'shares'
    ) as versions
    where previous_value > 0 and value > 0
),

detected as (
    select
        cik,
        known_from,
        case when is_forward then factor else 1 / factor end as split_ratio
    from restated_counts
    where factor >= 2 and abs(ratio / factor - 1) < 0.01
    group by cik, known_from, case when is_forward then factor else 1 / factor end
    -- One period could be a slip of the filer; a split restates every period shown.
    having count(*) >= 2
),

announced as (
    select
        companies.cik,
        {{ end_of_day('splits.split_date') }} as known_from,
        splits.split_ratio
    from {{ ref('stg_yahoo__splits') }} as splits
    inner join {{ ref('stg_watchlist__tickers') }} as tickers on splits.ticker = tickers.ticker
    inner join {{ ref('stg_watchlist__companies') }} as companies
        on tickers.company_id = companies.company_id
    where companies.cik is not null
),

first_detected as (
    select
        cik,
        split_ratio,
        min(known_from) as known_from
    from detected
    group by cik, split_ratio
),

united as (
    select * from announced
    union all
    select
        detected.cik,
        detected.known_from,
        detected.split_ratio
    from first_detected as detected
    where
        not exists (
            select 1
            from announced
            where
                announced.cik = detected.cik
                and round(announced.split_ratio, 2) = round(detected.split_ratio, 2)
                and announced.known_from
                between detected.known_from - interval '400 days' and detected.known_from
        )
)

select * from united
