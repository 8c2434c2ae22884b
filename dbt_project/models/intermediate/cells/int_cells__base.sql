-- Reported and differenced cells over time: at each instant the best candidate in force.
with quarterly_filers as (
    select distinct cik
    from {{ ref('int_facts__chosen') }}
    where length_class = 'quarter'
),

candidates as (
    select
        {{ cell_columns({
            'period_type': 'length_class',
            'value': 'case when blank_reason is null then value end',
        }) }},
        1 as candidate_rank
    from {{ ref('int_reports__versioned') }}
    where length_class <> 'nine_months'
    union all
    select
        {{ cell_columns() }},
        2 as candidate_rank
    from {{ ref('int_cells__differenced') }}
),

-- A half-year is a period of its own only for those who report no quarters.
owed_candidates as (
    select candidates.*
    from candidates
    left join quarterly_filers on candidates.cik = quarterly_filers.cik
    where candidates.period_type <> 'half_year' or quarterly_filers.cik is null
),

in_force as (
    {{ best_in_force('owed_candidates', ['cik', 'line', 'period_type', 'period_end']) }}
)

select * from in_force
