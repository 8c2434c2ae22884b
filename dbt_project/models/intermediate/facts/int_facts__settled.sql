-- Mapped facts with their period's start settled: filers differ by a day between years, and now and
-- then one filing is a week off.
with mapped as (
    select * from {{ ref('int_facts__mapped') }}
),

starts as (
    select distinct
        cik,
        period_start,
        filed_date
    from mapped
    where period_start is not null
),

ends as (
    select
        cik,
        period_end,
        min(filed_date) as first_filed
    from mapped
    where period_start is not null
    group by cik, period_end
),

first_starts as (
    select
        cik,
        period_start,
        min(filed_date) as first_filed
    from starts
    group by cik, period_start
),

-- What a start may be a slip of, as far as was known when it was filed: the day after a period that
-- had ended, else a start within a week of it that was filed first.
settled_starts as (
    select distinct on (cik, period_start, filed_date) *
    from (
        select
            starts.*,
            ends.period_end + 1 as settled_start,
            case when ends.period_end + 1 = starts.period_start then 1 else 2 end as choice,
            ends.first_filed
        from starts
        inner join ends
            on
                starts.cik = ends.cik
                and ends.period_end + 1 between starts.period_start - 8 and starts.period_start + 8
                and starts.filed_date >= ends.first_filed
        union all
        select
            starts.*,
            first_starts.period_start as settled_start,
            3 as choice,
            first_starts.first_filed
        from starts
        inner join first_starts
            on
                starts.cik = first_starts.cik
                and first_starts.period_start
                between starts.period_start - 7 and starts.period_start + 7
                and starts.filed_date >= first_starts.first_filed
    ) as choices
    order by
        cik asc, period_start asc, filed_date asc, choice asc, first_filed asc, settled_start asc
),

settled as (
    select
        mapped.fact_id,
        mapped.cik,
        mapped.line,
        mapped.nature,
        mapped.priority,
        mapped.concept,
        mapped.unit,
        coalesce(settled_starts.settled_start, mapped.period_start) as period_start,
        mapped.period_start as filed_start,
        mapped.period_end,
        mapped.value,
        mapped.accession,
        mapped.form,
        mapped.filed_date,
        mapped.known_from,
        mapped.currency,
        mapped.length_class,
        mapped.is_reporting_currency
    from mapped
    left join settled_starts
        on
            mapped.cik = settled_starts.cik
            and mapped.period_start = settled_starts.period_start
            and mapped.filed_date = settled_starts.filed_date
)

select * from settled
