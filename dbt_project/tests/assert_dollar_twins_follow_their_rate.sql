-- The dollar twin is the value itself, the value at the stated rate, the filer's own, or empty.
select *
from {{ ref('fct_financial_vintages') }}
where
    (fx_kind = 'none' and (value_usd is distinct from value or fx_rate is not null))
    or (
        fx_kind in ('ecb_average', 'ecb_close')
        and (value_usd is null or abs(value_usd - value * fx_rate) > 0.0001)
    )
    or (fx_kind = 'filer' and value_usd is null)
    or (fx_kind = 'no_rate' and value_usd is not null)
    or (fx_kind is null and value_usd is not null)
    or (fx_kind is null and currency is not null and status = 'ok')
