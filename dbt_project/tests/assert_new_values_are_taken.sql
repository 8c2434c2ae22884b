-- A candidate that became a value is to be found among the inputs of some vintage of its line.
select candidates.*
from {{ ref('fct_financial_candidates') }} as candidates
where
    candidates.verdict = 'new_value'
    and candidates.period_length not in ('nine_months', 'half_year')
    and not exists (
        select 1
        from {{ ref('fct_financial_inputs') }} as inputs
        where
            inputs.cik = candidates.cik
            and inputs.line = candidates.line
            and inputs.input_accession = candidates.accession
            and inputs.input_concept = candidates.concept
            and inputs.input_end = candidates.period_end
    )
