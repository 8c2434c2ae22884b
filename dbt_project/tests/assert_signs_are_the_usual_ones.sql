-- Revenue is rarely negative. It has been true (a year of warrants charged against revenue), so this
-- tells and does not stop.
{{ config(severity='warn') }}

select cik, ticker, line, period_type, period_end, value
from {{ ref('fct_financials') }}
where value < 0 and line = 'revenue'
