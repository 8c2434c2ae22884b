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

-- As in int_cells__base: in each piece of time what the company states or implies answers, and only
-- where that has no value what is computed. A gross profit that is blank because two concepts
-- disagree is computed from revenue and cost until a filing settles it, and reported from then on.
in_force as (
    {{ best_in_force('candidates', ['cik', 'line', 'period_type', 'period_end']) }}
)

select * from in_force
