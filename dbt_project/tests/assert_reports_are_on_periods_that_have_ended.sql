-- A periodic report is on a period that had ended when it was filed.
select
    filings.company_id,
    filings.accession,
    filings.period_end,
    filings.filed_date
from {{ ref('mart_filings') }} as filings
inner join {{ ref('statement_forms') }} as forms on filings.form = forms.form
where forms.is_periodic and filings.period_end > filings.filed_date
