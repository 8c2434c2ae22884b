-- A new vintage says something else than the one before: a repeat of the same answer is none.
with vintages as (
    select
        *,
        lag(row(value, blank_reason, currency, derivation, split_factor)) over cell as previous,
        row_number() over cell as vintage_number
    from {{ ref('fct_financial_vintages') }}
    window cell as (partition by cik, line, period_type, period_end order by known_from)
)

select cik, line, period_type, period_end, known_from
from vintages
where
    vintage_number > 1
    and row(value, blank_reason, currency, derivation, split_factor) is not distinct from previous
