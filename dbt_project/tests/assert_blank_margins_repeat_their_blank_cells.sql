-- A filer's margin is blank for the reason of the cell that it lacks, and for no invented one.
with margins as (
    select companies.company_id, companies.cik, companies.ttm_end, parts.*
    from {{ ref('int_companies__measured') }} as companies
    inner join {{ ref('int_measures__explained') }} as explained
        on companies.company_id = explained.company_id
    cross join lateral (
        values
            ('gross_profit', explained.gross_margin_blank_reason),
            ('operating_income', explained.operating_margin_blank_reason),
            ('net_income', explained.net_margin_blank_reason),
            ('free_cash_flow', explained.fcf_margin_blank_reason)
    ) as parts (line, blank_reason)
    where companies.figures_source = 'filing' and parts.blank_reason is not null
)

select margins.*, cells.value, cells.blank_reason as cell_blank_reason
from margins
left join {{ ref('fct_financials') }} as cells
    on
        margins.cik = cells.cik
        and margins.line = cells.line
        and margins.ttm_end = cells.period_end
        and cells.period_type = 'ttm'
where
    case
        when margins.blank_reason = 'not_positive' then cells.value is null
        when margins.blank_reason = 'no_figures' then cells.blank_reason is not null
        else margins.blank_reason is distinct from cells.blank_reason
    end
