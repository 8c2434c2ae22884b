-- Liabilities and the parent's equity do not exceed assets: what is missing belongs to
-- minorities, and a negative share of theirs has been seen, so this tells and does not stop.
{{ config(severity='warn') }}

select cik, ticker, period_end, total_assets, total_liabilities, stockholders_equity
from {{ ref('mart_financials_quarterly') }}
where
    total_liabilities + stockholders_equity > total_assets * 1.001
    or current_assets > total_assets
    or current_liabilities > total_liabilities
