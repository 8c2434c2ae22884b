-- What management expected of a period, first and last, beside what it then was.
with guidances as (
    select * from {{ ref('mart_guidance') }}
),

periods as (
    select
        company_id,
        metric,
        unit,
        period_type,
        period,
        max(period_end) as period_end,
        max(fiscal_year) as fiscal_year,
        max(fiscal_quarter) as fiscal_quarter
    from guidances
    group by company_id, metric, unit, period_type, period
),

stated as (
    select
        company_id,
        metric,
        unit,
        period_type,
        period,
        value,
        'document' as source,
        accession,
        known_from,
        1 as preference
    from {{ ref('fct_kpi_vintages') }}
    where status = 'ok'
),

filed as (
    select
        periods.company_id,
        periods.metric,
        periods.unit,
        periods.period_type,
        periods.period,
        vintages.value,
        'filing' as source,
        vintages.accession,
        vintages.known_from,
        2 as preference
    from periods
    inner join {{ ref('kpi_lines') }} as lines on periods.metric = lines.metric
    inner join {{ ref('fct_financial_vintages') }} as vintages
        on
            periods.company_id = vintages.company_id
            and lines.line = vintages.line
            and periods.unit = vintages.currency
            and periods.period_type = vintages.period_type
            and vintages.status = 'ok'
            -- A document does not always know the day on which a period to come will end.
            and case
                when periods.period_end is not null then periods.period_end = vintages.period_end
                else
                    periods.fiscal_year = vintages.fiscal_year
                    and periods.fiscal_quarter is not distinct from vintages.fiscal_quarter
            end
),

-- What was told first is what was expected of it: a later statement may recast the period.
outcomes as (
    select distinct on (company_id, metric, unit, period_type, period) *
    from (
        select * from stated
        union all
        select * from filed
    ) as told
    order by
        company_id asc, metric asc, unit asc, period_type asc, period asc, known_from asc,
        preference asc, accession asc
),

expected as (
    select
        guidances.company_id,
        max(guidances.ticker) as ticker,
        guidances.metric,
        guidances.unit,
        guidances.period_type,
        guidances.period,
        max(guidances.period_end) as period_end,
        count(*)::integer as times_said,
        (array_agg(guidances.low order by guidances.known_from, guidances.url))[1] as first_low,
        (array_agg(guidances.high order by guidances.known_from, guidances.url))[1] as first_high,
        min(guidances.known_from) as first_known_from,
        (array_agg(guidances.low order by guidances.known_from desc, guidances.url asc))[1]
            as last_low,
        (array_agg(guidances.high order by guidances.known_from desc, guidances.url asc))[1]
            as last_high,
        max(guidances.known_from) as last_known_from,
        outcomes.value as outcome,
        outcomes.source as outcome_source,
        outcomes.accession as outcome_accession,
        outcomes.known_from as outcome_known_from
    from guidances
    left join outcomes
        on
            guidances.company_id = outcomes.company_id
            and guidances.metric = outcomes.metric
            and guidances.unit = outcomes.unit
            and guidances.period_type = outcomes.period_type
            and guidances.period = outcomes.period
    -- What is said once the outcome is known expects nothing.
    where outcomes.known_from is null or guidances.known_from < outcomes.known_from
    group by
        guidances.company_id, guidances.metric, guidances.unit, guidances.period_type,
        guidances.period, outcomes.value, outcomes.source, outcomes.accession, outcomes.known_from
),

judged as (
    select
        *,
        case
            when outcome > last_high then 'above'
            when outcome < last_low then 'below'
            when outcome is not null then 'within'
        end as verdict,
        case
            when outcome > last_high then outcome - last_high
            when outcome < last_low then outcome - last_low
            when outcome is not null then 0
        end as beyond_range,
        case when outcome is null then 'not_stated' end as outcome_blank_reason
    from expected
)

select * from judged
