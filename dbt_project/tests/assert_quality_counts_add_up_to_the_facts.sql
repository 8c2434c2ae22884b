-- Coverage counts every due cell once by company and once by line; blanks have one reason each.
with cells as (
    select
        sum(cell_count) filter (where status = 'blank') as blank_count,
        sum(cell_count) filter (where blank_reason not in ('not_due', 'not_applicable'))
            as due_count,
        sum(cell_count) filter (
            where status = 'blank' and blank_reason not in ('not_due', 'not_applicable')
        ) as due_blank_count
    from {{ ref('int_cells__counted') }}
),

quality as (
    select
        check_name,
        scope,
        sum(checked_count) as checked_count,
        sum(failed_count) as failed_count,
        max(failed_count - checked_count) as excess,
        max(abs(passed_pct - (1 - failed_count::numeric / nullif(checked_count, 0)))) as error_pct
    from {{ ref('mart_data_quality') }}
    group by check_name, scope
)

select quality.*
from quality
cross join cells
where
    (quality.check_name = 'coverage' and quality.checked_count <> cells.due_count)
    or (quality.check_name = 'coverage' and quality.failed_count <> cells.due_blank_count)
    or (quality.check_name = 'blank_reason' and quality.failed_count <> cells.blank_count)
    or quality.excess > 0
    or quality.error_pct > 0.000001
