-- A cell that is blank because no filing reports it has no fact of its line and period behind it, but
-- one in the coarse rounding of a note; nor one in another scope.
select
    cells.cik,
    cells.line,
    cells.period_type,
    cells.period_end,
    facts.concept,
    facts.value,
    facts.accession
from {{ ref('fct_financials') }} as cells
inner join {{ ref('int_facts__mapped') }} as facts
    on
        cells.cik = facts.cik
        and cells.line = facts.line
        and cells.period_type = facts.length_class
        and cells.period_end = facts.period_end
        and facts.is_reporting_currency
left join {{ ref('int_facts__offered') }} as offered
    on
        facts.cik = offered.cik
        and facts.line = offered.line
        and facts.fact_id = abs((offered.inputs ->> 0)::bigint)
        and offered.is_coarse_note
where cells.blank_reason = 'not_reported' and offered.cik is null
union all
select
    cells.cik,
    cells.line,
    cells.period_type,
    cells.period_end,
    facts.concept,
    facts.value,
    facts.accession
from {{ ref('fct_financials') }} as cells
inner join {{ ref('unread_concepts') }} as unread on cells.line = unread.line
inner join {{ ref('stg_sec__facts') }} as facts
    on
        unread.taxonomy = facts.taxonomy
        and unread.concept = facts.concept
        and cells.cik = facts.cik
        and cells.period_end = facts.period_end
        and cells.period_start is not distinct from facts.period_start
        and cells.currency = facts.unit
inner join {{ ref('statement_forms') }} as forms on facts.form = forms.form and forms.is_periodic
where cells.blank_reason = 'not_reported'
