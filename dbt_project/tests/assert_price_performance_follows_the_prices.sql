-- A company's price is its last close, and its comparisons are those of its days.
with last_close as (
    select distinct on (company_id)
        company_id,
        price_date,
        close_as_traded
    from {{ ref('fct_prices') }}
    where source = 'yahoo' and close_total_return > 0
    order by company_id asc, price_date desc
),

compared as (
    select
        company_id,
        count(*) filter (where comparison = 'disagrees') as disagreeing,
        count(*) filter (where comparison in ('agrees', 'disagrees')) as compared
    from {{ ref('fct_prices') }}
    where source = 'yahoo'
    group by company_id
)

select performance.*
from {{ ref('mart_price_performance') }} as performance
left join last_close on performance.company_id = last_close.company_id
left join compared on performance.company_id = compared.company_id
where
    performance.price is distinct from last_close.close_as_traded
    or performance.price_date is distinct from last_close.price_date
    or performance.sessions_compared is distinct from compared.compared
    or performance.sessions_disagreeing is distinct from compared.disagreeing
    or performance.low_1y > performance.price
    or performance.high_1y < performance.price
