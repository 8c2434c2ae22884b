-- What each filing says of each line and period: one concept chosen among the candidates.
with candidates as (
    select *
    from {{ ref('int_facts__mapped') }}
    where is_reporting_currency
),

start_use as (
    select
        cik,
        length_class,
        period_end,
        period_start,
        count(distinct accession || line) as use_count
    from candidates
    where period_start is not null
    group by cik, length_class, period_end, period_start
),

ranked_starts as (
    select
        *,
        rank() over (partition by cik, length_class, period_end order by use_count desc)
            as start_rank,
        count(*) over (partition by cik, length_class, period_end, use_count) > 1 as is_tied
    from start_use
),

fiscal_periods as (
    select
        candidates.*,
        coalesce(ranked_starts.is_tied, false) as has_two_starts
    from candidates
    left join ranked_starts
        on
            candidates.cik = ranked_starts.cik
            and candidates.length_class = ranked_starts.length_class
            and candidates.period_end = ranked_starts.period_end
            and candidates.period_start = ranked_starts.period_start
    where coalesce(ranked_starts.start_rank, 1) = 1
),

chosen as (
    select distinct on (cik, line, length_class, period_start, period_end, filed_date)
        *,
        -- A candidate well above the chosen one means that the chosen one may be a slice.
        max(value) over (
            partition by cik, line, length_class, period_start, period_end, accession
        ) as largest_value
    from fiscal_periods
    order by
        cik, line, length_class, period_start, period_end, filed_date, accession desc, priority
),

judged as (
    select
        cik,
        line,
        nature,
        length_class,
        period_start,
        period_end,
        currency,
        concept,
        accession,
        form,
        filed_date,
        known_from,
        value,
        case
            when has_two_starts then 'ambiguous'
            when line = 'revenue' and largest_value > value * 1.005 and value > 0 then 'ambiguous'
        end as blank_reason
    from chosen
)

select * from judged
