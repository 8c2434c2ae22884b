-- Revenue, assets, share counts and payments are rarely negative. It has been true (a year of
-- warrants charged against revenue), so this tells and does not stop.
{{ config(severity='warn') }}

select cik, ticker, line, period_type, period_end, value
from {{ ref('fct_financials') }}
where
    value < 0
    and line in (
        'revenue', 'cost_of_revenue', 'research_and_development', 'sales_and_marketing',
        'general_and_administrative', 'shares_basic', 'shares_diluted', 'total_assets',
        'current_assets', 'total_liabilities', 'current_liabilities', 'cash_and_equivalents',
        'receivables', 'inventory', 'goodwill', 'deferred_revenue', 'short_term_debt',
        'long_term_debt', 'capital_expenditure', 'depreciation_amortization', 'dividends_paid',
        'share_repurchases'
    )
