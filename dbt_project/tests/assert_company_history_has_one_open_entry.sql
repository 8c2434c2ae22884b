-- Of each kind of attribute but tickers, which end with a listing, a company has one that is in force.
select company_id, attribute, count(*) filter (where valid_to is null) as open_count
from {{ ref('dim_company_history') }}
where attribute <> 'ticker'
group by company_id, attribute
having count(*) filter (where valid_to is null) <> 1
