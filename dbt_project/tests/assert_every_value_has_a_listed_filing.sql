-- Every accession behind a value can be looked up among the company's filings.
select distinct vintages.cik, vintages.accession
from {{ ref('fct_financial_vintages') }} as vintages
left join {{ ref('mart_filings') }} as filings
    on vintages.cik = filings.cik and vintages.accession = filings.accession
where vintages.status = 'ok' and filings.accession is null
