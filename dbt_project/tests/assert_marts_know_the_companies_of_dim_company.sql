-- A company has one id, CIK and ticker in all marts, and its ticker of the day is one of its own.
with named as (
    select company_id, cik, ticker from {{ ref('fct_financials') }}
    union
    select company_id, cik, ticker from {{ ref('fct_financial_vintages') }}
    union
    select company_id, cik, ticker from {{ ref('fct_financial_inputs') }}
    union
    select company_id, cik, ticker from {{ ref('fct_financial_candidates') }}
    union
    select company_id, cik, ticker from {{ ref('mart_financials_annual') }}
    union
    select company_id, cik, ticker from {{ ref('mart_financials_quarterly') }}
    union
    select company_id, cik, ticker from {{ ref('mart_financials_ttm') }}
    union
    select company_id, cik, ticker from {{ ref('mart_restatements') }}
    union
    select company_id, cik, ticker from {{ ref('mart_accuracy_certificate') }}
    union
    select company_id, cik, ticker from {{ ref('mart_filings') }}
    union
    select company_id, cik, ticker from {{ ref('mart_company_performance') }}
    union
    select company_id, cik, ticker from {{ ref('mart_price_performance') }}
)

select
    named.company_id,
    named.cik,
    named.ticker
from named
left join {{ ref('dim_company') }} as companies
    on
        named.company_id = companies.company_id
        and named.cik is not distinct from companies.cik
        and named.ticker is not distinct from companies.ticker
where companies.company_id is null
union all
select
    company_id,
    cik,
    ticker
from {{ ref('dim_company') }}
where
    ticker is not null
    and not tickers @> jsonb_build_array(jsonb_build_object('ticker', ticker))
