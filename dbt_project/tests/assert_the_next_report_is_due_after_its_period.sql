-- The next report is about a period after the figures, due 40 to 130 days after it on a weekday, or
-- there is a reason why none is awaited.
select *
from {{ ref('mart_company_performance') }}
where
    (next_filing_due is null) = (next_filing_blank_reason is null)
    or (next_filing_period_end is null) <> (next_filing_form is null)
    or (next_filing_due is not null and next_filing_form is null)
    or next_filing_due - next_filing_period_end not between 40 and 130
    or extract(isodow from next_filing_due) > 5
    or (figures_source = 'filing' and next_filing_period_end <= ttm_end)
