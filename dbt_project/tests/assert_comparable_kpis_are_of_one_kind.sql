-- A figure's group is made of its metric's, unit and kind of period; one without a group says why.
select kpis.*
from {{ ref('mart_company_kpis') }} as kpis
left join {{ ref('kpi_dictionary') }} as dictionary on kpis.metric = dictionary.metric
where
    kpis.comparable_group is distinct from
    dictionary.comparable_group || ' ' || kpis.unit || ' ' || kpis.period_type
    or (kpis.comparable_group is null) <> (kpis.not_comparable_reason is not null)
