-- The filings' fact counts add up to all facts, company by company.
with filings as (
    select cik, sum(fact_count) as fact_count
    from {{ ref('mart_filings') }}
    group by cik
),

facts as (
    select cik, count(*) as fact_count
    from {{ ref('stg_sec__facts') }}
    group by cik
)

select
    coalesce(filings.cik, facts.cik) as cik,
    filings.fact_count as listed_count,
    facts.fact_count
from filings
full outer join facts on filings.cik = facts.cik
where coalesce(filings.fact_count, 0) <> coalesce(facts.fact_count, 0)
