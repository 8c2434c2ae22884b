-- Each headline measure has either a value or the reason why it is blank.
select companies.company_id, measures.*
from {{ ref('mart_company_performance') }} as companies
cross join lateral (
    values
        ('revenue_ttm', companies.revenue_ttm, companies.revenue_ttm_blank_reason),
        ('revenue_ttm_usd', companies.revenue_ttm_usd, companies.revenue_ttm_usd_blank_reason),
        ('revenue_growth_pct', companies.revenue_growth_pct,
            companies.revenue_growth_blank_reason),
        ('gross_margin_pct', companies.gross_margin_pct, companies.gross_margin_blank_reason),
        ('operating_margin_pct', companies.operating_margin_pct,
            companies.operating_margin_blank_reason),
        ('net_margin_pct', companies.net_margin_pct, companies.net_margin_blank_reason),
        ('fcf_margin_pct', companies.fcf_margin_pct, companies.fcf_margin_blank_reason),
        ('rule_of_40_pct', companies.rule_of_40_pct, companies.rule_of_40_blank_reason),
        ('market_value_usd', companies.market_value_usd, companies.market_value_blank_reason),
        ('pe_ratio', companies.pe_ratio, companies.pe_ratio_blank_reason),
        ('ps_ratio', companies.ps_ratio, companies.ps_ratio_blank_reason)
) as measures (measure, value, blank_reason)
where (measures.value is null) <> (measures.blank_reason is not null)
