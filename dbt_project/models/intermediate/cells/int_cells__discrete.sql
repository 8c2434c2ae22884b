-- All cells of discrete periods and instants: stated by the company, else computed.
with candidates as (
    select
        {{ cell_columns() }},
        1 as candidate_rank
    from {{ ref('int_cells__base') }}
    union all
    select
        {{ cell_columns() }},
        2 as candidate_rank
    from {{ ref('int_cells__computed') }}
),

in_force as (
    {{ best_in_force('candidates', ['cik', 'line', 'period_type', 'period_end']) }}
)

select * from in_force
