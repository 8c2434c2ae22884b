-- Every cell over time, blank ones included, cut where a split becomes known; with the share basis.
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
pieces as (
    select
        cells.*,
        cells.known_from as piece_from
    from cells
    union all
    select
        cells.*,
        splits.known_from as piece_from
    from cells
    inner join splits
        on
            cells.cik = splits.cik
            and cells.nature in ('per_share', 'shares')
            and cells.value is not null
            and splits.known_from > cells.known_from
            and splits.known_from < cells.known_to
),

rebased as (
    select
        {{ cell_columns({
            'known_from': 'piece_from',
            'known_to': """case
            when nature in ('per_share', 'shares') and value is not null
                then least(known_to, (
                    select min(splits.known_from)
                    from splits
                    where pieces.cik = splits.cik and splits.known_from > pieces.piece_from
                ))
            else known_to
        end""",
        }) }},
        (
            select coalesce(round(exp(sum(ln(splits.split_ratio)))::numeric, 6), 1)
            from {{ ref('int_splits__known') }} as splits
            where
                pieces.nature in ('per_share', 'shares')
                and pieces.cik = splits.cik
                and splits.known_from > pieces.known_from
                and splits.known_from <= pieces.piece_from
        ) as split_factor
    from pieces
)

select * from rebased
