-- Blank cells of periods that have ended and are not filed: not due yet, or overdue.
with expected as (
    select * from {{ ref('int_periods__expected') }}
),

phases as (
    select
        expected.*,
        'not_due' as blank_reason,
        expected.known_from as phase_from,
        -- A due day to come is no news yet.
        case
            when expected.due_at > {{ end_of_day(as_of()) }} then expected.known_to
            else least(expected.due_at, expected.known_to)
        end as phase_to
    from expected
    union all
    select
        expected.*,
        case
            when unreachable.cik is not null and expected.known_to = 'infinity'
                then 'source_down'
            else 'not_filed'
        end as blank_reason,
        greatest(expected.due_at, expected.known_from) as phase_from,
        expected.known_to as phase_to
    from expected
    left join {{ ref('int_companies__unreachable') }} as unreachable
        on expected.cik = unreachable.cik
    where expected.due_at <= {{ end_of_day(as_of()) }}
),

period_types as (
    select
        *,
        'instant' as period_type,
        null::date as type_start
    from phases
    union all
    select
        *,
        'quarter' as period_type,
        period_start as type_start
    from phases
    where is_quarterly
    union all
    select
        *,
        'annual' as period_type,
        (period_end - interval '1 year')::date + 1 as type_start
    from phases
    where is_year_end
    union all
    select
        *,
        'ttm' as period_type,
        (period_end - interval '1 year')::date + 1 as type_start
    from phases
),

known_cells as (
    select
        cik,
        line,
        period_type,
        period_end,
        min(known_from) as first_known_from
    from (
        select
            cik,
            line,
            period_type,
            period_end,
            known_from
        from {{ ref('int_cells__discrete') }}
        union all
        select
            cik,
            line,
            period_type,
            period_end,
            known_from
        from {{ ref('int_cells__trailing') }}
        union all
        select
            cik,
            line,
            period_type,
            period_end,
            known_from
        from {{ ref('int_cells__owed') }}
    ) as cells
    group by cik, line, period_type, period_end
),

awaited as (
    select
        period_types.cik,
        lines.line,
        lines.nature,
        period_types.period_type,
        period_types.type_start as period_start,
        period_types.period_end,
        period_types.currency,
        period_types.blank_reason,
        period_types.phase_from as known_from,
        least(period_types.phase_to, coalesce(known_cells.first_known_from, 'infinity'))
            as known_to
    from period_types
    inner join {{ ref('lines') }} as lines
        on (lines.nature = 'stock') = (period_types.period_type = 'instant')
    left join {{ ref('template_exemptions') }} as exempted
        on period_types.template = exempted.template and lines.line = exempted.line
    left join known_cells
        on
            period_types.cik = known_cells.cik
            and lines.line = known_cells.line
            and period_types.period_type = known_cells.period_type
            and period_types.period_end = known_cells.period_end
    where exempted.line is null
),

-- A filing in between that does not bring the period changes nothing.
marked as (
    select
        *,
        coalesce(
            known_from = lag(known_to) over cell and blank_reason = lag(blank_reason) over cell,
            false
        ) as is_continued
    from awaited
    where known_from < known_to
    window cell as (partition by cik, line, period_type, period_end order by known_from)
),

numbered as (
    select
        *,
        count(*) filter (where not is_continued) over (
            partition by cik, line, period_type, period_end order by known_from
        ) as phase_number
    from marked
),

merged as (
    select
        cik,
        line,
        nature,
        period_type,
        min(period_start) as period_start,
        period_end,
        min(currency) as currency,
        blank_reason,
        min(known_from) as known_from,
        max(known_to) as known_to
    from numbered
    group by cik, line, nature, period_type, period_end, blank_reason, phase_number
)

select * from merged
