-- Every report of a cell in filing order: its value, since when that value holds, and until when
-- no later filing speaks of the cell.
with reports as (
    select
        *,
        lag(value) over cell as previous_value,
        count(*) over cell as report_number
    from {{ ref('int_facts__chosen') }}
    window cell as (
        partition by cik, line, length_class, period_start, period_end
        order by filed_date
    )
),

changes as (
    select
        *,
        -- A repeat in coarser rounding is the same value: the finer one stays in force.
        previous_value is null
        or not (
            value = previous_value
            or (
                abs(value) >= 100000
                and abs(value - previous_value) * 2
                <= power(10::numeric, length(substring(trim_scale(value)::text from '0*$')))
                and length(substring(trim_scale(value)::text from '0*$'))
                > length(substring(trim_scale(previous_value)::text from '0*$'))
            )
        ) as is_change
    from reports
),

versions as (
    select
        *,
        sum(case when is_change then 1 else 0 end) over (
            partition by cik, line, length_class, period_start, period_end
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
        form,
        version_number,
        first_value(value) over version_rows as value,
        first_value(concept) over version_rows as concept,
        first_value(accession) over version_rows as accession,
        first_value(blank_reason) over version_rows as blank_reason,
        first_value(known_from) over version_rows as changed_at,
        known_from as reported_at,
        known_from,
        coalesce(
            lead(known_from) over (
                partition by cik, line, length_class, period_start, period_end
                order by known_from
            ),
            'infinity'
        ) as known_to
    from versions
    window version_rows as (
        partition by cik, line, length_class, period_start, period_end, version_number
        order by filed_date
    )
)

select * from held
