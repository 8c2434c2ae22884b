-- What somebody has to look at is not told as a value meanwhile.
select reviews.*
from {{ ref('mart_kpi_reviews') }} as reviews
inner join {{ ref('mart_company_kpis') }} as served
    on
        reviews.company_id = served.company_id
        and reviews.url = served.url
        and reviews.metric = served.metric
        and reviews.unit = served.unit
        and reviews.period = served.period
where reviews.reason = 'conflict' and served.status = 'ok'
