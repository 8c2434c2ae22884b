-- A new vintage says something else than the one before: a repeat of the same answer is none.
with vintages as (
    select
        *,
        row(value, blank_reason, currency, derivation, split_factor, basis_changed_since) as said
    from {{ ref('fct_financial_vintages') }}
),

followed as (
    select
        *,
        lag(said) over cell as said_before,
        row_number() over cell as vintage_number
    from vintages
    window cell as (partition by cik, line, period_type, period_end order by known_from)
)

select cik, line, period_type, period_end, known_from
from followed
where vintage_number > 1 and said is not distinct from said_before
