-- A company's KPIs are the vintages that still hold, each of them and nothing else.
(
    select company_id, metric, unit, period_type, period, value
    from {{ ref('mart_company_kpis') }}
    except
    select company_id, metric, unit, period_type, period, value
    from {{ ref('fct_kpi_vintages') }}
    where known_to is null
)
union all
(
    select company_id, metric, unit, period_type, period, value
    from {{ ref('fct_kpi_vintages') }}
    where known_to is null
    except
    select company_id, metric, unit, period_type, period, value
    from {{ ref('mart_company_kpis') }}
)
