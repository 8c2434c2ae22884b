-- Who has figures is in dim_company under the same names, and a ticker of the day is an own one.
select
    performance.company_id,
    performance.cik,
    performance.ticker
from {{ ref('mart_company_performance') }} as performance
left join {{ ref('dim_company') }} as companies
    on
        performance.company_id = companies.company_id
        and performance.cik is not distinct from companies.cik
        and performance.ticker is not distinct from companies.ticker
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
