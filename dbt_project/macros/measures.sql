{# Made from seeds/measures.csv by `make measures`. #}
{# The lines that measures are made of, by where they are read. #}
{% macro measured_cells() -%}
    {{ return({
        'ttm': [
            'revenue',
            'gross_profit',
            'operating_income',
            'income_tax',
            'net_income',
            'depreciation_amortization',
            'stock_compensation',
            'free_cash_flow',
        ],
        'quarter': [
            'revenue',
        ],
        'balance': [
            'shares_diluted',
            'stockholders_equity',
            'cash_and_equivalents',
            'receivables',
            'deferred_revenue',
            'short_term_debt',
            'long_term_debt',
        ],
    }) }}
{%- endmacro %}

{# The measures in their order: SQL over cells, and which cells each needs. #}
{% macro measures() -%}
    {{ return([
        {
            'name': 'revenue_quarter_growth_pct',
            'is_of_measures': False,
            'is_of_vendors': True,
            'has_own_reason': False,
            'sql': 'case when year_before.revenue_quarter > 0 then round(now.revenue_quarter / year_before.revenue_quarter - 1, 6) end',
            'needs': [
                ('now', 'revenue_quarter'),
                ('year_before', 'revenue_quarter'),
            ],
        },
        {
            'name': 'revenue_growth_pct',
            'is_of_measures': False,
            'is_of_vendors': True,
            'has_own_reason': True,
            'sql': 'case when year_before.revenue_ttm > 0 then round(now.revenue_ttm / year_before.revenue_ttm - 1, 6) end',
            'needs': [
                ('now', 'revenue_ttm'),
                ('year_before', 'revenue_ttm'),
            ],
        },
        {
            'name': 'revenue_cagr_3y_pct',
            'is_of_measures': False,
            'is_of_vendors': False,
            'has_own_reason': False,
            'sql': 'case when three_years_before.revenue_ttm > 0 and now.revenue_ttm > 0 then round(power(now.revenue_ttm / three_years_before.revenue_ttm, 1.0 / 3) - 1, 6) end',
            'needs': [
                ('now', 'revenue_ttm'),
                ('three_years_before', 'revenue_ttm'),
            ],
        },
        {
            'name': 'revenue_growth_acceleration_pct',
            'is_of_measures': True,
            'is_of_vendors': False,
            'has_own_reason': False,
            'sql': 'now.revenue_quarter_growth_pct - quarter_before.revenue_quarter_growth_pct',
            'needs': [
                ('now', 'revenue_quarter_growth_pct'),
                ('quarter_before', 'revenue_quarter_growth_pct'),
            ],
        },
        {
            'name': 'gross_margin_pct',
            'is_of_measures': False,
            'is_of_vendors': True,
            'has_own_reason': True,
            'sql': 'case when now.revenue_ttm > 0 then round((now.gross_profit_ttm) / (now.revenue_ttm), 6) end',
            'needs': [
                ('now', 'gross_profit_ttm'),
                ('now', 'revenue_ttm'),
            ],
        },
        {
            'name': 'gross_margin_change_4q_pct',
            'is_of_measures': True,
            'is_of_vendors': False,
            'has_own_reason': False,
            'sql': 'now.gross_margin_pct - year_before.gross_margin_pct',
            'needs': [
                ('now', 'gross_margin_pct'),
                ('year_before', 'gross_margin_pct'),
            ],
        },
        {
            'name': 'gross_margin_change_8q_pct',
            'is_of_measures': True,
            'is_of_vendors': False,
            'has_own_reason': False,
            'sql': 'now.gross_margin_pct - two_years_before.gross_margin_pct',
            'needs': [
                ('now', 'gross_margin_pct'),
                ('two_years_before', 'gross_margin_pct'),
            ],
        },
        {
            'name': 'operating_margin_pct',
            'is_of_measures': False,
            'is_of_vendors': True,
            'has_own_reason': True,
            'sql': 'case when now.revenue_ttm > 0 then round((now.operating_income_ttm) / (now.revenue_ttm), 6) end',
            'needs': [
                ('now', 'operating_income_ttm'),
                ('now', 'revenue_ttm'),
            ],
        },
        {
            'name': 'operating_margin_change_4q_pct',
            'is_of_measures': True,
            'is_of_vendors': False,
            'has_own_reason': False,
            'sql': 'now.operating_margin_pct - year_before.operating_margin_pct',
            'needs': [
                ('now', 'operating_margin_pct'),
                ('year_before', 'operating_margin_pct'),
            ],
        },
        {
            'name': 'operating_margin_change_8q_pct',
            'is_of_measures': True,
            'is_of_vendors': False,
            'has_own_reason': False,
            'sql': 'now.operating_margin_pct - two_years_before.operating_margin_pct',
            'needs': [
                ('now', 'operating_margin_pct'),
                ('two_years_before', 'operating_margin_pct'),
            ],
        },
        {
            'name': 'net_margin_pct',
            'is_of_measures': False,
            'is_of_vendors': True,
            'has_own_reason': True,
            'sql': 'case when now.revenue_ttm > 0 then round((now.net_income_ttm) / (now.revenue_ttm), 6) end',
            'needs': [
                ('now', 'net_income_ttm'),
                ('now', 'revenue_ttm'),
            ],
        },
        {
            'name': 'net_margin_change_4q_pct',
            'is_of_measures': True,
            'is_of_vendors': False,
            'has_own_reason': False,
            'sql': 'now.net_margin_pct - year_before.net_margin_pct',
            'needs': [
                ('now', 'net_margin_pct'),
                ('year_before', 'net_margin_pct'),
            ],
        },
        {
            'name': 'net_margin_change_8q_pct',
            'is_of_measures': True,
            'is_of_vendors': False,
            'has_own_reason': False,
            'sql': 'now.net_margin_pct - two_years_before.net_margin_pct',
            'needs': [
                ('now', 'net_margin_pct'),
                ('two_years_before', 'net_margin_pct'),
            ],
        },
        {
            'name': 'fcf_margin_pct',
            'is_of_measures': False,
            'is_of_vendors': True,
            'has_own_reason': True,
            'sql': 'case when now.revenue_ttm > 0 then round((now.free_cash_flow_ttm) / (now.revenue_ttm), 6) end',
            'needs': [
                ('now', 'free_cash_flow_ttm'),
                ('now', 'revenue_ttm'),
            ],
        },
        {
            'name': 'fcf_margin_change_4q_pct',
            'is_of_measures': True,
            'is_of_vendors': False,
            'has_own_reason': False,
            'sql': 'now.fcf_margin_pct - year_before.fcf_margin_pct',
            'needs': [
                ('now', 'fcf_margin_pct'),
                ('year_before', 'fcf_margin_pct'),
            ],
        },
        {
            'name': 'fcf_margin_change_8q_pct',
            'is_of_measures': True,
            'is_of_vendors': False,
            'has_own_reason': False,
            'sql': 'now.fcf_margin_pct - two_years_before.fcf_margin_pct',
            'needs': [
                ('now', 'fcf_margin_pct'),
                ('two_years_before', 'fcf_margin_pct'),
            ],
        },
        {
            'name': 'rule_of_40_pct',
            'is_of_measures': True,
            'is_of_vendors': True,
            'has_own_reason': True,
            'sql': 'now.revenue_growth_pct + now.fcf_margin_pct',
            'needs': [
                ('now', 'revenue_growth_pct'),
                ('now', 'fcf_margin_pct'),
            ],
        },
        {
            'name': 'roe_pct',
            'is_of_measures': False,
            'is_of_vendors': False,
            'has_own_reason': False,
            'sql': 'case when (now.stockholders_equity + year_before.stockholders_equity) / 2 > 0 then round((now.net_income_ttm) / ((now.stockholders_equity + year_before.stockholders_equity) / 2), 6) end',
            'needs': [
                ('now', 'net_income_ttm'),
                ('now', 'stockholders_equity'),
                ('year_before', 'stockholders_equity'),
            ],
        },
        {
            'name': 'roic_pct',
            'is_of_measures': False,
            'is_of_vendors': False,
            'has_own_reason': False,
            'sql': 'case when now.short_term_debt + now.long_term_debt + now.stockholders_equity - now.cash_and_equivalents > 0 then round((now.operating_income_ttm - now.income_tax_ttm) / (now.short_term_debt + now.long_term_debt + now.stockholders_equity - now.cash_and_equivalents), 6) end',
            'needs': [
                ('now', 'operating_income_ttm'),
                ('now', 'income_tax_ttm'),
                ('now', 'short_term_debt'),
                ('now', 'long_term_debt'),
                ('now', 'stockholders_equity'),
                ('now', 'cash_and_equivalents'),
            ],
        },
        {
            'name': 'ebitda_ttm',
            'is_of_measures': False,
            'is_of_vendors': False,
            'has_own_reason': False,
            'sql': 'now.operating_income_ttm + now.depreciation_amortization_ttm',
            'needs': [
                ('now', 'operating_income_ttm'),
                ('now', 'depreciation_amortization_ttm'),
            ],
        },
        {
            'name': 'billings_ttm',
            'is_of_measures': False,
            'is_of_vendors': False,
            'has_own_reason': False,
            'sql': 'now.revenue_ttm + now.deferred_revenue - year_before.deferred_revenue',
            'needs': [
                ('now', 'revenue_ttm'),
                ('now', 'deferred_revenue'),
                ('year_before', 'deferred_revenue'),
            ],
        },
        {
            'name': 'deferred_revenue_growth_pct',
            'is_of_measures': False,
            'is_of_vendors': False,
            'has_own_reason': False,
            'sql': 'case when year_before.deferred_revenue > 0 then round(now.deferred_revenue / year_before.deferred_revenue - 1, 6) end',
            'needs': [
                ('now', 'deferred_revenue'),
                ('year_before', 'deferred_revenue'),
            ],
        },
        {
            'name': 'receivable_days',
            'is_of_measures': False,
            'is_of_vendors': False,
            'has_own_reason': False,
            'sql': 'case when now.revenue_ttm > 0 then round((now.receivables * 365) / (now.revenue_ttm), 6) end',
            'needs': [
                ('now', 'receivables'),
                ('now', 'revenue_ttm'),
            ],
        },
        {
            'name': 'stock_compensation_pct',
            'is_of_measures': False,
            'is_of_vendors': False,
            'has_own_reason': False,
            'sql': 'case when now.revenue_ttm > 0 then round((now.stock_compensation_ttm) / (now.revenue_ttm), 6) end',
            'needs': [
                ('now', 'stock_compensation_ttm'),
                ('now', 'revenue_ttm'),
            ],
        },
        {
            'name': 'shares_change_pct',
            'is_of_measures': False,
            'is_of_vendors': False,
            'has_own_reason': False,
            'sql': 'case when year_before.shares_diluted > 0 then round(now.shares_diluted / year_before.shares_diluted - 1, 6) end',
            'needs': [
                ('now', 'shares_diluted'),
                ('year_before', 'shares_diluted'),
            ],
        },
        {
            'name': 'net_cash',
            'is_of_measures': False,
            'is_of_vendors': False,
            'has_own_reason': False,
            'sql': 'now.cash_and_equivalents - now.short_term_debt - now.long_term_debt',
            'needs': [
                ('now', 'cash_and_equivalents'),
                ('now', 'short_term_debt'),
                ('now', 'long_term_debt'),
            ],
        },
        {
            'name': 'runway_months',
            'is_of_measures': False,
            'is_of_vendors': False,
            'has_own_reason': False,
            'sql': 'case when -now.free_cash_flow_ttm > 0 then round((now.cash_and_equivalents * 12) / (-now.free_cash_flow_ttm), 6) end',
            'needs': [
                ('now', 'cash_and_equivalents'),
                ('now', 'free_cash_flow_ttm'),
            ],
        },
    ]) }}
{%- endmacro %}
