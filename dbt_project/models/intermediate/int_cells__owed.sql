-- Blank cells for lines that a company owes: its period is filed, the line is not in it.
with cells as (
    select {{ cell_columns() }} from {{ ref('int_cells__discrete') }}
    union all
    select {{ cell_columns() }} from {{ ref('int_cells__trailing') }}
),

-- A period counts as filed from the first filing that states its result or its total assets.
filed_periods as (
    select
        cik,
        period_type,
        period_end,
        min(period_start) as period_start,
        min(currency) as currency,
        min(known_from) as known_from
    from cells
    where line in ('revenue', 'net_income', 'total_assets') and value is not null
    group by cik, period_type, period_end
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
        filed_periods.known_from,
        coalesce(first_known.first_known_from, 'infinity') as known_to
    from filed_periods
    inner join {{ ref('lines') }} as lines
        on (lines.nature = 'stock') = (filed_periods.period_type = 'instant')
    inner join {{ ref('int_periods__labelled') }} as periods
        on
            filed_periods.cik = periods.cik
            and filed_periods.period_end = periods.period_end
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
            when
                not owed.is_additive
                and owed.nature <> 'stock'
                and (
                    owed.period_type = 'ttm'
                    or (owed.period_type = 'quarter' and owed.fiscal_quarter = 4)
                )
                then 'not_additive'
            when owed.period_type = 'ttm' and quarter.line is not null then 'missing_quarter'
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
)

select * from with_reason
