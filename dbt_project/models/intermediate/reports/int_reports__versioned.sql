-- Every report of a cell that was taken, in filing order: its value, since when that value holds,
-- and until when no later filing speaks of the cell.
with reports as (
    select
        *,
        lag(value) over cell as previous_value,
        lag(blank_reason) over cell as previous_blank_reason
    from {{ ref('int_reports__examined') }}
    where refused_reason is null
    window cell as (
        partition by cik, line, length_class, period_end
        order by filed_date
    )
),

coarse as (
    select
        *,
        {{ is_rounded_repeat('value', 'previous_value') }} as is_coarse
    from reports
),

runs as (
    select
        *,
        count(*) filter (where not is_coarse) over cell as run_number
    from coarse
    window cell as (
        partition by cik, line, length_class, period_end
        order by filed_date
    )
),

-- The finest word before each report, which a coarser one and one after that repeat.
fine as (
    select
        *,
        first_value(value) over (
            partition by cik, line, length_class, period_end, run_number
            order by filed_date
        ) as fine_value
    from runs
),

repeats as (
    select
        *,
        lag(fine_value) over cell as fine_before,
        is_coarse
        or {{ is_rounded_repeat('value', 'lag(fine_value) over cell') }} as is_rounded_repeat
    from fine
    window cell as (
        partition by cik, line, length_class, period_end
        order by filed_date
    )
),

changes as (
    select
        *,
        previous_value is null
        or (blank_reason is distinct from previous_blank_reason)
        or not (
            value = previous_value
            or is_rounded_repeat
            -- Back from a rounding: never restated.
            or coalesce(lag(is_rounded_repeat) over cell and value = fine_before, false)
        ) as is_change
    from repeats
    window cell as (
        partition by cik, line, length_class, period_end
        order by filed_date
    )
),

versions as (
    select
        *,
        sum(case when is_change then 1 else 0 end) over (
            partition by cik, line, length_class, period_end
            order by filed_date
        ) as version_number
    from changes
),

held as (
    select
        cik,
        line,
        nature,
        length_class,
        period_start,
        period_end,
        currency,
        first_value(form) over version_rows as form,
        version_number,
        first_value(value) over version_rows as value,
        first_value(concept) over version_rows as concept,
        first_value(accession) over version_rows as accession,
        first_value(derivation) over version_rows as derivation,
        first_value(rule) over version_rows as rule,
        first_value(inputs) over version_rows as inputs,
        first_value(blank_reason) over version_rows as blank_reason,
        is_change,
        is_rounded_repeat,
        -- A change of more than rounding moves the basis of what the filing states.
        coalesce(
            is_change
            and version_number > 1
            and abs(value - previous_value) > 0.005 * abs(previous_value),
            false
        ) as is_restated,
        accession as reported_in,
        first_value(known_from) over version_rows as changed_at,
        known_from as reported_at,
        known_from,
        coalesce(
            lead(known_from) over (
                partition by cik, line, length_class, period_end
                order by known_from
            ),
            'infinity'
        ) as known_to
    from versions
    window version_rows as (
        partition by cik, line, length_class, period_end, version_number
        order by filed_date
    )
)

select * from held
