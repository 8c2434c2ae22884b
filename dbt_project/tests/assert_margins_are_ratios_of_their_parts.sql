-- Margins, the rule of 40 and the valuation ratios can be recomputed from the row's own columns.
select *
from {{ ref('mart_company_performance') }}
where
    {% for margin, part in [
        ('gross_margin_pct', 'gross_profit_ttm'),
        ('operating_margin_pct', 'operating_income_ttm'),
        ('net_margin_pct', 'net_income_ttm'),
        ('fcf_margin_pct', 'free_cash_flow_ttm'),
    ] -%}
    abs({{ margin }} * revenue_ttm - {{ part }}) > 0.000001 * abs(revenue_ttm)
    or (revenue_ttm > 0 and ({{ margin }} is null) <> ({{ part }} is null))
    or {% endfor -%}
    -- Each of the three is rounded to six places by itself.
    abs(rule_of_40_pct - revenue_growth_pct - fcf_margin_pct) > 0.0000015
    or (rule_of_40_pct is null) <> (revenue_growth_pct + fcf_margin_pct is null)
    or abs(ps_ratio * revenue_ttm_usd - market_value_usd) > 0.001 * revenue_ttm_usd
    or (is_stale and (pe_ratio is not null or ps_ratio is not null))
