-- Trailing twelve months: the fiscal year at its end, else four discrete quarters without a gap,
-- else the rest of the last year and the year to date.
with quarters as (
    select
        cells.*,
        case when recasting.accession is not null then cells.known_from end as recast_at,
        case when recasting.accession is null then cells.known_from end as stated_at
    from {{ ref('int_cells__discrete') }} as cells
    inner join {{ ref('lines') }} as lines on cells.line = lines.line
    left join {{ ref('int_filings__recasting') }} as recasting
        on
            cells.cik = recasting.cik
            and cells.line = recasting.line
            and cells.accession = recasting.accession
    where cells.period_type = 'quarter' and lines.is_additive
),

summed as (
    select
        last_quarter.cik,
        last_quarter.line,
        last_quarter.nature,
        'ttm' as period_type,
        first_quarter.period_start,
        last_quarter.period_end,
        last_quarter.currency,
        null::text as concept,
        last_quarter.accession,
        last_quarter.value + third_quarter.value + second_quarter.value + first_quarter.value
            as total,
        'derived' as derivation,
        'four_quarters' as rule,
        last_quarter.inputs || third_quarter.inputs || second_quarter.inputs
        || first_quarter.inputs as inputs,
        coalesce(
            last_quarter.blank_reason,
            third_quarter.blank_reason,
            second_quarter.blank_reason,
            first_quarter.blank_reason,
            -- A quarter of a new basis beside one that was stated before and not restated since.
            case
                when
                    greatest(
                        last_quarter.recast_at, third_quarter.recast_at,
                        second_quarter.recast_at, first_quarter.recast_at
                    ) > least(
                        last_quarter.stated_at, third_quarter.stated_at,
                        second_quarter.stated_at, first_quarter.stated_at
                    )
                    then 'mixed_vintage'
            end
        ) as blank_reason,
        greatest(
            last_quarter.known_from,
            third_quarter.known_from,
            second_quarter.known_from,
            first_quarter.known_from
        ) as known_from,
        least(
            last_quarter.known_to,
            third_quarter.known_to,
            second_quarter.known_to,
            first_quarter.known_to
        ) as known_to
    from quarters as last_quarter
    {% for this, next in [
        ('third_quarter', 'last_quarter'),
        ('second_quarter', 'third_quarter'),
        ('first_quarter', 'second_quarter'),
    ] -%}
    inner join quarters as {{ this }}
        on
            {{ this }}.cik = {{ next }}.cik
            and {{ this }}.line = {{ next }}.line
            and {{ this }}.period_end = {{ next }}.period_start - 1
            and {{ this }}.currency = {{ next }}.currency
    {% endfor %}
),

recasting as (
    select * from {{ ref('int_filings__recasting') }}
),

-- A year less its first months, where those months are of the fiscal year.
rests as (
    select
        cells.*,
        case when recasting.accession is not null then cells.known_from end as recast_at,
        case when recasting.accession is null then cells.known_from end as stated_at
    from {{ ref('int_cells__differenced') }} as cells
    inner join {{ ref('int_fiscal_years__labelled') }} as years
        on cells.cik = years.cik and cells.period_end = years.year_end
    left join recasting
        on
            cells.cik = recasting.cik
            and cells.line = recasting.line
            and cells.accession = recasting.accession
),

years_to_date as (
    select
        reports.*,
        case when recasting.accession is not null then reports.known_from end as recast_at,
        case when recasting.accession is null then reports.known_from end as stated_at
    from {{ ref('int_reports__versioned') }} as reports
    inner join {{ ref('lines') }} as lines on reports.line = lines.line and lines.is_additive
    left join recasting
        on
            reports.cik = recasting.cik
            and reports.line = recasting.line
            and reports.accession = recasting.accession
),

joined as (
    select
        to_date.cik,
        to_date.line,
        to_date.nature,
        'ttm' as period_type,
        rests.period_start,
        to_date.period_end,
        to_date.currency,
        null::text as concept,
        to_date.accession,
        rests.value + to_date.value as total,
        'derived' as derivation,
        'year_and_year_to_date' as rule,
        rests.inputs || to_date.inputs as inputs,
        coalesce(
            to_date.blank_reason,
            rests.blank_reason,
            case
                when
                    greatest(to_date.recast_at, rests.recast_at)
                    > least(to_date.stated_at, rests.stated_at)
                    then 'mixed_vintage'
            end
        ) as blank_reason,
        greatest(to_date.known_from, rests.known_from) as known_from,
        least(to_date.known_to, rests.known_to) as known_to
    from years_to_date as to_date
    inner join rests
        on
            to_date.cik = rests.cik
            and to_date.line = rests.line
            and to_date.period_start = rests.period_end + 1
            and to_date.currency = rests.currency
            and to_date.period_end - rests.period_start between 349 and 379
),

candidates as (
    select
        {{ cell_columns({'value': 'case when blank_reason is null then total end'}) }},
        3 as candidate_rank
    from joined
    where known_from < known_to
    union all
    select
        {{ cell_columns({'value': 'case when blank_reason is null then total end'}) }},
        2 as candidate_rank
    from summed
    where known_from < known_to
    union all
    select
        {{ cell_columns({'period_type': "'ttm'", 'rule': "'fiscal_year'"}) }},
        1 as candidate_rank
    from {{ ref('int_cells__discrete') }}
    where period_type = 'annual'
),

-- As in int_cells__base: at a year-end the year itself answers in each piece of time in which it
-- has a value, else four quarters, else the year with what it lacks; several can be in force for
-- the same twelve months, and the year is what the company says of them.
in_force as (
    {{ best_in_force('candidates', ['cik', 'line', 'period_type', 'period_end']) }}
)

select * from in_force
