-- Quarters that their year has left: a later filing restated the year, and no filing the quarter.
with cells as (
    select
        cells.cik,
        cells.line,
        cells.period_type,
        cells.period_start,
        cells.period_end,
        cells.currency,
        cells.value,
        cells.known_from,
        cells.known_to,
        lag(cells.value) over (
            partition by cells.cik, cells.line, cells.period_type, cells.period_end
            order by cells.known_from
        ) as former_value
    from {{ ref('int_cells__discrete') }} as cells
    inner join {{ ref('lines') }} as lines on cells.line = lines.line
    where
        lines.is_additive
        and cells.period_type in ('annual', 'quarter')
        and cells.value is not null
),

recasts as (
    select
        cik,
        line,
        period_end,
        known_from as recast_at
    from cells
    where
        period_type = 'annual'
        and {{ do_not_add_up('value', 'former_value') }}
),

-- The quarters of those years, in each of their versions.
quarters as (
    select
        quarters.*,
        years.period_end as year_end,
        years.value as year_value,
        years.known_from as year_from,
        years.known_to as year_to
    from cells as years
    inner join cells as quarters
        on
            years.cik = quarters.cik
            and years.line = quarters.line
            and years.currency = quarters.currency
            and quarters.period_type = 'quarter'
            and quarters.period_start >= years.period_start
            and quarters.period_end <= years.period_end
            and years.known_from < quarters.known_to
            and quarters.known_from < years.known_to
    where
        years.period_type = 'annual'
        and (years.cik, years.line, years.period_end) in (
            select
                cik,
                line,
                period_end
            from recasts
        )
),

-- Nothing changes between these instants.
instants as (
    select distinct
        cik,
        line,
        year_end,
        greatest(known_from, year_from) as at_instant
    from quarters
),

judged as (
    select
        quarters.cik,
        quarters.line,
        quarters.period_end,
        quarters.known_from as version_from,
        instants.at_instant,
        case
            -- Four quarters that make up the year are on its basis, whenever they were stated.
            when
                count(*) over together = 4
                and not ({{ do_not_add_up(
                    'quarters.year_value', 'sum(quarters.value) over together'
                ) }})
                then null
            -- With fewer, one that was restated before its year is taken to be on the new basis.
            when count(*) over together < 4 and quarters.former_value <> quarters.value then null
            else (
                select min(recasts.recast_at)
                from recasts
                where
                    quarters.cik = recasts.cik
                    and quarters.line = recasts.line
                    and quarters.year_end = recasts.period_end
                    and recasts.recast_at > quarters.known_from
                    and recasts.recast_at <= instants.at_instant
            )
        end as recast_at
    from instants
    inner join quarters
        on
            instants.cik = quarters.cik
            and instants.line = quarters.line
            and instants.year_end = quarters.year_end
            and instants.at_instant >= greatest(quarters.known_from, quarters.year_from)
            and instants.at_instant < least(quarters.known_to, quarters.year_to)
    window together as (
        partition by instants.cik, instants.line, instants.year_end, instants.at_instant
    )
),

-- Only instants at which the verdict on a version of a quarter changes.
changed as (
    select
        *,
        lag(recast_at) over quarter_version as recast_before
    from judged
    window quarter_version as (
        partition by cik, line, period_end, version_from
        order by at_instant
    )
),

spells as (
    select
        cik,
        line,
        period_end,
        version_from,
        at_instant as known_from,
        recast_at
    from changed
    where recast_at is distinct from recast_before
)

select * from spells
