-- fct_financials is what fct_financial_vintages says where no later vintage has taken over.
with newest as (
    select cik, line, period_type, period_end, period_start, value, value_usd, currency,
        split_factor, derivation, concept, accession, known_from, blank_reason
    from {{ ref('fct_financials') }}
),

open_vintages as (
    select cik, line, period_type, period_end, period_start, value, value_usd, currency,
        split_factor, derivation, concept, accession, known_from, blank_reason
    from {{ ref('fct_financial_vintages') }}
    where known_to is null
)

(select * from newest except all select * from open_vintages)
union all
(select * from open_vintages except all select * from newest)
