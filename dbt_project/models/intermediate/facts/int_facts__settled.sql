-- Mapped facts with their period's start settled: filers differ by a day or so between years.
with mapped as (
    select * from {{ ref('int_facts__mapped') }}
),

fiscal_starts as (
    select
        cik,
        period_start,
        min(filed_date) as first_filed
    from mapped
    where period_start is not null
    group by cik, period_start
),

-- Starts within a week of each other are one; the one first filed stands.
settled_starts as (
    select distinct on (own.cik, own.period_start)
        own.cik,
        own.period_start,
        other.period_start as settled_start
    from fiscal_starts as own
    inner join fiscal_starts as other
        on
            own.cik = other.cik
            and other.period_start between own.period_start - 7 and own.period_start + 7
    order by own.cik, own.period_start, other.first_filed, other.period_start
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
)

select * from settled
