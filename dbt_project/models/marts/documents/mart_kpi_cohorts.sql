-- How a comparable metric grows after companies first state it: the median of its values as
-- multiples of the first, by age in quarters. Fewer than three companies are no cohort.
with aged as (
    select
        comparable_group,
        metric,
        unit,
        period_type,
        age_quarters,
        index_to_first
    from {{ ref('mart_kpi_history') }}
    where
        comparable_group is not null
        and index_to_first is not null
        -- A company has two series of half-years, and they repeat what quarters and years tell.
        and period_type in ('quarter', 'instant', 'annual')
),

counted as (
    select
        comparable_group,
        metric,
        unit,
        period_type,
        age_quarters,
        count(*)::integer as companies_count,
        {{ median('index_to_first') }} as index_median,
        min(index_to_first) as index_lowest,
        max(index_to_first) as index_highest
    from aged
    group by comparable_group, metric, unit, period_type, age_quarters
)

select
    comparable_group,
    metric,
    unit,
    period_type,
    age_quarters,
    companies_count,
    case when companies_count >= 3 then round(index_median, 6) end as index_median,
    case when companies_count >= 3 then index_lowest end as index_lowest,
    case when companies_count >= 3 then index_highest end as index_highest,
    case when companies_count < 3 then 'small_cohort' end as blank_reason
from counted
