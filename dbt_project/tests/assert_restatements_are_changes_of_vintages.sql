-- A restated value is in force from the day it became known, in the vintages of its cell.
select restatements.*
from {{ ref('mart_restatements') }} as restatements
left join {{ ref('fct_financial_vintages') }} as vintages
    on
        restatements.cik = vintages.cik
        and restatements.line = vintages.line
        and restatements.period_length
        = vintages.period_type
        and restatements.period_end = vintages.period_end
        and restatements.known_from = vintages.known_from
        and restatements.restated_value = vintages.value
where
    restatements.period_length in ('annual', 'quarter', 'instant')
    and vintages.cik is null
