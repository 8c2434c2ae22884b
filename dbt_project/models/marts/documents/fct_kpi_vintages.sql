-- A metric's value for a period and since when it holds: a later document that says another value
-- begins a vintage, one that says the same in other digits does not. Two documents of one moment
-- that contradict each other, or one that contradicts itself, make the cell blank.
with stated as (
    select * from {{ ref('int_kpis__stated') }}
    where period is not null and status in ('ok', 'conflict') and preference = 1
),

-- What is known at each moment, by the finest digits among the surest.
moments as (
    select
        company_id,
        metric,
        unit,
        period_type,
        period,
        known_from,
        bool_or(status = 'conflict') or max(value - step / 2) > min(value + step / 2)
            as is_contradicted
    from stated
    group by company_id, metric, unit, period_type, period, known_from
),

chosen as (
    select distinct on (
        stated.company_id, stated.metric, stated.unit, stated.period_type, stated.period,
        stated.known_from
    )
        stated.*,
        moments.is_contradicted
    from stated
    inner join moments
        on
            stated.company_id = moments.company_id
            and stated.metric = moments.metric
            and stated.unit = moments.unit
            and stated.period_type = moments.period_type
            and stated.period = moments.period
            and stated.known_from = moments.known_from
    order by
        stated.company_id asc,
        stated.metric asc,
        stated.unit asc,
        stated.period_type asc,
        stated.period asc,
        stated.known_from asc,
        stated.step asc,
        stated.confidence desc,
        stated.url asc,
        stated.start_offset asc
),

compared as (
    select
        *,
        lag(value) over same_cell as earlier_value,
        lag(step) over same_cell as earlier_step,
        lag(is_contradicted) over same_cell as was_contradicted
    from chosen
    window same_cell as (
        partition by company_id, metric, unit, period_type, period
        order by known_from asc
    )
),

changes as (
    select *
    from compared
    where
        earlier_value is null
        or is_contradicted <> was_contradicted
        or abs(value - earlier_value) > (step + earlier_step) / 2
),

vintages as (
    select
        company_id,
        ticker,
        metric,
        unit,
        period_type,
        period,
        period_end,
        fiscal_year,
        fiscal_quarter,
        case when not is_contradicted then value end as value,
        step,
        case when is_contradicted then 'blank' else 'ok' end as status,
        case when is_contradicted then 'conflict' end as blank_reason,
        confidence,
        witness,
        witnesses,
        document_type,
        accession,
        url,
        page,
        start_offset,
        end_offset,
        sentence,
        known_from,
        lead(known_from) over (
            partition by company_id, metric, unit, period_type, period
            order by known_from asc
        ) as known_to
    from changes
)

select * from vintages
