-- Every cell of both fact tables has a value or a reason for having none, never both or neither.
with cells as (
    select company_id, status, value, value_usd, blank_reason, derivation
    from {{ ref('fct_financials') }}
    union all
    select company_id, status, value, value_usd, blank_reason, derivation
    from {{ ref('fct_financial_vintages') }}
)

select *
from cells
where
    (status = 'ok') <> (value is not null)
    or (status = 'ok') <> (blank_reason is null)
    or (status = 'blank' and value_usd is not null)
    or (status = 'ok' and derivation is null)
