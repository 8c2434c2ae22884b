-- Net income is not a thousand or a million times earnings per share times shares, nor that part of
-- it: then one of the three is given in thousands or millions as if it were whole.
with wide as (
    select
        cik,
        period_type,
        period_end,
        max(value) filter (where line = 'net_income') as net_income,
        -- On today's share basis: one may stem from before a split, the other from after it.
        max(value / split_factor) filter (where line = 'eps_diluted') as eps_diluted,
        max(value * split_factor) filter (where line = 'shares_diluted') as shares_diluted
    from {{ ref('fct_financials') }}
    where status = 'ok'
    group by cik, period_type, period_end
)

select *
from wide
where {{ is_miscounted('net_income', 'eps_diluted', 'shares_diluted') }}
