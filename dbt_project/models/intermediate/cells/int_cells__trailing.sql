-- Trailing twelve months: the fiscal year at its end, else four discrete quarters without a gap.
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

candidates as (
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
-- has a value, else four quarters; both can be in force for the same twelve months, and the year
-- is what the company says of them.
in_force as (
    {{ best_in_force('candidates', ['cik', 'line', 'period_type', 'period_end']) }}
)

select * from in_force
