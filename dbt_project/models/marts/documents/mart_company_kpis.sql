-- The newest vintage of each metric and period, beside the same period a year before and what
-- filings tag for it. Figures of two companies are comparable that are of one metric, unit and kind
-- of period, unless companies define or adjust the metric each in its own way.
with current_values as (
    select * from {{ ref('fct_kpi_vintages') }}
    where known_to is null
),

with_comparison as (
    select
        current_values.company_id,
        current_values.ticker,
        current_values.metric,
        current_values.unit,
        current_values.period_type,
        current_values.period,
        current_values.period_end,
        current_values.fiscal_year,
        current_values.fiscal_quarter,
        current_values.value,
        current_values.step,
        current_values.status,
        current_values.blank_reason,
        earlier.period as comparison_period,
        earlier.value as comparison_value,
        case
            when current_values.unit <> 'percent' and earlier.value > 0
                then round(current_values.value / earlier.value - 1, 6)
        end as change_pct,
        current_values.confidence,
        current_values.witness,
        current_values.witnesses,
        current_values.document_type,
        current_values.accession,
        current_values.url,
        current_values.page,
        current_values.start_offset,
        current_values.end_offset,
        current_values.sentence,
        current_values.known_from,
        witnessed.confirmed_by,
        witnessed.contradicted_by,
        dictionary.comparable_group
        || ' ' || current_values.unit
        || ' ' || current_values.period_type as comparable_group,
        case
            when dictionary.metric is null then 'not_described'
            else dictionary.not_comparable_reason
        end as not_comparable_reason
    from current_values
    left join current_values as earlier
        on
            current_values.company_id = earlier.company_id
            and current_values.metric = earlier.metric
            and current_values.unit = earlier.unit
            and current_values.period_type = earlier.period_type
            and current_values.fiscal_year = earlier.fiscal_year + 1
            and current_values.fiscal_quarter is not distinct from earlier.fiscal_quarter
            and earlier.status = 'ok'
    left join {{ ref('kpi_dictionary') }} as dictionary
        on current_values.metric = dictionary.metric
    left join {{ ref('int_kpis__witnessed') }} as witnessed
        on
            current_values.company_id = witnessed.company_id
            and current_values.url = witnessed.url
            and current_values.metric = witnessed.metric
            and current_values.unit = witnessed.unit
            and current_values.period_type = witnessed.period_type
            and current_values.period = witnessed.period
            and current_values.status = 'ok'
)

select * from with_comparison
