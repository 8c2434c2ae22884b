-- The vintages of a cell follow each other without overlap or gap, and the last one is open, but for
-- an awaited period that was then reported with another last day.
with vintages as (
    select
        cik,
        line,
        period_type,
        period_end,
        known_from,
        known_to,
        blank_reason,
        lead(known_from) over (
            partition by cik, line, period_type, period_end order by known_from
        ) as next_from
    from {{ ref('fct_financial_vintages') }}
)

select *
from vintages
where
    known_to <= known_from
    or (
        known_to is distinct from next_from
        and not (next_from is null and blank_reason in ('not_due', 'not_filed'))
    )
