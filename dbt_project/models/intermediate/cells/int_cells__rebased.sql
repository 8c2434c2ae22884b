-- Every cell over time, blank ones included, cut where a split becomes known or where its year is
-- recast without it; with the share basis.
with cells as (
    select {{ cell_columns() }} from {{ ref('int_cells__discrete') }}
    union all
    select {{ cell_columns() }} from {{ ref('int_cells__trailing') }}
    union all
    select {{ blank_cell_columns() }} from {{ ref('int_cells__owed') }}
    union all
    select {{ blank_cell_columns() }} from {{ ref('int_cells__awaited') }}
),

splits as (
    select distinct
        cik,
        known_from
    from {{ ref('int_splits__known') }}
),

-- A value keeps the basis of its filing; from each later split on, another factor applies to it.
cuts as (
    select
        cells.cik,
        cells.line,
        cells.period_type,
        cells.period_end,
        cells.known_from,
        splits.known_from as cut_at,
        null::timestamptz as recast_at
    from cells
    inner join splits
        on
            cells.cik = splits.cik
            and cells.nature in ('per_share', 'shares')
            and cells.value is not null
            and splits.known_from > cells.known_from
            and splits.known_from < cells.known_to
    union all
    select
        cik,
        line,
        'quarter' as period_type,
        period_end,
        version_from as known_from,
        known_from as cut_at,
        recast_at
    from {{ ref('int_cells__recast') }}
),

boundaries as (
    select * from cuts
    union
    select
        cik,
        line,
        period_type,
        period_end,
        known_from,
        known_from as cut_at,
        null::timestamptz as recast_at
    from cuts
),

pieces as (
    select
        *,
        lead(cut_at) over (
            partition by cik, line, period_type, period_end, known_from
            order by cut_at
        ) as next_cut_at
    from boundaries
),

cut_cells as (
    select
        {{ cell_columns({
            'cik': 'cells.cik',
            'line': 'cells.line',
            'period_type': 'cells.period_type',
            'period_end': 'cells.period_end',
            'known_from': 'coalesce(pieces.cut_at, cells.known_from)',
            'known_to': 'coalesce(pieces.next_cut_at, cells.known_to)',
        }) }},
        cells.known_from as version_from,
        pieces.recast_at
    from cells
    left join pieces
        on
            cells.cik = pieces.cik
            and cells.line = pieces.line
            and cells.period_type = pieces.period_type
            and cells.period_end = pieces.period_end
            and cells.known_from = pieces.known_from
),

rebased as (
    select
        {{ cell_columns() }},
        (
            select coalesce(round(exp(sum(ln(splits.split_ratio)))::numeric, 6), 1)
            from {{ ref('int_splits__known') }} as splits
            where
                cut_cells.nature in ('per_share', 'shares')
                and cut_cells.cik = splits.cik
                and splits.known_from > cut_cells.version_from
                and splits.known_from <= cut_cells.known_from
        ) as split_factor,
        (recast_at at time zone 'America/New_York')::date as basis_changed_since
    from cut_cells
)

select * from rebased
