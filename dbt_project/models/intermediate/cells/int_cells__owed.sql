-- Blank cells for lines that a company owes: its period is filed, the line is not in it.
with cells as (
    select {{ cell_columns() }} from {{ ref('int_cells__discrete') }}
    union all
    select {{ cell_columns() }} from {{ ref('int_cells__trailing') }}
),

-- A filed quarter also owes the twelve months that end with it.
with_twelve_months as (
    select
        cik,
        line,
        period_type,
        period_start,
        period_end,
        currency,
        value,
        accession,
        known_from,
        false as is_foreseen
    from cells
    union all
    select
        cik,
        line,
        'ttm' as period_type,
        (period_end - interval '1 year')::date + 1 as period_start,
        period_end,
        currency,
        value,
        accession,
        known_from,
        true as is_foreseen
    from cells
    where period_type = 'quarter'
),

-- A period counts as filed from the first filing that is on it, or that states its result or its
-- total assets.
filings as (
    select
        cells.cik,
        cells.period_type,
        cells.period_end,
        cells.period_start,
        cells.currency,
        cells.known_from,
        templated.template,
        cells.is_foreseen,
        cells.line
    from with_twelve_months as cells
    inner join {{ ref('int_filings__templated') }} as templated
        on cells.cik = templated.cik and cells.accession = templated.accession
    where
        cells.line in ('revenue', 'net_income', 'total_assets')
        and cells.value is not null
    union all
    select
        filed.cik,
        types.period_type,
        filed.report_end as period_end,
        case types.period_type
            when 'quarter' then (filed.report_end - interval '3 months')::date + 1
            when 'instant' then null
            else (filed.report_end - interval '1 year')::date + 1
        end as period_start,
        filed.currency,
        filed.known_from,
        filed.template,
        true as is_foreseen,
        null::text as line
    from {{ ref('int_periods__filed') }} as filed
    cross join (values ('instant'), ('quarter'), ('annual'), ('ttm')) as types (period_type)
    where
        case types.period_type
            when 'quarter' then filed.is_quarterly
            when 'annual' then filed.report_end = filed.year_end
            else true
        end
),

filed_periods as (
    select distinct on (cik, period_type, period_end) *
    from filings
    order by
        cik asc, period_type asc, period_end asc, known_from asc, is_foreseen asc, line asc
),

first_known as (
    select
        cik,
        line,
        period_type,
        period_end,
        min(known_from) as first_known_from
    from cells
    group by cik, line, period_type, period_end
),

owed as (
    select
        filed_periods.cik,
        lines.line,
        filed_periods.period_type,
        filed_periods.period_end,
        lines.nature,
        filed_periods.period_start,
        filed_periods.currency,
        periods.fiscal_quarter,
        lines.is_additive,
        exempted.line is not null as is_exempted,
        filed_periods.known_from,
        coalesce(first_known.first_known_from, 'infinity') as known_to
    from filed_periods
    inner join {{ ref('lines') }} as lines
        on (lines.nature = 'stock') = (filed_periods.period_type = 'instant')
    inner join {{ ref('int_periods__labelled') }} as periods
        on
            filed_periods.cik = periods.cik
            and filed_periods.period_end = periods.period_end
    left join {{ ref('template_exemptions') }} as exempted
        on filed_periods.template = exempted.template and lines.line = exempted.line
    left join first_known
        on
            filed_periods.cik = first_known.cik
            and lines.line = first_known.line
            and filed_periods.period_type = first_known.period_type
            and filed_periods.period_end = first_known.period_end
),

with_reason as (
    select
        owed.*,
        case
            when owed.is_exempted then 'not_applicable'
            when
                not owed.is_additive
                and owed.nature <> 'stock'
                and (
                    owed.period_type = 'ttm'
                    or (owed.period_type = 'quarter' and owed.fiscal_quarter = 4)
                )
                then 'not_additive'
            when
                owed.period_type = 'ttm' and quarter.first_known_from <= owed.known_from
                then 'missing_quarter'
            else 'not_reported'
        end as blank_reason
    from owed
    left join first_known as quarter
        on
            owed.cik = quarter.cik
            and owed.line = quarter.line
            and quarter.period_type = 'quarter'
            and owed.period_end = quarter.period_end
    where owed.known_from < owed.known_to
),

-- What a filing states in another scope alone is not unreported from then on.
with_scope as (
    select
        with_reason.*,
        case
            when with_reason.blank_reason = 'not_reported'
                then least(unread.known_from, with_reason.known_to)
        end as unread_from
    from with_reason
    left join {{ ref('int_facts__unread') }} as unread
        on
            with_reason.cik = unread.cik
            and with_reason.line = unread.line
            and with_reason.period_end = unread.period_end
),

pieces as (
    select
        {{ blank_cell_columns({'known_to': 'coalesce(unread_from, known_to)'}) }}
    from with_scope
    union all
    select
        {{ blank_cell_columns({
            'blank_reason': "'unread_concept'",
            'known_from': 'greatest(unread_from, known_from)',
        }) }}
    from with_scope
    where unread_from < known_to
),

until_answered as (
    select *
    from pieces
    where known_from < known_to
)

select * from until_answered
