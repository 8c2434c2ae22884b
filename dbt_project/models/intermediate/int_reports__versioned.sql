-- Every report of a cell in filing order: its value, since when that value holds, and until when
-- no later filing speaks of the cell.
with chosen as (
    select *
    from {{ ref('int_facts__chosen') }}
),

-- What the same filing's longer period, less the rest of it, says of a cell.
implied as (
    select
        cell.cik,
        cell.line,
        cell.accession,
        cell.length_class,
        cell.period_start,
        cell.period_end,
        min(longer.value - rest.value) as implied_value,
        max(longer.value - rest.value) as other_implied_value
    from chosen as cell
    inner join {{ ref('lines') }} as lines on cell.line = lines.line and lines.is_additive
    inner join chosen as longer
        on
            cell.accession = longer.accession
            and cell.line = longer.line
            and cell.period_start = longer.period_start
            and cell.period_end < longer.period_end
    inner join chosen as rest
        on
            cell.accession = rest.accession
            and cell.line = rest.line
            and cell.period_end + 1 = rest.period_start
            and longer.period_end = rest.period_end
    group by
        cell.cik, cell.line, cell.accession, cell.length_class, cell.period_start,
        cell.period_end
),

examined as (
    select
        chosen.*,
        implied.implied_value,
        lag(chosen.value) over cell as reported_before,
        -- An amendment may repeat the slip; what was reported first still stands against it.
        first_value(chosen.value) over (
            cell rows between unbounded preceding and 1 preceding
        ) as reported_first,
        coalesce(
            bool_or(not chosen.is_secondary) over (
                cell rows between unbounded preceding and 1 preceding
            ),
            false
        ) as has_face_value
    from chosen
    left join implied
        on
            chosen.cik = implied.cik
            and chosen.line = implied.line
            and chosen.accession = implied.accession
            and chosen.length_class = implied.length_class
            and chosen.period_start = implied.period_start
            and chosen.period_end = implied.period_end
            and implied.implied_value = implied.other_implied_value
    window cell as (
        partition by
            chosen.cik, chosen.line, chosen.length_class, chosen.period_start,
            chosen.period_end
        order by chosen.filed_date
    )
),

reports as (
    select
        *,
        lag(value) over cell as previous_value,
        lag(blank_reason) over cell as previous_blank_reason
    from examined
    where
        -- A side concept, where the filing has a better one for this line, restates nothing.
        not (is_secondary and has_face_value)
        -- A change that the filing's own longer period refutes, and that period bears out what
        -- was reported before, is the filer's slip.
        and not coalesce(
            abs(value - implied_value) > 0.01 * abs(implied_value)
            and least(
                abs(reported_before - implied_value), abs(reported_first - implied_value)
            ) <= 0.01 * abs(implied_value),
            false
        )
    window cell as (
        partition by cik, line, length_class, period_start, period_end
        order by filed_date
    )
),

repeats as (
    select
        *,
        -- A repeat in coarser rounding is the same value: the finer one stays in force.
        coalesce(
            abs(value) >= 100000
            and abs(value - previous_value) * 2
            <= power(10::numeric, length(substring(trim_scale(value)::text from '0*$')))
            and length(substring(trim_scale(value)::text from '0*$'))
            > length(substring(trim_scale(previous_value)::text from '0*$')),
            false
        ) as is_rounded_repeat,
        lag(value, 2) over cell as value_before_previous
    from reports
    window cell as (
        partition by cik, line, length_class, period_start, period_end
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
            or coalesce(
                lag(is_rounded_repeat) over cell and value = value_before_previous, false
            )
        ) as is_change
    from repeats
    window cell as (
        partition by cik, line, length_class, period_start, period_end
        order by filed_date
    )
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
