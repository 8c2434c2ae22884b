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
    from {{ ref('int_reports__versioned') }} as reports
    where
        length_class <> 'nine_months'
        -- A fiscal year has one end.
        and (
            length_class <> 'annual'
            or exists (
                select 1
                from {{ ref('int_fiscal_years__labelled') }} as years
                where reports.cik = years.cik and reports.period_end = years.year_end
            )
        )
    union all
    select
        {{ cell_columns() }},
        2 as candidate_rank
    from {{ ref('int_cells__differenced') }}
    where period_type <> 'nine_months'
),

-- A half-year is a period of its own only for those who report no quarters.
owed_candidates as (
    select candidates.*
    from candidates
    left join quarterly_filers on candidates.cik = quarterly_filers.cik
    where candidates.period_type <> 'half_year' or quarterly_filers.cik is null
),

-- A cell has at any moment several candidates: the figure as stated (rank 1) and differences of
-- longer figures (rank 2), each with the time in which its filings are the newest word. The
-- timeline is cut wherever a candidate begins or ends, and in each piece the lowest rank that has
-- a value answers; pieces with the same answer are one row. Say a quarter is the difference of two
-- figures from May on, and is stated by a release in August: two rows, derived and then reported.
-- A piece in which all candidates have ended is blank (mixed_vintage), not the older answer.
in_force as (
    {{ best_in_force('owed_candidates', ['cik', 'line', 'period_type', 'period_end']) }}
)

select * from in_force
