-- A cell that is blank because no filing reports it has no fact of its line and period behind it, but
-- one in the coarse rounding of a note.
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
