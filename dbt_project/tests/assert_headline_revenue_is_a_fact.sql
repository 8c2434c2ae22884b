-- A filer's headline revenue figures are cells of fct_financials, from the filing that they name.
with headlines as (
    select company_id, cik, 'ttm' as period_type, ttm_end as period_end, revenue_ttm as value,
        revenue_ttm_accession as accession
    from {{ ref('int_companies__measured') }}
    where figures_source = 'filing'
    union all
    select company_id, cik, 'quarter' as period_type, quarter_end, revenue_quarter,
        revenue_quarter_accession
    from {{ ref('int_companies__measured') }}
    where figures_source = 'filing' and revenue_quarter is not null
    union all
    select company_id, cik, 'annual' as period_type, fiscal_year_end, revenue_fiscal_year,
        revenue_fiscal_year_accession
    from {{ ref('int_companies__measured') }}
    where figures_source = 'filing' and revenue_fiscal_year is not null
)

select headlines.*
from headlines
left join {{ ref('fct_financials') }} as facts
    on
        facts.line = 'revenue'
        and facts.status = 'ok'
        and headlines.cik = facts.cik
        and headlines.period_type = facts.period_type
        and headlines.period_end = facts.period_end
        and headlines.accession = facts.accession
        and headlines.value = facts.value
where facts.cik is null
