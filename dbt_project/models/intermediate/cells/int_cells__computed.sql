-- Lines that are arithmetic of two others where the company does not state them itself.
with base as (
    select * from {{ ref('int_cells__base') }}
),

pairs as (
    select
        'gross_profit' as line,
        'revenue' as minuend,
        'cost_of_revenue' as subtrahend,
        'revenue_less_cost' as rule
    union all
    select
        'free_cash_flow' as line,
        'operating_cash_flow' as minuend,
        'capital_expenditure' as subtrahend,
        'cash_flow_less_capex' as rule
),

computed as (
    select
        minuend.cik,
        pairs.line,
        minuend.nature,
        minuend.period_type,
        minuend.period_start,
        minuend.period_end,
        minuend.currency,
        null::text as concept,
        minuend.accession,
        minuend.value - subtrahend.value as value,
        'computed' as derivation,
        pairs.rule,
        minuend.inputs || {{ negated('subtrahend.inputs') }} as inputs,
        coalesce(minuend.blank_reason, subtrahend.blank_reason) as blank_reason,
        greatest(minuend.known_from, subtrahend.known_from) as known_from,
        least(minuend.known_to, subtrahend.known_to) as known_to
    from pairs
    inner join base as minuend on pairs.minuend = minuend.line
    inner join base as subtrahend
        on
            pairs.subtrahend = subtrahend.line
            and minuend.cik = subtrahend.cik
            and minuend.period_type = subtrahend.period_type
            and minuend.period_end = subtrahend.period_end
            and minuend.currency = subtrahend.currency
    left join {{ ref('int_filings__templated') }} as templated
        on minuend.cik = templated.cik and minuend.accession = templated.accession
    left join {{ ref('template_exemptions') }} as exempted
        on templated.template = exempted.template and pairs.line = exempted.line
    -- What a bank tags as cost is no cost of sales: nothing is made of it.
    where exempted.line is null
),

known_together as (
    select *
    from computed
    where known_from < known_to
)

select * from known_together
