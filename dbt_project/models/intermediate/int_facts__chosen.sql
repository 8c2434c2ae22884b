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

-- Another end within a week for the same start is a slip in one filing, not a period.
fiscal_ends as (
    select period.*
    from start_use as period
    where
        not exists (
            select 1
            from start_use as other
            where
                other.cik = period.cik
                and other.length_class = period.length_class
                and other.period_start = period.period_start
                and other.period_end <> period.period_end
                and other.period_end between period.period_end - 7 and period.period_end + 7
                and other.use_count > period.use_count
        )
),

ranked_starts as (
    select
        *,
        rank() over (partition by cik, length_class, period_end order by use_count desc)
            as start_rank,
        count(*) over (partition by cik, length_class, period_end, use_count) > 1 as is_tied
    from fiscal_ends
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
    where candidates.period_start is null or ranked_starts.start_rank = 1
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
        cik asc, line asc, length_class asc, period_start asc, period_end asc, filed_date asc,
        accession desc, priority asc
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
