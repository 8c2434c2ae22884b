-- How many cells of each line a company has, by status and reason: what is counted over all
-- companies.
with counted as (
    select
        company_id,
        cik,
        line,
        status,
        coalesce(blank_reason, '') as blank_reason,
        count(*) as cell_count
    from {{ ref('fct_financials') }}
    group by company_id, cik, line, status, blank_reason
)

select * from counted
