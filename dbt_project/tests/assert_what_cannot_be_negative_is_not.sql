-- Costs, outlays, debts, assets and counts are not below zero, and a balance sheet has assets.
select
    cells.cik,
    cells.line,
    cells.period_type,
    cells.period_end,
    cells.value
from {{ ref('fct_financials') }} as cells
inner join {{ ref('lines') }} as lines on cells.line = lines.line
where
    (cells.value < 0 and lines.is_never_negative)
    or (cells.value = 0 and cells.line in ('total_assets', 'shares_basic', 'shares_diluted'))
