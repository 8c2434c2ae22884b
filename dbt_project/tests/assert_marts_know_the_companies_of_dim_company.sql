-- A company has one id, CIK and ticker in all marts: those under which it is listed.
with named as (
    select distinct company_id, cik, ticker from {{ ref('fct_financials') }}
    union all
    select distinct company_id, cik, ticker from {{ ref('fct_financial_vintages') }}
    union all
    select distinct company_id, cik, ticker from {{ ref('fct_financial_inputs') }}
    union all
    select distinct company_id, cik, ticker from {{ ref('fct_financial_candidates') }}
    union all
    select distinct company_id, cik, ticker from {{ ref('mart_financials_annual') }}
    union all
    select distinct company_id, cik, ticker from {{ ref('mart_financials_quarterly') }}
    union all
    select distinct company_id, cik, ticker from {{ ref('mart_financials_ttm') }}
    union all
    select distinct company_id, cik, ticker from {{ ref('mart_restatements') }}
    union all
    select distinct company_id, cik, ticker from {{ ref('mart_accuracy_certificate') }}
    union all
    select distinct company_id, cik, ticker from {{ ref('mart_filings') }}
    union all
    select distinct company_id, cik, ticker from {{ ref('mart_price_performance') }}
)

select
    named.company_id,
    named.cik,
    named.ticker
from named
left join {{ ref('int_companies__listed') }} as companies
    on
        named.company_id = companies.company_id
        and named.cik is not distinct from companies.cik
        and named.ticker is not distinct from companies.ticker
where companies.company_id is null
