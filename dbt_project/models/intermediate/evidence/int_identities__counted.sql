-- How often each identity was checked in a company's cells, and how often it did not hold.
with counted as (
    select
        companies.company_id,
        checked.identity,
        count(*) as checked_count,
        count(*) filter (where not checked.is_met) as failed_count
    from {{ ref('int_identities__checked') }} as checked
    inner join {{ ref('int_companies__listed') }} as companies on checked.cik = companies.cik
    group by companies.company_id, checked.identity
)

select * from counted
