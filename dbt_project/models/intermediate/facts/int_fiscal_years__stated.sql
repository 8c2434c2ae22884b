-- The fiscal years that annual reports state: their own, and those before it that end on its day of
-- the year. Twelve months that end elsewhere are no fiscal year, whoever states them.
with years as (
    select
        facts.cik,
        facts.accession,
        facts.filed_date,
        facts.period_end as year_end,
        min(facts.fy) as fy,
        count(distinct facts.concept) as concept_count
    from {{ ref('stg_sec__facts') }} as facts
    inner join {{ ref('statement_forms') }} as forms on facts.form = forms.form
    where
        forms.is_annual
        and facts.period_days between 350 and 380
        and facts.period_end <= facts.filed_date
    group by facts.cik, facts.accession, facts.filed_date, facts.period_end
),

-- A few facts of a later day are no statement of a year.
with_most as (
    select
        *,
        max(concept_count) over (partition by cik, accession) as most_concepts
    from years
),

with_own as (
    select
        *,
        max(year_end) filter (where concept_count * 5 >= most_concepts)
            over (partition by cik, accession) as own_year_end
    from with_most
),

stated as (
    select
        cik,
        accession,
        filed_date,
        year_end,
        fy,
        year_end = own_year_end as is_own
    from with_own
    where
        year_end <= own_year_end
        -- A year of 52 or 53 weeks ends within days of where a calendar year would.
        and abs(
            own_year_end - year_end
            - round(365.25 * round((own_year_end - year_end) / 365.25))
        ) <= 10
)

select * from stated
