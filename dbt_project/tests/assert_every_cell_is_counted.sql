-- What is counted of a company's cells are its cells, each of them once.
with cells as (
    select company_id, count(*) as cell_count
    from {{ ref('fct_financials') }}
    group by company_id
),

counted as (
    select company_id, sum(cell_count) as cell_count
    from {{ ref('int_cells__counted') }}
    group by company_id
)

select
    coalesce(cells.company_id, counted.company_id) as company_id,
    cells.cell_count,
    counted.cell_count as counted
from cells
full outer join counted on cells.company_id = counted.company_id
where cells.cell_count is distinct from counted.cell_count
