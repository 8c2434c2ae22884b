-- A paragraph that is new in a report is not also gone from it.
select added.company_id, added.url
from {{ ref('mart_risk_factors') }} as added
inner join {{ ref('mart_risk_factors') }} as removed
    on
        added.company_id = removed.company_id
        and added.url = removed.url
        and added.body = removed.body
where added.change = 'new' and removed.change = 'removed'
