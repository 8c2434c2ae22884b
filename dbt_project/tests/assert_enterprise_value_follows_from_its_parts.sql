-- Enterprise value is market value less net cash, and its multiple of sales is of both as shown.
select
    measured.company_id,
    measured.market_value_usd,
    trended.net_cash,
    trended.enterprise_value_usd,
    trended.ev_to_sales_ratio
from {{ ref('int_companies__measured') }} as measured
inner join {{ ref('int_companies__trended') }} as trended
    on measured.company_id = trended.company_id
where
    trended.enterprise_value_usd is distinct from
    case
        when measured.currency = 'USD' and not measured.is_stale
            then round(measured.market_value_usd - trended.net_cash, 2)
    end
    or abs(trended.ev_to_sales_ratio * measured.revenue_ttm_usd - trended.enterprise_value_usd)
    > measured.revenue_ttm_usd / 1000000
