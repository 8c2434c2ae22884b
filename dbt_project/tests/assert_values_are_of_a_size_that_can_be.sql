-- No company's figure has nineteen digits, in any currency: such a fact is a slip of its filer.
select
    company_id,
    line,
    period_end,
    value
from {{ ref('fct_financial_vintages') }}
where abs(value) >= 1e18
