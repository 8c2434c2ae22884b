-- A series has each of its periods once, without a hole, and says what it repeats of the KPIs.
with ordered as (
    select
        history.*,
        kpis.value as stated_value,
        history.fiscal_year * 4 + coalesce(history.fiscal_quarter, 4) as quarter_number,
        lag(history.fiscal_year * 4 + coalesce(history.fiscal_quarter, 4)) over (
            partition by
                history.company_id, history.metric, history.unit, history.period_type,
                case when history.period_type = 'half_year' then history.fiscal_quarter end
            order by history.fiscal_year, history.fiscal_quarter
        ) as number_before
    from {{ ref('mart_kpi_history') }} as history
    left join {{ ref('mart_company_kpis') }} as kpis
        on
            history.company_id = kpis.company_id
            and history.metric = kpis.metric
            and history.unit = kpis.unit
            and history.period_type = kpis.period_type
            and history.period = kpis.period
)

select *
from ordered
where
    quarter_number - number_before
    <> case when period_type in ('quarter', 'instant') then 1 else 4 end
    or value is distinct from stated_value
    or (value is null) <> (blank_reason is not null)
    or (index_to_first is null) <> (index_blank_reason is not null)
