-- Share splits, from the price source's events and from the ratio of share-count vintages.
with versions as (
    select
        *,
        lag(value) over (
            partition by cik, line, length_class, period_end order by known_from
        ) as previous_value
    from {{ ref('int_reports__versioned') }}
    where nature in ('shares', 'per_share')
),

-- Splits are of whole shares for whole shares, of few kinds where not for one.
uneven as (
    select column1 as ratio
    from (values (1.05), (1.1), (1.2), (1.25), (4 / 3.0), (1.5), (2.5)) as ratios
),

counts_changed as (
    select
        cik,
        line,
        period_end,
        changed_at as known_from,
        value / previous_value as ratio,
        greatest(value, previous_value) / least(value, previous_value) as times,
        value > previous_value as is_more
    from versions
    where nature = 'shares' and previous_value > 0 and value > 0 and value <> previous_value
),

restated_counts as (
    select
        counts.cik,
        counts.line,
        counts.period_end,
        counts.known_from,
        counts.ratio,
        uneven.ratio is not null as is_uneven,
        case
            when counts.is_more then coalesce(uneven.ratio, round(counts.times))
            else 1 / coalesce(uneven.ratio, round(counts.times))
        end as split_ratio
    from counts_changed as counts
    left join uneven on abs(counts.times / uneven.ratio - 1) < 0.005
),

restated_earnings as (
    select
        cik,
        period_end,
        changed_at as known_from,
        previous_value / value as ratio,
        value,
        previous_value
    from versions
    where nature = 'per_share' and previous_value * value > 0
),

detected as (
    select
        counts.cik,
        counts.known_from,
        counts.split_ratio
    from restated_counts as counts
    where
        (counts.is_uneven or counts.split_ratio >= 2 or counts.split_ratio <= 0.5)
        and abs(counts.ratio / counts.split_ratio - 1) < 0.01
        -- A slip of scale restates the count alone; a split moves earnings per share against it.
        and exists (
            select 1
            from restated_earnings as earnings
            where
                earnings.cik = counts.cik
                and earnings.known_from = counts.known_from
                and earnings.period_end = counts.period_end
                and earnings.ratio / counts.split_ratio between 0.8 and 1.25
                -- A few per cent are a split only where earnings per share follow to the cent.
                and (
                    not counts.is_uneven
                    or abs(earnings.value * counts.split_ratio - earnings.previous_value)
                    <= 0.006 * greatest(counts.split_ratio, 1) + 0.006
                )
        )
    group by counts.cik, counts.known_from, counts.split_ratio
    having
        not bool_and(counts.is_uneven)
        or count(distinct counts.line || ' ' || counts.period_end) >= 2
),

splits as (
    {{ of_companies(ref('stg_yahoo__splits'), ref('int_tickers__listed'), 'split_date') }}
),

announced as (
    select
        companies.cik,
        {{ end_of_day('splits.split_date') }} as known_from,
        splits.split_ratio
    from splits
    inner join {{ ref('int_companies__listed') }} as companies
        on splits.company_id = companies.company_id
    where
        companies.cik is not null
        and splits.split_date <= {{ as_of() }}
),

sightings as (
    select
        cik,
        known_from,
        split_ratio,
        true as is_announced
    from announced
    union all
    select
        cik,
        known_from,
        split_ratio,
        false as is_announced
    from detected
),

-- Every filing that restates another period sees the split again; more than 400 days later it is
-- another split of the same ratio. An announced one is the same if filings saw it within a month
-- before it.
first_sightings as (
    select
        *,
        max(known_from) over (
            partition by cik, round(split_ratio, 2)
            order by known_from asc, is_announced desc
            rows between unbounded preceding and 1 preceding
        ) as seen_before
    from sightings
),

united as (
    select
        cik,
        known_from,
        split_ratio
    from first_sightings
    where
        seen_before is null
        or known_from
        > seen_before + case when is_announced then interval '30 days' else interval '400 days' end
)

select * from united
