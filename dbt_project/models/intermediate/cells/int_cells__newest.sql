-- The newest known vintage of every cell.
with newest as (
    select *
    from {{ ref('int_cells__labelled') }}
    where known_to is null
)

select * from newest
